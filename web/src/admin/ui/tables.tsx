/** Parts of tables. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { number } from '../../strings/strings.ts';
import { words } from '../words/words.ts';

/** More rows would only make the page slow. */
const MAX_ROWS_SHOWN = 200;

/**
 * The frame of a table. The page scrolls under the table's sticky head; only a table that is too
 * wide scrolls sideways in its frame, also by keyboard.
 */
export function TableFrame({ name, children }: { name: string; children: ComponentChildren }) {
  const frame = useRef<HTMLElement>(null);
  const [isTooWide, setTooWide] = useState(false);
  useEffect(() => {
    const element = frame.current;
    const table = element?.firstElementChild;
    if (!element || !table) return;
    const measure = () => setTooWide(table.scrollWidth > element.clientWidth);
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    resized.observe(table);
    return () => resized.disconnect();
  }, []);
  return (
    <section
      ref={frame}
      class={isTooWide ? 'table-frame scrolls' : 'table-frame'}
      aria-label={name}
      // Focusable only while it scrolls, so that it can be scrolled by keyboard.
      tabIndex={isTooWide ? 0 : undefined}
    >
      {children}
    </section>
  );
}

/** The first rows of a long list, and below the table the button that shows all of them. */
export function useFirstRows<Row>(rows: readonly Row[]) {
  const [shown, setShown] = useState(MAX_ROWS_SHOWN);
  const showAll = rows.length > shown && (
    <button type="button" class="more" onClick={() => setShown(rows.length)}>
      {words.value.showAll(number(rows.length))}
    </button>
  );
  return { first: rows.slice(0, shown), showAll };
}

/** Column headings. */
export function Headings({
  names,
  isNumber = false,
}: {
  names: readonly string[];
  isNumber?: boolean;
}) {
  return (
    <>
      {names.map((name) => (
        <th key={name} class={isNumber ? 'number' : undefined}>
          {name}
        </th>
      ))}
    </>
  );
}
