/** Which rows of a list are selected: one by one or in ranges, by mouse or keyboard. */
import { useState } from 'preact/hooks';

/** The selected rows, and the range that grows and shrinks while Shift is held. */
export interface SelectionState {
  readonly ids: ReadonlySet<number>;
  /** Where the range starts, and where it ends now. */
  readonly anchor: number | undefined;
  readonly head: number | undefined;
  /** What is selected outside the range. */
  readonly outside: ReadonlySet<number>;
}

export const NOTHING_SELECTED: SelectionState = {
  ids: new Set(),
  anchor: undefined,
  head: undefined,
  outside: new Set(),
};

/** Selects a row, or deselects it. A range can start there. */
export function toggle({ ids }: SelectionState, id: number): SelectionState {
  const outside = new Set(ids);
  outside.delete(id);
  const next = ids.has(id) ? outside : new Set([...outside, id]);
  return { ids: next, anchor: id, head: id, outside };
}

/**
 * Selects the rows from the start of the range to this one; a range that went further shrinks.
 * @param order the ids of the rows, from top to bottom
 */
export function extendTo(
  state: SelectionState,
  order: readonly number[],
  id: number,
): SelectionState {
  const { outside } = state;
  const isAnchored = state.anchor !== undefined && order.includes(state.anchor);
  const anchor = isAnchored ? state.anchor : id;
  const indexes = [order.indexOf(anchor ?? id), order.indexOf(id)];
  const range = order.slice(Math.min(...indexes), Math.max(...indexes) + 1);
  return { ids: new Set([...outside, ...range]), anchor, head: id, outside };
}

/**
 * Moves by one row with Shift held: extends the range if the move starts at its end, else starts a
 * new range at the row that is left.
 */
export function extendByStep(
  state: SelectionState,
  order: readonly number[],
  step: { readonly from: number; readonly to: number },
): SelectionState {
  const isAtHead = state.head === step.from;
  const newRange = { ...state, anchor: step.from, outside: state.ids };
  return extendTo(isAtHead ? state : newRange, order, step.to);
}

/** A selection over rows in the order in which they are shown. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  readonly toggle: (id: number) => void;
  readonly extendTo: (id: number) => void;
  readonly extendByStep: (step: { readonly from: number; readonly to: number }) => void;
  readonly set: (ids: readonly number[]) => void;
}

/** @param order the ids of the rows, from top to bottom */
export function useSelection(order: readonly number[]): Selection {
  const [state, setState] = useState(NOTHING_SELECTED);
  return {
    ids: state.ids,
    toggle: (id) => setState((it) => toggle(it, id)),
    extendTo: (id) => setState((it) => extendTo(it, order, id)),
    extendByStep: (step) => setState((it) => extendByStep(it, order, step)),
    set: (ids) => setState({ ...NOTHING_SELECTED, ids: new Set(ids) }),
  };
}
