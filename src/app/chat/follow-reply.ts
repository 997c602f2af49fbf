import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { requireMessage } from './find-message.ts';

/** How often the journal of another server's reply is read: as often as it is written. */
const POLL_MS = 500;

/** A piece of a reply, or its end. */
export type Followed =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Characters of the reply with this piece: where to go on from. */
      readonly position: number;
    }
  | { readonly kind: 'done'; readonly message: Message };

/**
 * Reads a reply from some position on, while it is being written and also when it is over, however
 * often and from wherever.
 * @param from characters that the reader has already
 * @param gone aborts when the reader is
 * @throws ChitError `message_not_found`
 */
export async function* followReply(
  context: Context,
  asked: { readonly userId: number; readonly id: string; readonly from: number },
  gone: AbortSignal,
): AsyncGenerator<Followed> {
  const { userId, id } = asked;
  let position = asked.from;
  // Before anything is read of it: what is being written is nobody else's either.
  await requireMessage(context, userId, id);
  while (!gone.aborted) {
    const running = context.generations.find(id);
    if (running) {
      while (!gone.aborted) {
        const text = running.text.slice(position);
        position += text.length;
        if (text !== '') yield { kind: 'text', text, position };
        else if (running.isOver) break;
        await running.changed(position, gone);
      }
    }
    const message = await requireMessage(context, userId, id);
    const isOver = message.status !== 'pending';
    const all = isOver ? (message.reply ?? '') : (await context.holds.journaled(id)).text;
    const text = all.slice(position);
    position += text.length;
    if (text !== '') yield { kind: 'text', text, position };
    if (isOver) {
      yield { kind: 'done', message };
      return;
    }
    if (!context.generations.find(id))
      await sleep(POLL_MS, undefined, { signal: gone }).catch(noop);
  }
}

function noop(): void {}
