/** Paging by reading one row more than a page shows: the extra row tells whether more follow. */

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The last item, behind which the next page begins; undefined on the last page. */
  readonly last: Item | undefined;
}

/** How many rows to read for a page. */
export function rowsForPage(limit: number): number {
  return limit + 1;
}

/**
 * Cuts rows to a page.
 * @param found up to `rowsForPage(limit)` rows
 */
export function pageOf<Item>(found: readonly Item[], limit: number): Page<Item> {
  const items = found.slice(0, limit);
  return { items, last: found.length > limit ? items.at(-1) : undefined };
}
