/** The title of the browser's tab. */
import { useEffect } from 'preact/hooks';
import { strings } from '../strings/strings.ts';

/** Sets the tab's title while a component is mounted. */
export function useTitle(title: string): void {
  const { appName } = strings.value;
  useEffect(() => {
    document.title = title === '' ? appName : `${title} – ${appName}`;
    return () => {
      document.title = appName;
    };
  }, [title, appName]);
}
