import { affordableOutput, quoteRange } from '../core/afford.ts';
import { ChitError, hasCode } from '../core/errors.ts';
import type { IdempotencyKey } from '../core/ledger.ts';
import { isFlat } from '../core/pricing.ts';
import { countTokens } from '../models/count-tokens.ts';
import type { Context } from './context.ts';
import { endGeneration, releaseSoon } from './end-generation.ts';
import { type Exchange, replayed } from './exchange.ts';
import { generate } from './generate.ts';
import { newId } from './ids.ts';
import { Journal } from './journal.ts';
import { refusalOf } from './refused-hold.ts';

export interface MessageRequest {
  readonly userId: number;
  readonly content: string;
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when the user wants no more of the reply; what was delivered is charged and kept. */
  readonly stop?: AbortSignal;
}

/**
 * Sends a message to the model and charges for the reply. This is where a message is charged:
 * quote → hold → generate → settle. The book is written before the model is called; what is
 * charged in the end, however it ends, is decided by `core/outcome.ts`.
 * @throws ChitError `insufficient_credits`, `model_failed`, `ledger_unavailable`,
 *   `idempotency_key_running`, `idempotency_key_reused`
 */
export async function sendMessage(context: Context, request: MessageRequest): Promise<Exchange> {
  const { userId: accountId, content, idempotency } = request;
  const { ledger, catalogue, now, leaseId } = context;
  const model = catalogue.defaultModel;
  const { price } = model;
  const generationId = newId();
  const atMs = now();

  const inputTokens = isFlat(price) ? 0 : await countTokens(content);
  const { outputLimit } = model;
  const wish = { inputTokens, outputLimit, usefulOutput: context.policy.minOutputTokens };
  const quote = quoteRange(price, wish);
  const about = { generationId, accountId, model: model.name, price, inputTokens, content };
  const hold = { kind: 'hold', ...about, ...quote, leaseId, idempotency, atMs } as const;
  const held = await ledger.submit(hold).catch((error: unknown) => {
    if (hasCode(error, 'ledger_unavailable') && error.details.isOutcomeUnknown) {
      releaseSoon(context, hold);
    }
    throw error;
  });
  if (held.outcome === 'key_done') return replayed(context, accountId, held.generationId);
  if (held.outcome !== 'held') throw refusalOf(held, quote.leastCredits);

  const affordable = affordableOutput(price, wish, held.heldCredits);
  const journal = new Journal(ledger, { generationId, accountId });
  const input = { content, outputLimit: affordable };
  const generated = await generate(model, input, journal, request.stop);
  journal.close();

  const end = await endGeneration(context, { ...about, ...generated, reported: generated.usage });
  if (end === 'released') throw new ChitError('model_failed', undefined, generated);
  return { userId: accountId, content, reply: generated.text, atMs, isReplayed: false };
}
