import { ChitError } from '../core/errors.ts';
import type { HoldResult } from '../core/ledger.ts';
import { costOf, isFlat, quoteFor } from '../core/pricing.ts';
import { UNKNOWN_USAGE } from '../core/usage.ts';
import type { Generation, Model } from '../models/catalogue.ts';
import type { Context } from './context.ts';
import { newId } from './ids.ts';

/** A message with the reply to it. */
export interface Exchange {
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
}

/**
 * Sends a message to the model and charges for the reply. This is where a message is charged:
 * quote → hold → generate → settle. The book is written before the model is called, and if the
 * model does not answer, the hold is released and nothing is charged.
 * @throws ChitError `insufficient_credits`, `model_failed`, `ledger_unavailable`
 */
export async function sendMessage(
  context: Context,
  request: { readonly userId: number; readonly content: string },
): Promise<Exchange> {
  const { userId: accountId, content } = request;
  const { ledger, catalogue, now } = context;
  const model = catalogue.defaultModel;
  const generationId = newId();

  const credits = quoteFor(model.price, { inputTokens: 0, outputTokens: 0 });
  const atMs = now();
  const hold = { kind: 'hold', generationId, accountId, credits, content, atMs } as const;
  const held = await ledger.submit({ ...hold, model: model.name });
  if (held.outcome !== 'held') throw refusal(held, credits);

  let generation: Generation;
  try {
    generation = await model.generate({ content });
  } catch (cause) {
    const reason = 'The model did not answer. Nothing was charged.';
    await ledger.submit({ kind: 'release', generationId, accountId, reason, atMs: now() });
    throw new ChitError('model_failed', undefined, { cause });
  }

  await ledger.submit({
    kind: 'settle',
    generationId,
    accountId,
    ...charge(model, generation),
    reply: generation.text,
    status: 'complete',
    atMs: now(),
  });
  return { userId: accountId, content, reply: generation.text, atMs };
}

/** What a generation costs, and on what grounds. */
function charge(model: Model, generation: Generation) {
  const usage = generation.usage ?? UNKNOWN_USAGE;
  const usageSource = isFlat(model.price) ? ('flat' as const) : ('provider' as const);
  return { costCredits: costOf(model.price, usage), price: model.price, usage, usageSource };
}

function refusal(result: HoldResult, neededCredits: number): Error {
  switch (result.outcome) {
    case 'insufficient_credits':
      return new ChitError('insufficient_credits', {
        neededCredits,
        availableCredits: result.availableCredits,
      });
    case 'account_unknown':
      return new ChitError('user_not_found', undefined);
    default:
      return new Error(`A new generation was answered "${result.outcome}" by the ledger.`);
  }
}
