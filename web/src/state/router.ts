/** Which page is shown: the path and the query of the address bar, as signals. */
import { signal } from '@preact/signals';

/** The path that is shown. */
export const path = signal(location.pathname);
/** The query of the address. */
export const query = signal(new URLSearchParams(location.search));
/** Counts how often the current page was requested again. */
export const arrivals = signal(0);

/** Opens another page, as an entry of the browser's history. */
export function go(to: string, options: { readonly replaces?: boolean } = {}): void {
  if (to === location.pathname + location.search + location.hash) {
    arrivals.value += 1;
    return;
  }
  if (options.replaces) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  readAddress();
}

/** Shows the same page with another query; empty values are left out. */
export function setQuery(changes: Readonly<Record<string, string>>): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  go(text === '' ? location.pathname : `${location.pathname}?${text}`, { replaces: true });
}

/** Makes links within the site change the path without reloading. */
export function followLinks(): void {
  window.addEventListener('popstate', readAddress);
  document.addEventListener('click', (event) => {
    const { defaultPrevented, button, metaKey, ctrlKey, shiftKey, altKey, target } = event;
    if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const link = (target as Element).closest('a');
    if (!link || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || /^\/(api|docs)\//.test(link.pathname)) return;
    // The panel and the chat are separate pages.
    if (isOfPanel(link.pathname) !== isOfPanel(location.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
}

function readAddress(): void {
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
}

function isOfPanel(pathname: string): boolean {
  return /^\/admin(\/|$)/.test(pathname);
}
