import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isComposing } from './keyboard.ts';

/** Elements with this attribute are moved between; what belongs to one is in the same `<li>`. */
const STEP = '[data-rove]';

/**
 * Makes a long list one stop for the Tab key: the arrow keys, Home and End move between its
 * entries, and only the one that had the focus last, with the buttons beside it, is reached by Tab.
 * @param preferred the selector of the entry that is reached while none has had the focus
 */
export function useRoving(list: RefObject<HTMLElement | null>, preferred: string): void {
  const last = useRef<Element | null>(null);
  // After each time that it is drawn: entries come and go.
  useLayoutEffect(() => {
    const { current: element } = list;
    if (!element) return undefined;
    const setStop = (entry: Element | null) => {
      last.current = entry;
      for (const it of element.querySelectorAll<HTMLElement>(STEP)) {
        const isStop = it === entry;
        for (const part of partsOf(it)) part.tabIndex = isStop ? 0 : -1;
      }
    };
    const kept = last.current && element.contains(last.current) ? last.current : null;
    setStop(kept ?? element.querySelector(`${STEP}${preferred}`) ?? element.querySelector(STEP));
    const onFocusIn = ({ target }: FocusEvent) => {
      const entry = (target as Element).closest('li')?.querySelector(STEP) ?? null;
      if (entry && entry !== last.current) setStop(entry);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (!(target instanceof HTMLElement) || isComposing(event)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const entry = target.closest('li')?.querySelector<HTMLElement>(STEP);
      if (!entry || target.matches('input, textarea, select, [aria-haspopup]')) return;
      const entries = [...element.querySelectorAll<HTMLElement>(STEP)];
      const to = destination(key, entries.indexOf(entry), entries.length);
      if (to === undefined) return;
      event.preventDefault();
      entries[to]?.focus();
    };
    element.addEventListener('focusin', onFocusIn);
    element.addEventListener('keydown', onKeyDown);
    return () => {
      element.removeEventListener('focusin', onFocusIn);
      element.removeEventListener('keydown', onKeyDown);
    };
  });
}

/** An entry and the buttons beside it. */
function partsOf(entry: HTMLElement): HTMLElement[] {
  const buttons = entry.closest('li')?.querySelectorAll<HTMLElement>(':scope > button') ?? [];
  return [entry, ...buttons];
}

function destination(key: string, at: number, count: number): number | undefined {
  if (key === 'ArrowDown') return Math.min(at + 1, count - 1);
  if (key === 'ArrowUp') return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}
