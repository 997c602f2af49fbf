import type { ComponentChildren } from 'preact';
import { Ticket } from '../credits/ticket.tsx';
import { strings } from '../strings/strings.ts';
import { Icon } from './icons.tsx';
import { useTitle } from './use-title.ts';

/** The frame of a page beside the chat, with a Back link. */
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

/** Goes to the previous page if it belongs to this site; else the link opens the chat. */
function goBack(event: MouseEvent): void {
  const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!isPlain || !window.navigation?.canGoBack) return;
  event.preventDefault();
  history.back();
}
