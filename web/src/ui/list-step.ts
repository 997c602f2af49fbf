/**
 * Where a key leads in a list of options whose field has the keyboard (WAI-ARIA combobox): arrows
 * go round, the page keys to the ends.
 * @param at the index of the active option
 * @param last that of the last one
 * @returns the index of the next one; undefined for other keys
 */
export function stepInList(key: string, at: number, last: number): number | undefined {
  const to: Record<string, number> = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at === 0 ? last : at - 1,
    PageDown: last,
    PageUp: 0,
  };
  return to[key];
}
