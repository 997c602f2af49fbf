import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { me } from '../../state/account.ts';
import { path } from '../../state/router.ts';
import { useTitle } from '../../ui/use-title.ts';
import { words } from '../words/words.ts';

/** How often the path has changed since the page was loaded; the subscription itself calls once. */
let navigations = -1;
path.subscribe(() => {
  navigations += 1;
});

/**
 * The heading of a page of the panel. After a navigation it takes the focus, so that the keyboard
 * and screen readers continue here; after a full load the focus stays at the top.
 */
export function PageHeading({ title, children }: { title: string; children?: ComponentChildren }) {
  useTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (navigations > 0) heading.current?.focus();
  }, []);
  return (
    <div class="page-title">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

/** A page about something that does not exist, with a link to the first page. */
export function NotFoundPage({ title, text }: { title: string; text: string }) {
  return (
    <>
      <header class="page-head">
        <PageHeading title={title} />
      </header>
      <section class="page-section">
        <p>{text}</p>
        <a href="/admin/">{me.value?.is_staff ? words.value.allUsers : words.value.groups}</a>
      </section>
    </>
  );
}
