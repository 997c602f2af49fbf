/** Which page is shown: the path and the query of the address bar, as signals. */
import { signal } from '@preact/signals';
import { ownPath, PREFIX } from './site-address.ts';

/** The path that is shown, within the site. */
export const path = signal(shownPath());
/** The query of the address. */
export const query = signal(new URLSearchParams(location.search));
/** Counts how often the current page was requested again. */
export const arrivals = signal(0);

/** Opens another page of the site, as an entry of the browser's history. */
export function go(to: string, options: { readonly replaces?: boolean } = {}): void {
  if (to === shownPath() + location.search + location.hash) {
    arrivals.value += 1;
    return;
  }
  if (options.replaces) history.replaceState(null, '', PREFIX + to);
  else history.pushState(null, '', PREFIX + to);
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
  go(text === '' ? shownPath() : `${shownPath()}?${text}`, { replaces: true });
}

/** Makes links within the site change the path without reloading. */
export function followLinks(): void {
  window.addEventListener('popstate', readAddress);
  document.addEventListener('click', (event) => {
    const { defaultPrevented, button, metaKey, ctrlKey, shiftKey, altKey, target } = event;
    if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const link = (target as Element).closest('a');
    if (!link || link.target || link.hasAttribute('download')) return;
    const to = link.origin === location.origin ? ownPath(link.pathname) : undefined;
    if (to === undefined || /^\/(api|docs)\//.test(to)) return;
    // The panel and the chat are separate pages.
    if (isOfPanel(to) !== isOfPanel(shownPath())) return;
    event.preventDefault();
    go(to + link.search + link.hash);
  });
}

function readAddress(): void {
  path.value = shownPath();
  query.value = new URLSearchParams(location.search);
}

function shownPath(): string {
  return ownPath(location.pathname) ?? location.pathname;
}

function isOfPanel(pathname: string): boolean {
  return /^\/admin(\/|$)/.test(pathname);
}
