import { EMPTY_PROMPT_CONTEXT } from '../../core/conversation.ts';
import type { Credits } from '../../core/credits.ts';
import type { Ending } from '../../core/outcome.ts';
import { isFlat, type Price } from '../../core/pricing.ts';
import { quoteRange } from '../../core/quote.ts';
import { priceWithCalls } from '../../core/tool-price.ts';
import { totalInput, totalOutput, UNKNOWN_USAGE, type Usage } from '../../core/usage.ts';
import type { Model } from '../../models/catalogue.ts';
import { measuredModelOf } from '../../models/input-measure/measured-model.ts';
import { spreadOf } from '../../models/input-measure/text-tokens.ts';
import {
  type Attempt,
  type FallbackReply,
  type HiddenFailure,
  isOwnFailure,
} from '../../models/model-health.ts';
import { optionsFor } from '../../models/options/option-members.ts';
import { Attempts } from '../../models/provider-client/attempts.ts';
import type { Context } from '../context.ts';
import type { EndedGeneration } from '../operations/observations.ts';
import { endGeneration, type GenerationEnd, releaseSoon } from './end-generation.ts';
import { replyFailureOf, retryAfterOf } from './failed-as.ts';
import { type Generated, generate } from './generate.ts';
import type { RunningGeneration, StopReason } from './generation-registry.ts';
import type { GenerationRequest } from './generation-request.ts';
import { type AlreadyDone, type HeldCredits, holdCredits } from './hold-credits.ts';
import { Journal } from './journal.ts';
import { outputPaidBy, type QuotedModel, quoteGeneration } from './quote-generation.ts';

/** How a generation ended. */
export interface MeteredReply extends GenerationEnd {
  readonly outcome: 'ended';
  readonly generationId: string;
  readonly atMs: number;
  /** The account that pays, if it is not the personal one. */
  readonly payerId: number | undefined;
  readonly ending: Ending;
  readonly stopReason: StopReason | undefined;
  /** The model that answered. */
  readonly model: Model;
  readonly text: string;
  /** Output that is no part of the reply, without what was asked of tools. */
  readonly nonReplyOutput: string;
  /** What the provider threw. */
  readonly cause: unknown;
}

/**
 * Asks a model and charges for its reply. Everything that reaches a model goes through here:
 * quote → hold → generate → settle. The hold is durable before the model is asked; the charge is
 * decided by the outcome table in `core/outcome.ts`, however the generation ends.
 * @throws ChitError `rate_limited`, `insufficient_credits`, `api_key_budget_exceeded`,
 *   `budget_exceeded`, `balance_in_use`, `input_unseen`, `server_busy`, `ledger_unavailable`,
 *   `idempotency_key_running`, `idempotency_key_reused`, `cost_limit_reached`
 */
export async function meter(
  context: Context,
  request: GenerationRequest,
): Promise<MeteredReply | AlreadyDone> {
  const { watch } = request;
  const speed = context.plansInForce.speedOf(request.accountId);
  const ofPlan = speed instanceof Promise ? await speed : speed;
  const admission = await context.usageLimits.admit(request, ofPlan);
  request.onLimits?.(admission.states);
  let usageTokens = 0;
  try {
    const quote = await quoteGeneration(context, request);

    const hold = await holdCredits(context, request, quote);
    if (hold.outcome === 'done_before') return hold;

    const { accountId, apiKeyId } = request;
    const id = hold.generationId;
    watch?.held?.({ id, model: request.candidates[0].name });
    const { payerId } = hold;
    const generation = context.generations.start({ id, accountId, payerId, apiKeyId });
    if (hold.losses !== context.lease.losses) generation.stop('server_lost');
    try {
      const replying = generateReply(context, request, hold, generation);
      const answer = await replying.catch((error: unknown) => {
        releaseSoon(context, { generationId: id, accountId, payerId });
        throw error;
      });

      generation.retryAfterSeconds = retryAfterOf(answer.generated.cause);
      const end = await settleGeneration(context, request, hold, answer).catch((error) => {
        watch?.unbooked?.();
        throw error;
      });
      if (end.unpriced) context.modelHealth.recordUnpriced(answer.model.name, end.unpriced);
      const { counts } = end.bookedUsage ?? UNKNOWN_USAGE;
      usageTokens = (totalInput(counts) ?? 0) + (totalOutput(counts) ?? 0);
      watch?.ended?.(endedGeneration(hold, answer, end));
      return meteredReply(hold, answer, end);
    } finally {
      context.generations.end(generation);
      context.turns.ended(request);
    }
  } finally {
    admission.end(usageTokens);
  }
}

/** What a model delivered. */
interface Answer {
  readonly model: Model;
  readonly price: Price;
  readonly generated: Generated;
}

/** Asks the candidates one after the other until one of them delivers something. */
async function generateReply(
  context: Context,
  request: GenerationRequest,
  hold: HeldCredits,
  generation: RunningGeneration,
): Promise<Answer> {
  const { content, promptContext = EMPTY_PROMPT_CONTEXT, deliver } = request;
  const { attempts = new Attempts(), isWhole, idempotency } = request;
  // A whole answer is kept for the retry of a request with a key.
  const left = isWhole && idempotency ? undefined : request.left;
  const journal = new Journal(context.ledger, generation);
  const stop = () => generation.stop('stopped');
  request.stop?.addEventListener('abort', stop, { once: true });
  if (request.stop?.aborted) stop();
  const onLeft = () => {
    attempts.isOver = true;
  };
  left?.addEventListener('abort', onLeft, { once: true });
  let answer: Answer | undefined;
  const failures: HiddenFailure[] = [];
  request.onHeld?.({ id: hold.generationId, atMs: hold.atMs });
  for (const [index, quoted] of hold.quote.candidates.entries()) {
    const { model, price } = quoted;
    if (answer && attempts.areSpent) break;
    const payerId = hold.payerId ?? request.accountId;
    if (answer && request.mayAnswer?.(payerId, model.name) === false) continue;
    attempts.kept = hold.quote.candidates.length - index - 1;
    const affordable = outputPaidBy(quoted, hold.heldCredits);
    const outputLimit = Math.floor((affordable ?? 0) / request.answers);
    const { usefulOutput, outputLimit: fullOutput } = quoted.request;
    // A dearer fallback is skipped if the hold pays for too little of it to be useful.
    const isUseful = (affordable ?? -1) >= Math.min(usefulOutput, fullOutput);
    if (answer && !isUseful) continue;
    const wanted = Math.max(request.wantedOutput ?? 0, fullOutput / request.answers);
    if (request.hasText && outputLimit < wanted) request.onOutputCut?.(outputLimit);
    const options = request.options && optionsFor(model, request.options);
    const ask = (signal: AbortSignal) =>
      request.ask(model, { content, promptContext, options, outputLimit, signal, attempts });
    const idleTimeoutMs = isWhole ? model.wholeAnswerTimeoutMs : model.idleTimeoutMs;
    const { lease, generations, policy } = context;
    const { watch } = request;
    // There is nothing to learn for a flat price.
    const readOnMs = () => (isFlat(price) || !generations.mayReadOn ? 0 : policy.readOnMs);
    const tokens = outputLimit * request.answers;
    const isLimited = request.hasText && !isWhole && tokens > 0;
    watch?.asked?.(model);
    const generated = await generate(ask, {
      limit: isLimited ? { tokens, spread: spreadOf(measuredModelOf(model)) } : undefined,
      idleTimeoutMs,
      journal,
      lease,
      generation,
      left,
      readOnMs,
      deliver,
      onOutput: watch?.delivered && (() => watch.delivered?.()),
    });
    watch?.answered?.(generated);
    answer = { model, price, generated };
    const hasFailed = generated.ending === 'failed' || generated.ending === 'timed_out';
    context.modelHealth.record(model.name, attemptOf(generated), generated.cause);
    if (!hasFailed || generated.isDelivered) break;
    failures.push({ model: model.name, cause: generated.cause });
  }
  const fallback = answer && fallbackIn(hold, answer, failures);
  if (fallback) {
    context.modelHealth.recordFallback(fallback);
    request.watch?.fellBack?.(fallback);
  }
  journal.close();
  request.stop?.removeEventListener('abort', stop);
  left?.removeEventListener('abort', onLeft);
  return answer as Answer;
}

/** The reply of a fallback, with the failures that it hides; undefined if it is none. */
function fallbackIn(
  { quote: { candidates } }: HeldCredits,
  { model, generated }: Answer,
  failures: readonly HiddenFailure[],
): FallbackReply | undefined {
  const requested = candidates[0];
  const answering = candidates.find((it) => it.model === model);
  if (!requested || !answering || answering === requested) return undefined;
  if (attemptOf(generated) !== 'answered') return undefined;
  const isDearer = mostCreditsOf(answering) > mostCreditsOf(requested);
  const fallback = model.name;
  return { model: requested.model.name, fallback, isDearer, failures };
}

function mostCreditsOf({ price, request }: QuotedModel): Credits {
  return quoteRange(price, request).mostCredits;
}

/** What a generation says of the health of its model, whether or not a fallback answers. */
function attemptOf({ ending, isDelivered, cause }: Generated): Attempt {
  if (ending === 'finished' || (ending === 'stopped' && isDelivered)) return 'answered';
  const isFailure = ending === 'timed_out' || (ending === 'failed' && isOwnFailure(cause));
  return isFailure ? 'failed' : 'neither';
}

/** Charges for what was delivered, or releases the hold, and stores the reply. */
function settleGeneration(
  context: Context,
  request: GenerationRequest,
  { generationId, payerId, price, quote: { estimateInput } }: HeldCredits,
  { model, price: charged, generated }: Answer,
): Promise<GenerationEnd> {
  const { accountId, candidates, hasText, answers, response, calls = [] } = request;
  const { keepsThinking = false } = request;
  const { text, nonReplyOutput, toolOutput, thinkingMs, ending, usage } = generated;
  const [requested] = candidates;
  const answered = request.answeredCalls?.() ?? [];
  const isAsHeld = model === requested && answered.length === calls.length;
  return endGeneration(context, {
    generationId,
    accountId,
    payerId,
    price,
    estimateInput,
    text,
    nonReplyOutput,
    hasText,
    answers,
    ending,
    failedAs: replyFailureOf(generated.cause),
    reported: withCalls(usage, answered.length),
    toolOutput,
    keepsThinking,
    thinkingMs,
    response: ending === 'finished' ? response?.() : undefined,
    charged: isAsHeld ? undefined : { model: model.name, price: priceWithCalls(charged, answered) },
  });
}

/** The usage with calls of tools that were answered. */
function withCalls(usage: Usage | undefined, calls: number): Usage | undefined {
  if (calls === 0) return usage;
  return { ...usage, counts: { ...usage?.counts, tool_call: calls } };
}

function endedGeneration(
  { generationId: id, payerId }: HeldCredits,
  { model, generated }: Answer,
  { chargedCredits, bookedUsage: usage, unpriced, failure }: GenerationEnd,
): EndedGeneration {
  const { ending: outcome } = generated;
  const { name } = model;
  return { id, model: name, outcome, failure, chargedCredits, payerId, usage, unpriced };
}

function meteredReply(
  { generationId, atMs, payerId }: HeldCredits,
  { model, generated }: Answer,
  { end, chargedCredits, bookedUsage, failure }: GenerationEnd,
): MeteredReply {
  const { text, nonReplyOutput, ending, stopReason, cause } = generated;
  return {
    outcome: 'ended',
    generationId,
    atMs,
    payerId,
    end,
    ending,
    stopReason,
    model,
    text,
    nonReplyOutput,
    bookedUsage,
    chargedCredits,
    failure,
    cause,
  };
}
