/** The selection of a list, as its page keeps it. */
import { useState } from 'preact/hooks';
import { extendedTo, NOTHING_SELECTED, stepped, toggled } from './selected.ts';

/** A selection over rows in the order in which they are shown. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  readonly toggle: (id: number) => void;
  readonly extendTo: (id: number) => void;
  readonly step: (step: { readonly from: number; readonly to: number }) => void;
  readonly set: (ids: readonly number[]) => void;
}

/** @param order the ids of the rows, from top to bottom */
export function useSelection(order: readonly number[]): Selection {
  const [selected, setSelected] = useState(NOTHING_SELECTED);
  return {
    ids: selected.ids,
    toggle: (id) => setSelected((it) => toggled(it, id)),
    extendTo: (id) => setSelected((it) => extendedTo(it, order, id)),
    step: (step) => setSelected((it) => stepped(it, order, step)),
    set: (ids) => setSelected({ ...NOTHING_SELECTED, ids: new Set(ids) }),
  };
}
