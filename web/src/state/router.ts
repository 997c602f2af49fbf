/** Which page is shown: the path of the address bar, as a signal. */
import { signal } from '@preact/signals';

/** The path that is shown. */
export const path = signal(location.pathname);

/** Shows another page; the browser's back button leads back. */
export function go(to: string, options: { readonly replaces?: boolean } = {}): void {
  if (to === location.pathname + location.hash) return;
  if (options.replaces) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  path.value = location.pathname;
}

/** Lets links within the page change the path without loading it anew. */
export function followLinks(): void {
  window.addEventListener('popstate', () => {
    path.value = location.pathname;
  });
  document.addEventListener('click', (event) => {
    const { defaultPrevented, button, metaKey, ctrlKey, shiftKey, altKey, target } = event;
    if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const link = (target as Element).closest('a');
    if (!link || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || /^\/(api|docs)\//.test(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.hash);
  });
}
