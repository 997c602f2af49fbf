/** Parts of tables. */
import type { ComponentChildren } from 'preact';

/** Where a table scrolls by itself, also by the keyboard. */
export function TableFrame({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached to be scrolled.
    <section class="table-frame" aria-label={name} tabIndex={0}>
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
