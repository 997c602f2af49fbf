/**
 * Where the site is. The server writes it into the page if `CHIT_PUBLIC_URL` says it; otherwise the
 * site is at the root of the host in the address bar.
 */
const { prefix = '', address } = globalThis.document?.documentElement.dataset ?? {};

/** The path in front of all paths of the site, such as `/chat`; empty at the root of a host. */
export const PREFIX = prefix;

/** The path within the site of a path of its host; undefined if that is outside the site. */
export function ownPath(pathname: string): string | undefined {
  if (PREFIX === '') return pathname;
  if (pathname === PREFIX) return '/';
  return pathname.startsWith(`${PREFIX}/`) ? pathname.slice(PREFIX.length) : undefined;
}

/** The address of a page of the site, for other people: the public one, if it is known. */
export function siteUrl(path: string): string {
  return (address || location.origin + PREFIX) + path;
}
