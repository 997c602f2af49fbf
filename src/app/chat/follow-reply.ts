import { setTimeout as sleep } from 'node:timers/promises';
import { joinedTexts } from '../../core/tools.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import type { RunningGeneration } from '../metering/generation-registry.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import { requireMessage } from './find-message.ts';

/** How often the journal of another server's reply is read: as often as it is written. */
const POLL_MS = 500;
const SOON_MS = 5;

/** How many characters a reader has of a reply, and of what the model thought before it. */
export interface ReplyPosition {
  readonly text: number;
  readonly thinking: number;
}

/** A piece of a reply or of the thinking before it, or its end. */
export type ReplyEvent =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The position at the end of this piece, from which to resume. */
      readonly position: ReplyPosition;
    }
  | {
      readonly kind: 'thinking';
      readonly text: string;
      /** How long the model has been thinking. */
      readonly ms: number;
      readonly position: ReplyPosition;
    }
  /** Its model has called tools, or they have answered. */
  | { readonly kind: 'tools'; readonly message: Message }
  | {
      readonly kind: 'done';
      readonly message: Message;
      /** How long its provider asked to be left alone; told only where the reply was generated. */
      readonly retryAfterSeconds?: number | undefined;
    };

/** What there is of a reply at one moment. */
interface Delivered {
  readonly text: string;
  readonly thinking: string;
  readonly ms: number;
}

/**
 * Reads a reply from a position on, whether it is still being generated or has ended, and what its
 * model thinks. Any number of readers may follow one reply, from any server. Ends early, without
 * `done`, if this server stops and the reply is another one's.
 * @param request `from` is what the reader already has
 * @param gone aborts when the reader disconnects
 * @throws ChitError `message_not_found`; `ledger_unavailable`, where the reply goes on
 */
export async function* followReply(
  context: Context,
  request: { readonly userId: number; readonly id: string; readonly from: ReplyPosition },
  gone: AbortSignal,
): AsyncGenerator<ReplyEvent> {
  const { userId, id } = request;
  const reader = new Reader(request.from);
  let shownTools: string | undefined;
  let followed: RunningGeneration | undefined;
  let notes = 0;
  // Checks the owner before the registry is read, which finds generations by id alone.
  const { isOfChat } = await requireMessage(context, userId, id);
  while (!gone.aborted) {
    const { lease } = context;
    const generation = lease.isCertain ? context.generations.find(id) : undefined;
    if (generation) {
      // While the lease is not certain, only the database knows what became of the reply.
      if (generation !== followed) notes = 0;
      followed = generation;
      while (!gone.aborted && lease.isCertain) {
        const { text, nonReplyOutput, thinkingMs: ms } = generation;
        const events = reader.read({ text, thinking: isOfChat ? nonReplyOutput : '', ms });
        if (events.length > 0) yield* events;
        else if (generation.isEnded || generation.notes !== notes) break;
        const { text: read } = reader.position;
        const has = { text: read, nonReplyOutput: nonReplyOutput.length };
        await generation.changed(has, gone, notes);
      }
      // Read before the database is, so that nothing is missed.
      notes = generation.notes;
    }
    const message = await outcomeUnknownUnless(requireMessage(context, userId, id));
    const hasEnded = message.status !== 'pending';
    yield* reader.read(
      await (hasEnded ? stored(context, userId, message) : journaled(context, message)),
    );
    const { approveUntilMs, calls } = message.tools ?? {};
    const tools = JSON.stringify([approveUntilMs, calls]);
    if (message.tools && tools !== shownTools && !hasEnded) yield { kind: 'tools', message };
    shownTools = tools;
    if (hasEnded) {
      yield { kind: 'done', message, retryAfterSeconds: context.generations.retryAfterSeconds(id) };
      return;
    }
    if (!lease.isCertain || !context.generations.find(id)) {
      // It resumes at a server that stays.
      if (context.generations.isStopping) return;
      // The next round of one that has just ended begins at once.
      const pauseMs = generation ? SOON_MS : POLL_MS;
      await sleep(pauseMs, undefined, { signal: gone }).catch(() => undefined);
    }
  }
}

/** What one reader has. */
class Reader {
  #position: ReplyPosition;

  constructor(from: ReplyPosition) {
    this.#position = from;
  }

  get position(): ReplyPosition {
    return this.#position;
  }

  /** What the reader does not have yet. */
  read(now: Delivered): ReplyEvent[] {
    const events: ReplyEvent[] = [];
    const thinking = now.thinking.slice(this.#position.thinking);
    if (thinking !== '') {
      this.#position = { ...this.#position, thinking: now.thinking.length };
      events.push({ kind: 'thinking', text: thinking, ms: now.ms, position: this.#position });
    }
    const text = now.text.slice(this.#position.text);
    if (text !== '') {
      this.#position = { ...this.#position, text: now.text.length };
      events.push({ kind: 'text', text, position: this.#position });
    }
    return events;
  }
}

async function stored(
  { messages }: Context,
  userId: number,
  { id, reply, thinking }: Message,
): Promise<Delivered> {
  const thought = thinking?.hasText
    ? await outcomeUnknownUnless(messages.thinkingOf(userId, id))
    : '';
  return { text: reply ?? '', thinking: thought, ms: thinking?.ms ?? 0 };
}

/**
 * What another server has journaled; its clock has told when the message was sent. Of a message
 * with rounds, what was written and thought in those before as well.
 */
async function journaled(
  { holds, toolLoops, now }: Context,
  { id, isOfChat, createdAtMs, tools }: Message,
): Promise<Delivered> {
  const rounds = tools?.rounds ?? [];
  const latest = rounds.at(-1)?.generationId ?? id;
  // A round that ends meanwhile is in neither or only in the journal, never in both.
  const thoughts = tools ? await outcomeUnknownUnless(toolLoops.thoughtsOf(id)) : [];
  const { text: written, nonReplyOutput } = await outcomeUnknownUnless(holds.journaled(latest));
  // What has ended is no longer in the journal.
  const text = joinedTexts([...rounds.map((round) => round.text), written]);
  const ms = Math.max(0, now() - createdAtMs);
  return { text, thinking: isOfChat ? joinedTexts([...thoughts, nonReplyOutput]) : '', ms };
}
