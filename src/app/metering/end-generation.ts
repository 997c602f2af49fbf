/** Ends a generation: books what the outcome table decides, retrying until it is known. */
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { Command, IdempotentResponse, Thinking } from '../../core/ledger.ts';
import { type Delivery, needsCount, outcomeOf } from '../../core/outcome.ts';
import type { Price } from '../../core/pricing.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import { textUsage, type Unpriced, type Usage } from '../../core/usage.ts';
import { countTokens } from '../../models/counting/count-tokens.ts';
import type { Context } from '../context.ts';

export interface EndedGeneration extends Omit<Delivery, 'counted'> {
  readonly generationId: string;
  /** The personal account of the user who asked. */
  readonly accountId: number;
  /** The account that pays, if it is not the personal one. */
  readonly payerId: number | undefined;
  /** The model that answered, if it is not the requested one. */
  readonly charged: { readonly model: string; readonly price: Price } | undefined;
  /** Why it failed, if it did and its provider said so. */
  readonly failedAs?: ReplyFailure | undefined;
  /** How much the input is, if nobody reports it. */
  readonly estimateInput: () => Promise<number>;
  /** The response to send again to a retry with the same idempotency key, if it is to be kept. */
  readonly response: IdempotentResponse | undefined;
  /** What the model asks of tools, apart from its thoughts; none if not given. */
  readonly toolOutput?: string;
  /** Whether what the model thought is kept with the message, which clients under `/v1/` send. */
  readonly keepsThinking: boolean;
  /** How long the first word of the reply took, in milliseconds; undefined if not known. */
  readonly thinkingMs: number | undefined;
}

/** How it ended, by what the ledger says: another server may have ended it before. */
export interface GenerationEnd {
  readonly end: 'settled' | 'released';
  readonly chargedCredits: Credits;
  /** The usage that was charged; undefined if nothing was. */
  readonly bookedUsage: Usage | undefined;
  /** What of it had no price; undefined if all had one. */
  readonly unpriced?: Unpriced | undefined;
  /** Why the reply is missing or incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
}

/**
 * Books the end of a generation and returns how it ended and what was charged. If the ledger cannot
 * be written, this is retried for a while, since the provider has to be paid anyway.
 * @throws ChitError `ledger_unavailable` after all retries; the hold is released later, unless one
 *   of them was booked and its answer lost
 */
export async function endGeneration(
  context: Context,
  generation: EndedGeneration,
): Promise<GenerationEnd> {
  try {
    const command = await endingCommand(context, generation);
    const result = await context.ledger.submitUntilKnown(command);
    const ours = command.kind === 'settle' ? command.failure : command.reason;
    if (result.outcome !== 'settled') {
      const failure = (result.outcome === 'released' ? result.failure : undefined) ?? ours;
      return { end: 'released', chargedCredits: 0, bookedUsage: undefined, failure };
    }
    const { chargedCredits, failure } = result;
    const isOurs = command.kind === 'settle' && failure === ours;
    if (!isOurs) return { end: 'settled', chargedCredits, bookedUsage: undefined, failure };
    const { usage: bookedUsage, unpriced } = command;
    return { end: 'settled', chargedCredits, bookedUsage, unpriced, failure };
  } catch (cause) {
    releaseSoon(context, generation);
    // The charge may have been booked although the answer was lost.
    throw new ChitError('ledger_unavailable', { isOutcomeUnknown: true }, { cause });
  }
}

async function endingCommand(
  context: Context,
  generation: EndedGeneration,
): Promise<Extract<Command, { kind: 'settle' | 'release' }>> {
  const { generationId, accountId, payerId, text, charged, response } = generation;
  // Priced as the model that answered, which may be a fallback of the requested one.
  const { price } = charged ?? generation;
  const nonReplyOutput = generation.nonReplyOutput + (generation.toolOutput ?? '');
  const delivery = { ...generation, price, nonReplyOutput };
  const counted = needsCount(delivery) ? await count(delivery) : undefined;
  const outcome = outcomeOf({ ...delivery, counted });
  const thinking = keptThinking(generation);
  const atMs = context.now();
  if (outcome.kind === 'release' && generation.ending === 'failed') {
    const reason = generation.failedAs ?? outcome.reason;
    return { kind: 'release', reason, generationId, accountId, payerId, atMs };
  }
  return outcome.kind === 'release'
    ? { ...outcome, generationId, accountId, payerId, atMs }
    : {
        ...outcome,
        generationId,
        accountId,
        payerId,
        atMs,
        charged,
        reply: text,
        thinking,
        response,
      };
}

/** What is stored of the thinking; undefined if there was none, or it is not kept. */
function keptThinking(generation: EndedGeneration): Thinking | undefined {
  const { keepsThinking, nonReplyOutput: text, thinkingMs: ms, reported } = generation;
  const tokens = reported?.thinkingTokens;
  if (!keepsThinking || (text === '' && !tokens)) return undefined;
  return { text, ms, tokens };
}

async function count({ estimateInput, text, nonReplyOutput }: EndedGeneration): Promise<Usage> {
  const outputTokens = (await countTokens(text)) + (await countTokens(nonReplyOutput));
  return textUsage({ input: await estimateInput(), output: outputTokens });
}

/**
 * Releases a hold without waiting, when it is unknown whether the hold was written: it may have
 * been although the answer was lost, and then its credits would stay held.
 */
export function releaseSoon(
  context: Context,
  hold: Pick<EndedGeneration, 'generationId' | 'accountId'> & {
    readonly payerId?: number | undefined;
  },
): void {
  const { generationId, accountId, payerId } = hold;
  const command = {
    kind: 'release',
    generationId,
    accountId,
    payerId,
    reason: 'ledger_unavailable',
    atMs: context.now(),
  } as const;
  context.ledger
    .submitUntilKnown(command, { giveUp: 'never' })
    .then(() => eraseUnpaidWords(context, accountId, generationId))
    .catch(() => undefined);
}

/**
 * Erases what a client under `/v1/` asked, if nothing was charged: the client has its words, and
 * nobody paid for keeping them. If this fails, they stay: what was booked is booked, and the client
 * has to be told that. Messages of chats stay, for their users to see.
 */
export async function eraseUnpaidWords(
  { messages }: Context,
  accountId: number,
  generationId: string,
): Promise<void> {
  await messages.eraseUnanswered(accountId, generationId).catch(() => undefined);
}
