/** Which rows of a list are selected, by clicks and by keys, one by one and in ranges. */

/** What is selected, and the range that grows and shrinks while Shift is held. */
export interface Selected {
  readonly ids: ReadonlySet<number>;
  /** Where the range begins, and where it ends now. */
  readonly anchor: number | undefined;
  readonly head: number | undefined;
  /** What is selected besides the range. */
  readonly besides: ReadonlySet<number>;
}

export const NOTHING_SELECTED: Selected = {
  ids: new Set(),
  anchor: undefined,
  head: undefined,
  besides: new Set(),
};

/** Selects a row, or takes it out if it was selected. A range can begin there. */
export function toggled({ ids }: Selected, id: number): Selected {
  const besides = new Set(ids);
  besides.delete(id);
  const next = ids.has(id) ? besides : new Set([...besides, id]);
  return { ids: next, anchor: id, head: id, besides };
}

/**
 * Selects all rows from where the range began to this one, and no more of it: a range that went
 * further before becomes smaller.
 * @param order the ids of the rows, from top to bottom
 */
export function extendedTo(selected: Selected, order: readonly number[], id: number): Selected {
  const { besides } = selected;
  const isAnchored = selected.anchor !== undefined && order.includes(selected.anchor);
  const anchor = isAnchored ? selected.anchor : id;
  const places = [order.indexOf(anchor ?? id), order.indexOf(id)];
  const range = order.slice(Math.min(...places), Math.max(...places) + 1);
  return { ids: new Set([...besides, ...range]), anchor, head: id, besides };
}

/**
 * Goes a step with Shift held: from where the range ends, or else a new range begins at the row
 * that the step leaves.
 */
export function stepped(
  selected: Selected,
  order: readonly number[],
  step: { readonly from: number; readonly to: number },
): Selected {
  const isAtHead = selected.head === step.from;
  const begun = { ...selected, anchor: step.from, besides: selected.ids };
  return extendedTo(isAtHead ? selected : begun, order, step.to);
}
