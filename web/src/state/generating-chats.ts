/** The conversations in which a reply is being generated, for the list. */
import { signal } from '@preact/signals';
import { ApiError, call } from '../api/client.ts';
import type { Message } from '../api/types.ts';
import { atSessionEnd, refreshBalance } from './account.ts';

const POLL_MS = 3_000;
/** A pending reply is among this many newest messages. */
const NEWEST = 5;

/** The ids of these conversations. */
export const generating = signal<ReadonlySet<string>>(new Set());

let timer: ReturnType<typeof setTimeout> | undefined;

atSessionEnd(() => {
  generating.value = new Set();
});

/** Marks whether a reply is being generated in a conversation. */
export function setGenerating(conversation: string, isGenerating: boolean): void {
  if (generating.value.has(conversation) === isGenerating) return;
  const next = new Set(generating.value);
  if (isGenerating) next.add(conversation);
  else next.delete(conversation);
  generating.value = next;
  // A reply that ended was charged.
  if (!isGenerating) void refreshBalance().catch(() => undefined);
  poll();
}

/** Polls for the end of replies that are not followed. */
function poll(): void {
  if (timer !== undefined || generating.value.size === 0) return;
  timer = setTimeout(async () => {
    await Promise.all([...generating.value].map((id) => check(id).catch(forgetIfGone(id))));
    timer = undefined;
    poll();
  }, POLL_MS);
}

/** A conversation that was deleted is no longer polled. */
function forgetIfGone(id: string): (error: unknown) => void {
  return (error) => {
    if (error instanceof ApiError && error.status === 404) setGenerating(id, false);
  };
}

async function check(id: string): Promise<void> {
  const path = `/api/conversations/${id}/messages/?limit=${NEWEST}`;
  const { messages } = await call<{ messages: Message[] }>('GET', path);
  setGenerating(
    id,
    messages.some(({ status }) => status === 'pending'),
  );
}
