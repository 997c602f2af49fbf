/** In which conversations an answer is being written, for the list. */
import { signal } from '@preact/signals';
import { ApiError, call } from '../api/client.ts';
import type { Message } from '../api/types.ts';
import { atSessionEnd, refreshBalance } from './account.ts';

const LOOK_AGAIN_MS = 3_000;
/** An answer that is being written is among the newest messages. */
const NEWEST = 5;

/** Their ids. */
export const writing = signal<ReadonlySet<string>>(new Set());

let timer: ReturnType<typeof setTimeout> | undefined;

atSessionEnd(() => {
  writing.value = new Set();
});

/** Says whether an answer is being written in a conversation. */
export function setWriting(conversation: string, isWritten: boolean): void {
  if (writing.value.has(conversation) === isWritten) return;
  const next = new Set(writing.value);
  if (isWritten) next.add(conversation);
  else next.delete(conversation);
  writing.value = next;
  // What has ended was charged.
  if (!isWritten) void refreshBalance().catch(() => undefined);
  look();
}

/** Of answers that are not followed nobody says when they end, so it is asked. */
function look(): void {
  if (timer !== undefined || writing.value.size === 0) return;
  timer = setTimeout(async () => {
    await Promise.all([...writing.value].map((id) => lookAt(id).catch(forgetIfGone(id))));
    timer = undefined;
    look();
  }, LOOK_AGAIN_MS);
}

/** A conversation that was deleted is not asked for again. */
function forgetIfGone(id: string): (error: unknown) => void {
  return (error) => {
    if (error instanceof ApiError && error.status === 404) setWriting(id, false);
  };
}

async function lookAt(id: string): Promise<void> {
  const path = `/api/conversations/${id}/messages/?limit=${NEWEST}`;
  const { messages } = await call<{ messages: Message[] }>('GET', path);
  setWriting(
    id,
    messages.some(({ status }) => status === 'pending'),
  );
}
