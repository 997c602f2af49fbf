import { EMPTY_PROMPT_CONTEXT, type PromptContext } from '../../core/conversation.ts';
import { hasCode } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { Ending } from '../../core/outcome.ts';
import { isFlat } from '../../core/pricing.ts';
import { affordableOutput, type QuoteRequest, quoteRange } from '../../core/quote.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Usage } from '../../core/usage.ts';
import type { Delta, GenerateRequest, Model } from '../../models/catalogue.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { endGeneration, releaseSoon } from './end-generation.ts';
import { type Generated, generate } from './generate.ts';
import { Journal } from './journal.ts';
import type { Candidates } from './models-for.ts';
import { refusalOf } from './refused-hold.ts';

/** Something that a model is to be asked for, on an account. */
export interface GenerationRequest {
  readonly accountId: number;
  /** The key that asks, if it is not the user. */
  readonly apiKeyId: string | undefined;
  /** What is kept as the user's words. */
  readonly content: string;
  /** What was said before, for models that are asked by `GenerateRequest`. */
  readonly promptContext?: PromptContext | undefined;
  /** Where the words belong: a conversation, and the message before them in it. */
  readonly place?: { readonly conversationId: string; readonly parentId: string | undefined };
  /** The model that was asked for, and then those to ask if it does not answer. */
  readonly candidates: Candidates;
  /** The most tokens for each answer, if the request says; a model's own limit holds as well. */
  readonly wantedOutput: number | undefined;
  /** How many answers are wanted, each with that limit. */
  readonly answers: number;
  /** Whether text is wanted; embeddings are numbers only. */
  readonly hasText: boolean;
  readonly countInput: () => Promise<number>;
  readonly ask: (model: Model, request: GenerateRequest) => AsyncIterable<Delta>;
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when nobody wants the rest; what was delivered is charged and kept. */
  readonly stop: AbortSignal | undefined;
  /** Told what is left of the limits on how fast the account may ask, if there are any. */
  readonly onLimits?: ((states: readonly RateLimitState[]) => void) | undefined;
  /** Told once credits are held, before a model is asked. */
  readonly onHeld?: ((held: { id: string; atMs: number }) => void) | undefined;
  /** Passes on what comes; a promise holds back the model until its reader has caught up. */
  readonly deliver?: ((delta: Delta) => void | Promise<void>) | undefined;
}

export type Metered =
  | {
      readonly outcome: 'ended';
      readonly generationId: string;
      readonly atMs: number;
      readonly end: 'settled' | 'released';
      readonly ending: Ending;
      readonly model: Model;
      readonly text: string;
      /** What was charged for; undefined if nothing was. */
      readonly bookedUsage: Usage | undefined;
      readonly chargedCredits: number;
      /** Why the reply is missing or incomplete; undefined if it is complete. */
      readonly failure: ReplyFailure | undefined;
      /** What a provider threw. */
      readonly cause: unknown;
    }
  /** An earlier request with the same key was answered by this generation. */
  | { readonly outcome: 'done_before'; readonly generationId: string };

/**
 * Lets a model answer and charges for it. This is where everything that a model does is charged:
 * quote → hold → generate → settle. The book is written before a model is asked; what is charged
 * in the end, however it ends, is decided by `core/outcome.ts`.
 * @throws ChitError `rate_limited`, `insufficient_credits`, `api_key_budget_exceeded`,
 *   `ledger_unavailable`, `idempotency_key_running`, `idempotency_key_reused`
 */
export async function meter(context: Context, order: GenerationRequest): Promise<Metered> {
  const admission = await context.usageLimits.admit(order);
  order.onLimits?.(admission.states);
  let usageTokens = 0;
  try {
    const metered = await holdAndSettle(context, order);
    const usage = metered.outcome === 'ended' ? metered.bookedUsage : undefined;
    usageTokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
    return metered;
  } finally {
    admission.end(usageTokens);
  }
}

async function holdAndSettle(context: Context, order: GenerationRequest): Promise<Metered> {
  const { accountId, apiKeyId, content, candidates, idempotency } = order;
  const { ledger, leaseId } = context;
  const [model] = candidates;
  const { price } = model;
  const generationId = newId();
  const atMs = context.now();

  const inputTokens = candidates.every((it) => isFlat(it.price)) ? 0 : await order.countInput();
  const quoted = candidates.map((it) => {
    const wish = wishOf(context, order, it, inputTokens);
    return { model: it, wish, quote: quoteRange(it.price, wish) };
  });
  const about = { generationId, accountId, model: model.name, price, inputTokens };
  const mostCredits = Math.max(...quoted.map(({ quote }) => quote.mostCredits));
  const { leastCredits } = (quoted[0] as (typeof quoted)[0]).quote;
  const quote = { mostCredits, leastCredits };
  const from = { ...order.place, apiKeyId, leaseId, idempotency, atMs };
  const hold = { kind: 'hold', ...about, content, ...quote, ...from } as const;
  const held = await ledger.submit(hold).catch((error: unknown) => {
    if (hasCode(error, 'ledger_unavailable') && error.details.isOutcomeUnknown) {
      releaseSoon(context, hold);
    }
    throw error;
  });
  if (held.outcome === 'key_done') {
    return { outcome: 'done_before', generationId: held.generationId };
  }
  if (held.outcome !== 'held') throw refusalOf(held, leastCredits);
  order.onHeld?.({ id: generationId, atMs });
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  order.stop?.addEventListener('abort', stop, { once: true });
  if (order.stop?.aborted) stop();
  const isOver = context.running.begin(accountId, generationId, stop);

  const journal = new Journal(ledger, { generationId, accountId });
  const affordable = quoted.map(({ model: it, wish }) => {
    const tokens = affordableOutput(it.price, wish, held.heldCredits);
    return { model: it, outputLimit: Math.floor(tokens / order.answers) };
  });
  const stoppable = { ...order, stop: stopper.signal };
  const answered = await firstAnswer(context, stoppable, affordable, journal);
  journal.close();
  isOver();
  order.stop?.removeEventListener('abort', stop);

  const { generated, model: answering } = answered;
  const { text, nonReplyOutput, usage, ending, cause } = generated;
  const charged =
    answering === model ? undefined : { model: answering.name, price: answering.price };
  const { hasText } = order;
  const delivery = { text, nonReplyOutput, hasText, ending, reported: usage, charged };
  const ended = await endGeneration(context, { ...about, ...delivery });
  const said = { text, ending, cause, model: answering };
  return { outcome: 'ended', generationId, atMs, ...said, ...ended };
}

/** What one model is to give: the least of what was asked for and what it can. */
function wishOf(
  { policy }: Context,
  order: GenerationRequest,
  model: Model,
  inputTokens: number,
): QuoteRequest {
  // A provider refuses to be asked for more than fits beside what it is to read.
  const room = Math.max(policy.minOutputTokens, (model.contextTokens ?? Infinity) - inputTokens);
  const own = Math.min(order.wantedOutput ?? model.outputLimit, model.outputLimit, room);
  const usefulOutput = policy.minOutputTokens * order.answers;
  return { inputTokens, outputLimit: own * order.answers, usefulOutput };
}

/** Asks one model after the other until one has delivered something. */
async function firstAnswer(
  context: Context,
  order: GenerationRequest,
  affordable: readonly { readonly model: Model; readonly outputLimit: number }[],
  journal: Journal,
): Promise<{ generated: Generated; model: Model }> {
  let last: { generated: Generated; model: Model } | undefined;
  for (const { model, outputLimit } of affordable) {
    // What the hold leaves for a fall-back that is dearer may be too little to be of use.
    if (last && outputLimit < Math.min(context.policy.minOutputTokens, model.outputLimit)) continue;
    const { content, promptContext = EMPTY_PROMPT_CONTEXT } = order;
    const ask = (signal: AbortSignal) =>
      order.ask(model, { content, promptContext, outputLimit, signal });
    const { idleTimeoutMs } = model;
    const { stop, deliver } = order;
    const generated = await generate(ask, { idleTimeoutMs, journal, stop, deliver });
    last = { generated, model };
    const hasFailed = generated.ending === 'failed' || generated.ending === 'timed_out';
    if (!hasFailed || generated.isDelivered) break;
  }
  return last as { generated: Generated; model: Model };
}
