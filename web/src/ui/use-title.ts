/** The title of the browser's tab. */
import { useEffect } from 'preact/hooks';
import { generating } from '../state/generating-chats.ts';
import { strings } from '../strings/strings.ts';

/** Sets the tab's title while a component is mounted. */
export function useTitle(title: string): void {
  const { appName } = strings.value;
  // While an answer comes, also of another chat, so that its tab says so.
  const busy = generating.value.size > 0 ? '● ' : '';
  useEffect(() => {
    document.title = busy + (title === '' ? appName : `${title} – ${appName}`);
    return () => {
      document.title = appName;
    };
  }, [title, appName, busy]);
}
