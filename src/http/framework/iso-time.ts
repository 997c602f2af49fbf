/** A time as RFC 3339 text in UTC; null if there is none. */
export function isoTime<T extends number | undefined>(atMs: T): T extends number ? string : null {
  type Text = T extends number ? string : null;
  return (atMs === undefined ? null : new Date(atMs).toISOString()) as Text;
}
