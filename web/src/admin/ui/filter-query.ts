/** What the filters of a page ask the server for. */

/**
 * The query for the API: the filters that are set, with days as moments. The last day counts to
 * its end.
 * @param address the query of the page
 * @param zone `Z` for days in UTC, nothing for days in the reader's time zone
 */
export function apiQuery(
  address: URLSearchParams,
  names: readonly string[],
  zone: 'Z' | '',
): URLSearchParams {
  const result = new URLSearchParams();
  for (const name of names) {
    const value = address.get(name) ?? '';
    if (value !== '') result.set(name, momentOf(name, value, zone));
  }
  return result;
}

/** How many of these filters are set. */
export function countSet(address: URLSearchParams, names: readonly string[]): number {
  return names.filter((name) => (address.get(name) ?? '') !== '').length;
}

function momentOf(name: string, value: string, zone: string): string {
  if (name !== 'from' && name !== 'to') return value;
  const time = name === 'from' ? '00:00:00' : '23:59:59.999';
  const moment = new Date(`${value}T${time}${zone}`);
  // The server explains what is wrong with a day that is none.
  return Number.isNaN(moment.getTime()) ? value : moment.toISOString();
}
