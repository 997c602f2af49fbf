/** A shared chat, as far as it has been read: its pages one after another, oldest first. */
import type { Shared } from '../../api/types.ts';

export interface SharedChat {
  readonly title: string;
  /** What is said above the chat: whose it is, of when, and until when. */
  readonly about: Pick<Shared, 'kind' | 'shared_at' | 'expires_at' | 'username'>;
  readonly messages: Shared['messages'];
  /** The cursor of the next page; undefined where everything has been read. */
  readonly next: string | undefined;
}

/**
 * The chat with another page. What was behind the cursor is replaced, since its owner may have gone
 * on, or show another branch by now.
 * @param cursor the one that the page was asked for with; undefined for the first page
 */
export function withPage(
  chat: SharedChat | undefined,
  cursor: string | undefined,
  page: Shared,
): SharedChat {
  const read = chat?.messages ?? [];
  const kept = read.slice(0, read.findIndex(({ id }) => id === cursor) + 1);
  return {
    title: page.title,
    about: page,
    messages: [...kept, ...page.messages],
    next: page.next_cursor ?? undefined,
  };
}

/** Whether the last answer that can be seen is still being written. */
export function isGrowing({ messages, next }: SharedChat): boolean {
  return next === undefined && messages.some(({ status }) => status === 'pending');
}

/** From where on to read again what is being written: behind the last message that is whole. */
export function growthCursor({ messages }: SharedChat): string | undefined {
  const first = messages.findIndex(({ status }) => status === 'pending');
  return messages[first - 1]?.id;
}
