import { setTimeout as sleep } from 'node:timers/promises';
import { joinedTexts } from '../../core/tools.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import type { RunningGeneration } from '../metering/generation-registry.ts';
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
  /** Its model has called tools, or they have answered. */
  | { readonly kind: 'tools'; readonly message: Message }
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
  let shownTools: string | undefined;
  let followed: RunningGeneration | undefined;
  let notes = 0;
  // Checks the owner before the registry is read, which finds generations by id alone.
  await requireMessage(context, userId, id);
  while (!gone.aborted) {
    const { lease } = context;
    const generation = lease.isCertain ? context.generations.find(id) : undefined;
    if (generation) {
      // While the lease is not certain, only the database knows what became of the reply.
      if (generation !== followed) notes = 0;
      followed = generation;
      while (!gone.aborted && lease.isCertain) {
        const text = generation.text.slice(position);
        position += text.length;
        if (text !== '') yield { kind: 'text', text, position };
        else if (generation.isEnded || generation.notes !== notes) break;
        await generation.changed(position, gone, notes);
      }
      // Read before the database is, so that nothing is missed.
      notes = generation.notes;
    }
    const message = await outcomeUnknownUnless(requireMessage(context, userId, id));
    const hasEnded = message.status !== 'pending';
    const reply = hasEnded ? (message.reply ?? '') : await journaledText(context, message);
    const text = reply.slice(position);
    position += text.length;
    if (text !== '') yield { kind: 'text', text, position };
    const tools = JSON.stringify(message.tools?.calls);
    if (message.tools && tools !== shownTools && !hasEnded) yield { kind: 'tools', message };
    shownTools = tools;
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

/** What was written of a reply so far, of all its rounds if there are several. */
async function journaledText({ holds }: Context, { id, tools }: Message): Promise<string> {
  const rounds = tools?.rounds ?? [];
  const latest = rounds.at(-1)?.generationId ?? id;
  const { text } = await outcomeUnknownUnless(holds.journaled(latest));
  // What has ended is no longer in the journal.
  return joinedTexts([...rounds.map((round) => round.text), text]);
}
