/** Ends a generation: books what the outcome table decides, retrying until it is known. */
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
  /** The model that answered, if it is not the requested one. */
  readonly charged: { readonly model: string; readonly price: Price } | undefined;
  /** Counted when the hold was made. */
  readonly inputTokens: number;
}

/** How it ended. */
export interface GenerationEnd {
  readonly end: 'settled' | 'released';
  readonly chargedCredits: Credits;
  /** The usage that was charged; undefined if nothing was. */
  readonly bookedUsage: Usage | undefined;
  /** Why the reply is missing or incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
}

/**
 * Books the end of a generation and returns how it ended and what was charged. If the ledger cannot
 * be written, this is retried for a while, since the provider has to be paid anyway; if all retries
 * fail, nothing is charged.
 * @throws ChitError `ledger_unavailable` after all retries; the hold is released later
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
    return {
      end: 'settled',
      chargedCredits: result.chargedCredits,
      bookedUsage: command.usage,
      failure,
    };
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
  // Priced as the model that answered, which may be a fallback of the requested one.
  const delivery = charged ? { ...generation, price: charged.price } : generation;
  const counted = needsCount(delivery) ? await count(generation) : undefined;
  const outcome = outcomeOf({ ...delivery, counted });
  const atMs = context.now();
  return outcome.kind === 'release'
    ? { ...outcome, generationId, accountId, atMs }
    : { ...outcome, generationId, accountId, atMs, charged, reply: text };
}

async function count({ inputTokens, text, nonReplyOutput }: EndedGeneration): Promise<Usage> {
  const outputTokens = (await countTokens(text)) + (await countTokens(nonReplyOutput));
  return { inputTokens, cachedInputTokens: undefined, outputTokens };
}

/**
 * Releases a hold without waiting, when it is unknown whether the hold was written: it may have
 * been although the answer was lost, and then its credits would stay held.
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
