/** The message that a search leads to, until another chat is opened. */
import { signal } from '@preact/signals';
import type { Conversation, Message } from '../api/types.ts';
import { go } from './router.ts';

/** Where to go, and what to highlight there. */
export interface Jump {
  readonly conversation: string;
  /** null if only the title matched. */
  readonly message: string | null;
  readonly words: string;
}

/** A conversation that a search found, with where. */
export interface Hit extends Conversation {
  readonly match?: {
    readonly where: 'title' | 'message' | 'reply';
    readonly message: string | null;
    readonly text: string;
    readonly ranges: readonly (readonly number[])[];
  };
}

/** The last jump; undefined once it is over. */
export const jump = signal<Jump | undefined>(undefined);

/** Opens a chat at the message that was found. */
export function jumpTo({ id, match }: Hit, words: string): void {
  jump.value = { conversation: id, message: match?.message ?? null, words };
  go(`/c/${id}`);
}

/** How many of the newest messages have to be drawn so that the one that was found is. */
export function drawnForJump(all: readonly Message[]): number {
  const { value: to } = jump;
  const at = all.findIndex(({ id }) => id === to?.message);
  return at < 0 ? 0 : all.length - at + 2;
}
