/** Which rows of a list are selected, by clicks and by keys, one by one and in ranges. */
import { useRef, useState } from 'preact/hooks';

/** A selection over rows in the order in which they are shown. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  /** Selects a row or not; with Shift all from the one before to this one. */
  readonly toggle: (id: number, isRange: boolean) => void;
  readonly set: (ids: readonly number[]) => void;
}

/** @param order the ids of the rows, from top to bottom */
export function useSelection(order: readonly number[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const anchor = useRef<number>(undefined);
  const toggle = (id: number, isRange: boolean) => {
    const next = new Set(ids);
    const isOn = !ids.has(id);
    for (const it of isRange ? between(order, anchor.current ?? id, id) : [id]) {
      if (isOn || isRange) next.add(it);
      else next.delete(it);
    }
    anchor.current = id;
    setIds(next);
  };
  const set = (wanted: readonly number[]) => {
    anchor.current = undefined;
    setIds(new Set(wanted));
  };
  return { ids, toggle, set };
}

function between(order: readonly number[], a: number, b: number): readonly number[] {
  const places = [order.indexOf(a), order.indexOf(b)];
  const [from, to] = [Math.min(...places), Math.max(...places)];
  return from < 0 ? [b] : order.slice(from, to + 1);
}
