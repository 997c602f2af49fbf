import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { path } from '../../state/router.ts';
import { useTitle } from '../../ui/use-title.ts';
import { words } from '../words/words.ts';

/** How often one went to another place since the page was loaded. */
let moves = -1;
path.subscribe(() => {
  moves += 1;
});

/**
 * The head of a place. Who comes from another place has the focus on it, so that the keyboard
 * and what is read aloud go on from here; who has just loaded the page begins at its top.
 */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  useTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (moves > 0) heading.current?.focus();
  }, []);
  return (
    <div class="place-name">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

/** A place that has nothing in it, and the way to one that has much. */
export function Nowhere({ title, text }: { title: string; text: string }) {
  return (
    <>
      <header class="place-head">
        <Heading title={title} />
      </header>
      <section class="place-section">
        <p>{text}</p>
        <a href="/admin/">{words.value.allUsers}</a>
      </section>
    </>
  );
}
