/** Ending a generation: what the outcome table says is booked, whatever it takes. */
import type { Command } from '../core/ledger.ts';
import { type Delivery, needsCount, outcomeOf } from '../core/outcome.ts';
import type { Usage } from '../core/usage.ts';
import { countTokens } from '../models/count-tokens.ts';
import type { Context } from './context.ts';

export interface EndedGeneration extends Omit<Delivery, 'counted'> {
  readonly generationId: string;
  readonly accountId: number;
  /** Counted when the hold was made. */
  readonly inputTokens: number;
}

/**
 * Books the end of a generation and returns how it ended. A book that cannot be written just now
 * is tried again for a while, since the model has been paid already; if it cannot be written at
 * all, nothing is charged.
 * @throws ChitError `ledger_unavailable` after that while; the hold is released as soon as can be
 */
export async function endGeneration(
  context: Context,
  generation: EndedGeneration,
): Promise<'settled' | 'released'> {
  const command = await endingCommand(context, generation);
  try {
    const { outcome } = await context.ledger.submitUntilKnown(command);
    return outcome === 'settled' ? 'settled' : 'released';
  } catch (error) {
    releaseSoon(context, generation);
    throw error;
  }
}

async function endingCommand(
  context: Context,
  generation: EndedGeneration,
): Promise<Extract<Command, { kind: 'settle' | 'release' }>> {
  const { generationId, accountId, text } = generation;
  const counted = needsCount(generation) ? await count(generation) : undefined;
  const outcome = outcomeOf({ ...generation, counted });
  const ids = { generationId, accountId, atMs: context.now() };
  if (outcome.kind === 'release') return { ...outcome, ...ids };
  return { ...outcome, ...ids, reply: text };
}

async function count({ inputTokens, text }: EndedGeneration): Promise<Usage> {
  return { inputTokens, cachedInputTokens: undefined, outputTokens: await countTokens(text) };
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
  const reason = 'The server could not write its books. Nothing was charged.';
  const command = {
    kind: 'release',
    generationId,
    accountId,
    reason,
    atMs: context.now(),
  } as const;
  context.ledger.submitUntilKnown(command, { giveUp: 'never' }).catch(() => undefined);
}
