/** The page as an app: its service worker, and what that says to it. Loaded once all else is. */
import { go } from '../state/router.ts';
import { PREFIX } from '../state/site-address.ts';
import { notifyOfReplies } from './notify.ts';

/**
 * Registers the service worker of a page that has a manifest, and removes it from one that has none
 * any more. Browsers have none where the connection is not secure.
 */
export async function keepShell(): Promise<void> {
  notifyOfReplies();
  const { serviceWorker: workers } = navigator;
  if (!workers) return;
  const scope = new URL(`${PREFIX}/`, location.href).href;
  if (!document.querySelector('link[rel="manifest"]')) {
    const registration = await workers.getRegistration(scope);
    if (registration?.scope === scope) await registration.unregister();
    await caches.delete(`chit-shell ${scope}`);
    return;
  }
  workers.addEventListener(
    'message',
    ({ data }: MessageEvent<{ kind?: string; path?: string }>) => {
      if (data.kind === 'open_chat' && data.path) go(`/${data.path}`);
    },
  );
  await workers.register(`${PREFIX}/sw.js`, { scope, updateViaCache: 'none' });
}
