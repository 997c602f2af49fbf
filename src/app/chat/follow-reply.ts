import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import { requireMessage } from './find-message.ts';

/** How often the journal of another server's reply is read: as often as it is written. */
const POLL_MS = 500;

/** A piece of a reply, or its end. */
export type ReplyEvent =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The length of the reply up to the end of this piece, from which to resume. */
      readonly position: number;
    }
  | { readonly kind: 'done'; readonly message: Message };

/**
 * Reads a reply from a position on, whether it is still being generated or has ended. Any number of
 * readers may follow one reply, from any server. Ends early, without `done`, if this server stops
 * and the reply is another one's.
 * @param request `from` is the number of characters that the reader already has
 * @param gone aborts when the reader disconnects
 * @throws ChitError `message_not_found`; `ledger_unavailable`, where the reply goes on
 */
export async function* followReply(
  context: Context,
  request: { readonly userId: number; readonly id: string; readonly from: number },
  gone: AbortSignal,
): AsyncGenerator<ReplyEvent> {
  const { userId, id } = request;
  let position = request.from;
  // Checks the owner before the registry is read, which finds generations by id alone.
  await requireMessage(context, userId, id);
  while (!gone.aborted) {
    const { lease } = context;
    const generation = lease.isCertain ? context.generations.find(id) : undefined;
    if (generation) {
      // While the lease is not certain, only the database knows what became of the reply.
      while (!gone.aborted && lease.isCertain) {
        const text = generation.text.slice(position);
        position += text.length;
        if (text !== '') yield { kind: 'text', text, position };
        else if (generation.isEnded) break;
        await generation.changed(position, gone);
      }
    }
    const message = await outcomeUnknownUnless(requireMessage(context, userId, id));
    const hasEnded = message.status !== 'pending';
    const reply = hasEnded ? (message.reply ?? '') : await journaledText(context, id);
    const text = reply.slice(position);
    position += text.length;
    if (text !== '') yield { kind: 'text', text, position };
    if (hasEnded) {
      yield { kind: 'done', message };
      return;
    }
    if (!lease.isCertain || !context.generations.find(id)) {
      // It resumes at a server that stays.
      if (context.generations.isStopping) return;
      await sleep(POLL_MS, undefined, { signal: gone }).catch(() => undefined);
    }
  }
}

async function journaledText({ holds }: Context, id: string): Promise<string> {
  const { text } = await outcomeUnknownUnless(holds.journaled(id));
  return text;
}
