import { EMPTY_PROMPT_CONTEXT, type PromptContext } from '../../core/conversation.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type {
  HoldCommand,
  HoldResult,
  IdempotencyKey,
  IdempotentResponse,
} from '../../core/ledger.ts';
import type { Ending } from '../../core/outcome.ts';
import { isFlat, type Price } from '../../core/pricing.ts';
import { affordableOutput, type QuoteRequest, quoteRange } from '../../core/quote.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { totalInput, totalOutput, UNKNOWN_USAGE } from '../../core/usage.ts';
import type { Delta, GenerateRequest, Model } from '../../models/catalogue.ts';
import { type Attempt, isOwnFailure } from '../../models/model-health.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { endGeneration, type GenerationEnd, releaseSoon } from './end-generation.ts';
import { type Generated, generate } from './generate.ts';
import type { RunningGeneration, StopReason } from './generation-registry.ts';
import { Journal } from './journal.ts';
import type { Candidates } from './models-for.ts';

/** What to ask a model, and the account that pays for it. */
export interface GenerationRequest {
  readonly accountId: number;
  /** The API key that is used; undefined if the user is signed in. */
  readonly apiKeyId: string | undefined;
  /** The user's words, as they are stored. */
  readonly content: string;
  /** The conversation so far, for models that are asked by `GenerateRequest`. */
  readonly promptContext?: PromptContext | undefined;
  /** The conversation that the message belongs to, and the message that it follows. */
  readonly conversationId?: string | undefined;
  readonly parentId?: string | undefined;
  /** The requested model, then its fallbacks. */
  readonly candidates: Candidates;
  /** The most tokens per answer, if the request limits them; the model's own limit applies too. */
  readonly wantedOutput: number | undefined;
  /** How many answers are requested, each with that limit. */
  readonly answers: number;
  /** Whether the reply is text; embeddings are only numbers. */
  readonly hasText: boolean;
  readonly countInput: () => Promise<number>;
  readonly ask: (model: Model, request: GenerateRequest) => AsyncIterable<Delta>;
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when the rest is not wanted; what was delivered is charged and kept. */
  readonly stop: AbortSignal | undefined;
  /** Receives the state of the account's rate limits, if it has any. */
  readonly onLimits?: ((states: readonly RateLimitState[]) => void) | undefined;
  /** Called once credits are held, before a model is asked. */
  readonly onHeld?: ((held: { id: string; atMs: number }) => void) | undefined;
  /** The response to store with the charge, if the reply is complete and it is to be kept. */
  readonly response?: (() => IdempotentResponse | undefined) | undefined;
  /** Passes each delta on; a promise suspends the model until its reader has caught up. */
  readonly deliver?: ((delta: Delta) => void | Promise<void>) | undefined;
}

/** How a generation ended. */
export interface MeteredReply extends GenerationEnd {
  readonly outcome: 'ended';
  readonly generationId: string;
  readonly atMs: number;
  readonly ending: Ending;
  readonly stopReason: StopReason | undefined;
  /** The model that answered. */
  readonly model: Model;
  readonly text: string;
  /** What the provider threw. */
  readonly cause: unknown;
}

/** An earlier request with the same idempotency key was answered by this generation. */
export interface AlreadyDone {
  readonly outcome: 'done_before';
  readonly generationId: string;
}

/**
 * Asks a model and charges for its reply. Everything that reaches a model goes through here:
 * quote → hold → generate → settle. The hold is durable before the model is asked; the charge is
 * decided by the outcome table in `core/outcome.ts`, however the generation ends.
 * @throws ChitError `rate_limited`, `insufficient_credits`, `api_key_budget_exceeded`,
 *   `ledger_unavailable`, `idempotency_key_running`, `idempotency_key_reused`
 */
export async function meter(
  context: Context,
  request: GenerationRequest,
): Promise<MeteredReply | AlreadyDone> {
  const admission = await context.usageLimits.admit(request);
  request.onLimits?.(admission.states);
  let usageTokens = 0;
  try {
    const isPricedByInput = request.candidates.some(({ price }) => !isFlat(price));
    const inputTokens = isPricedByInput ? await request.countInput() : 0;
    const quote = quoteGeneration(context, request, inputTokens);

    if (!context.lease.isCertain) await renewLease(context);
    const { doubts } = context.lease;
    const hold = await holdCredits(context, request, quote);
    if (hold.outcome === 'done_before') return hold;

    const { accountId, apiKeyId } = request;
    const id = hold.generationId;
    const generation = context.generations.start({ id, accountId, apiKeyId });
    if (doubts !== context.lease.doubts) generation.stop('server_lost');
    try {
      const replying = generateReply(context, request, quote, hold, generation);
      const answer = await replying.catch((error: unknown) => {
        releaseSoon(context, { generationId: id, accountId });
        throw error;
      });

      const end = await settleGeneration(context, request, hold, answer);
      const { counts } = end.bookedUsage ?? UNKNOWN_USAGE;
      usageTokens = (totalInput(counts) ?? 0) + (totalOutput(counts) ?? 0);
      return meteredReply(hold, answer, end);
    } finally {
      context.generations.end(generation);
    }
  } finally {
    admission.end(usageTokens);
  }
}

/** A hold needs a lease that others respect. */
async function renewLease({ lease }: Context): Promise<void> {
  try {
    await lease.renew();
  } catch (cause) {
    throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false }, { cause });
  }
}

/** What a generation can cost, at least and at most, and what each candidate model would give. */
interface GenerationQuote {
  readonly inputTokens: number;
  readonly mostCredits: Credits;
  readonly leastCredits: Credits;
  /** The requested model, then its fallbacks. */
  readonly candidates: readonly [QuotedModel, ...QuotedModel[]];
}

/** A model with its price, which is the one of this moment until the generation has ended. */
interface QuotedModel {
  readonly model: Model;
  readonly price: Price;
  readonly request: QuoteRequest;
}

/** Step 1: the most is that of the dearest candidate, the least that of the requested model. */
function quoteGeneration(
  { policy }: Context,
  { candidates, wantedOutput, answers }: GenerationRequest,
  inputTokens: number,
): GenerationQuote {
  let mostCredits = 0;
  let leastCredits = 0;
  const quoted = candidates.map((model, index): QuotedModel => {
    // Providers refuse an output limit that does not fit into the context beside the input.
    const room = Math.max(policy.minOutputTokens, (model.contextTokens ?? Infinity) - inputTokens);
    const outputPerAnswer = Math.min(wantedOutput ?? model.outputLimit, model.outputLimit, room);
    const request: QuoteRequest = {
      inputTokens,
      outputLimit: outputPerAnswer * answers,
      usefulOutput: policy.minOutputTokens * answers,
      answers,
    };
    const { price } = model;
    const range = quoteRange(price, request);
    mostCredits = Math.max(mostCredits, range.mostCredits);
    if (index === 0) leastCredits = range.leastCredits;
    return { model, price, request };
  });
  const [first, ...others] = quoted;
  return { inputTokens, mostCredits, leastCredits, candidates: [first as QuotedModel, ...others] };
}

/** Credits that are held for a generation. */
interface HeldCredits {
  readonly outcome: 'held';
  readonly generationId: string;
  readonly atMs: number;
  /** The price of the requested model. */
  readonly price: Price;
  readonly inputTokens: number;
  readonly heldCredits: Credits;
}

/** Step 2: puts the credits aside and stores the user's message, durably. */
async function holdCredits(
  context: Context,
  request: GenerationRequest,
  quote: GenerationQuote,
): Promise<HeldCredits | AlreadyDone> {
  const { inputTokens, mostCredits, leastCredits } = quote;
  const { model, price } = quote.candidates[0];
  const command: HoldCommand = {
    kind: 'hold',
    generationId: newId(),
    accountId: request.accountId,
    apiKeyId: request.apiKeyId,
    model: model.name,
    price,
    inputTokens,
    mostCredits,
    leastCredits,
    content: request.content,
    conversationId: request.conversationId,
    parentId: request.parentId,
    leaseId: context.lease.id,
    idempotency: request.idempotency,
    atMs: context.now(),
  };
  const result = await submitHold(context, command);
  if (result.outcome === 'key_done') {
    return { outcome: 'done_before', generationId: result.generationId };
  }
  if (result.outcome !== 'held') throw refusalOf(result, leastCredits);
  const { generationId, atMs } = command;
  const { heldCredits } = result;
  return { outcome: 'held', generationId, atMs, price, inputTokens, heldCredits };
}

async function submitHold(context: Context, command: HoldCommand): Promise<HoldResult> {
  try {
    return await context.ledger.submit(command);
  } catch (error) {
    if (!hasCode(error, 'ledger_unavailable') || !error.details.isOutcomeUnknown) throw error;
    releaseSoon(context, command);
    // Whatever became of the hold, no model was asked: nothing will be charged.
    throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false }, { cause: error });
  }
}

/** The error for a hold that was refused. */
function refusalOf(
  result: Exclude<HoldResult, { outcome: 'held' } | { outcome: 'key_done' }>,
  neededCredits: Credits,
): Error {
  switch (result.outcome) {
    case 'insufficient_credits':
    case 'api_key_budget_exceeded': {
      const { availableCredits } = result;
      return new ChitError(result.outcome, { neededCredits, availableCredits });
    }
    case 'api_key_unknown':
      return new ChitError('api_key_invalid', undefined);
    case 'account_unknown':
      return new ChitError('user_inactive', undefined);
    case 'conversation_unknown':
      return new ChitError('conversation_not_found', undefined);
    case 'key_running':
      return new ChitError('idempotency_key_running', undefined);
    case 'key_reused':
      return new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      // The answer to the first attempt was lost, and another server has released the hold since.
      return new ChitError('server_lost', { chargedCredits: 0 });
  }
}

/** What a model delivered. */
interface Answer {
  readonly model: Model;
  readonly price: Price;
  readonly generated: Generated;
}

/** Step 3: asks the candidates one after the other until one of them delivers something. */
async function generateReply(
  context: Context,
  request: GenerationRequest,
  quote: GenerationQuote,
  hold: HeldCredits,
  generation: RunningGeneration,
): Promise<Answer> {
  const { content, promptContext = EMPTY_PROMPT_CONTEXT, deliver } = request;
  const { minOutputTokens } = context.policy;
  const journal = new Journal(context.ledger, generation);
  const stop = () => generation.stop('stopped');
  request.stop?.addEventListener('abort', stop, { once: true });
  if (request.stop?.aborted) stop();
  let answer: Answer | undefined;
  request.onHeld?.({ id: hold.generationId, atMs: hold.atMs });
  for (const { model, price, request: quoted } of quote.candidates) {
    const affordable = affordableOutput(price, quoted, hold.heldCredits);
    const outputLimit = Math.floor((affordable ?? 0) / request.answers);
    // A dearer fallback is skipped if the hold pays for too little of it to be useful.
    const isUseful = outputLimit >= Math.min(minOutputTokens, model.outputLimit);
    if (answer && (affordable === undefined || !isUseful)) continue;
    const ask = (signal: AbortSignal) =>
      request.ask(model, { content, promptContext, outputLimit, signal });
    const { idleTimeoutMs } = model;
    const { lease } = context;
    const options = { idleTimeoutMs, journal, lease, generation, deliver };
    const generated = await generate(ask, options);
    answer = { model, price, generated };
    const hasFailed = generated.ending === 'failed' || generated.ending === 'timed_out';
    context.modelHealth.record(model.name, attemptOf(generated), generated.cause);
    if (!hasFailed || generated.isDelivered) break;
  }
  journal.close();
  request.stop?.removeEventListener('abort', stop);
  return answer as Answer;
}

/** What a generation says of the health of its model, whether or not a fallback answers. */
function attemptOf({ ending, isDelivered, cause }: Generated): Attempt {
  if (ending === 'finished' || (ending === 'stopped' && isDelivered)) return 'answered';
  const isFailure = ending === 'timed_out' || (ending === 'failed' && isOwnFailure(cause));
  return isFailure ? 'failed' : 'neither';
}

/** Step 4: charges for what was delivered, or releases the hold, and stores the reply. */
function settleGeneration(
  context: Context,
  { accountId, candidates, hasText, answers, response }: GenerationRequest,
  { generationId, price, inputTokens }: HeldCredits,
  { model, price: charged, generated }: Answer,
): Promise<GenerationEnd> {
  const { text, nonReplyOutput, ending, usage } = generated;
  const [requested] = candidates;
  return endGeneration(context, {
    generationId,
    accountId,
    price,
    inputTokens,
    text,
    nonReplyOutput,
    hasText,
    answers,
    ending,
    reported: usage,
    response: ending === 'finished' ? response?.() : undefined,
    charged: model === requested ? undefined : { model: model.name, price: charged },
  });
}

function meteredReply(
  { generationId, atMs }: HeldCredits,
  { model, generated }: Answer,
  { end, chargedCredits, bookedUsage, failure }: GenerationEnd,
): MeteredReply {
  const { text, ending, stopReason, cause } = generated;
  return {
    outcome: 'ended',
    generationId,
    atMs,
    end,
    ending,
    stopReason,
    model,
    text,
    bookedUsage,
    chargedCredits,
    failure,
    cause,
  };
}
