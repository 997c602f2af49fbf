/** Parts of tables. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Where a table stands. The page scrolls, with the head of the table at its top; only a table that
 * is wider than its place scrolls by itself, from side to side, also by the keyboard.
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
      // What scrolls must be reached to be scrolled; what does not is no stop on the way.
      tabIndex={isTooWide ? 0 : undefined}
    >
      {children}
    </section>
  );
}

/** Heads of columns. */
export function Heads({
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
