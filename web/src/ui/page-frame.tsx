import type { ComponentChildren } from 'preact';
import { Ticket } from '../credits/ticket.tsx';
import { strings } from '../strings/strings.ts';
import { Icon } from './icons.tsx';
import { useTitle } from './use-title.ts';

/** A page that is not the chat, with the way back to where one came from. */
export function PageFrame({ title, children }: { title: string; children: ComponentChildren }) {
  useTitle(title);
  return (
    <main class="page">
      <header>
        <a class="back" href="/" aria-label={strings.value.back} onClick={goBack}>
          <Icon name="left" />
        </a>
        <h1>{title}</h1>
        <Ticket />
      </header>
      {children}
    </main>
  );
}

/** To the page before, if that was one of this site; else the link leads to the chat. */
function goBack(event: MouseEvent): void {
  const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!isPlain || !window.navigation?.canGoBack) return;
  event.preventDefault();
  history.back();
}
