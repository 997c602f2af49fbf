/** What the browser's tab and its history say of the page that is shown. */
import { useEffect } from 'preact/hooks';
import { strings } from '../strings/strings.ts';

/** Names the tab after what is shown, as long as it is shown. */
export function useTitle(title: string): void {
  const { appName } = strings.value;
  useEffect(() => {
    document.title = title === '' ? appName : `${title} – ${appName}`;
    return () => {
      document.title = appName;
    };
  }, [title, appName]);
}
