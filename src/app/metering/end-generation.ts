/** Ending a generation: what the outcome table says is booked, whatever it takes. */
import type { Credits } from '../../core/credits.ts';
import type { Command } from '../../core/ledger.ts';
import { type Delivery, needsCount, outcomeOf } from '../../core/outcome.ts';
import type { Price } from '../../core/pricing.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Usage } from '../../core/usage.ts';
import { countTokens } from '../../models/count-tokens.ts';
import type { Context } from '../context.ts';

export interface EndedGeneration extends Omit<Delivery, 'counted'> {
  readonly generationId: string;
  readonly accountId: number;
  /** The model that answered, if it is another than the one that was asked for. */
  readonly charged: { readonly model: string; readonly price: Price } | undefined;
  /** Counted when the hold was made. */
  readonly inputTokens: number;
}

/** How it ended. */
export interface GenerationEnd {
  readonly end: 'settled' | 'released';
  readonly chargedCredits: Credits;
  /** What was charged for; undefined if nothing was. */
  readonly bookedUsage: Usage | undefined;
  /** Why the reply is missing or incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
}

/**
 * Books the end of a generation and returns how it ended and what was charged. A book that cannot
 * be written just now is tried again for a while, since the model has been paid already; if it
 * cannot be written at all, nothing is charged.
 * @throws ChitError `ledger_unavailable` after that while; the hold is released as soon as can be
 */
export async function endGeneration(
  context: Context,
  generation: EndedGeneration,
): Promise<GenerationEnd> {
  const command = await endingCommand(context, generation);
  const failure = command.kind === 'settle' ? command.failure : command.reason;
  try {
    const result = await context.ledger.submitUntilKnown(command);
    if (result.outcome !== 'settled' || command.kind === 'release') {
      return { end: 'released', chargedCredits: 0, bookedUsage: undefined, failure };
    }
    const { chargedCredits } = result;
    return { end: 'settled', chargedCredits, bookedUsage: command.usage, failure };
  } catch (error) {
    releaseSoon(context, generation);
    throw error;
  }
}

async function endingCommand(
  context: Context,
  generation: EndedGeneration,
): Promise<Extract<Command, { kind: 'settle' | 'release' }>> {
  const { generationId, accountId, text, charged } = generation;
  // At the price of the model that answered, which may be another than the one asked for.
  const delivery = charged ? { ...generation, price: charged.price } : generation;
  const counted = needsCount(delivery) ? await count(generation) : undefined;
  const outcome = outcomeOf({ ...delivery, counted });
  const ids = { generationId, accountId, atMs: context.now() };
  if (outcome.kind === 'release') return { ...outcome, ...ids };
  return { ...outcome, ...ids, charged, reply: text };
}

async function count({ inputTokens, text, nonReplyOutput }: EndedGeneration): Promise<Usage> {
  const outputTokens = (await countTokens(text)) + (await countTokens(nonReplyOutput));
  return { inputTokens, cachedInputTokens: undefined, outputTokens };
}

/**
 * Releases a hold of which it is not known whether it is in the book, without waiting: it may have
 * been written although its answer was lost. Until that is done, credits could stay held.
 */
export function releaseSoon(
  context: Context,
  hold: { readonly generationId: string; readonly accountId: number },
): void {
  const { generationId, accountId } = hold;
  const command = {
    kind: 'release',
    generationId,
    accountId,
    reason: 'ledger_unavailable',
    atMs: context.now(),
  } as const;
  context.ledger.submitUntilKnown(command, { giveUp: 'never' }).catch(() => undefined);
}
