import type { ComponentChildren } from 'preact';
import { strings } from '../strings/strings.ts';
import { Icon } from './icons.tsx';
import { Ticket } from './ticket.tsx';

/** A page that is not the chat, with the way back to it. */
export function PageFrame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="page">
      <header>
        <a class="back" href="/" aria-label={strings.value.newChat}>
          <Icon name="left" />
        </a>
        <h1>{title}</h1>
        <Ticket />
      </header>
      {children}
    </main>
  );
}
