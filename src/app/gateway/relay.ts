import { isUtf8 } from 'node:buffer';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { IdempotencyKey, IdempotentResponse } from '../../core/ledger.ts';
import type { PayingAccount } from '../../core/paying-account.ts';
import { coversText, isFlat } from '../../core/pricing.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { storableText } from '../../core/storable-text.ts';
import { askProvider, type ProviderApiRequest } from '../../models/ask-provider.ts';
import type { Delta, Model } from '../../models/catalogue.ts';
import { measureRequest } from '../../models/input-measure/measure-request.ts';
import { Attempts } from '../../models/provider-client/attempts.ts';
import { ProviderFailure } from '../../models/provider-client/provider-failure.ts';
import { userTextOf } from '../../models/request-body/request-text.ts';
import { guardRulesOf } from '../../models/request-guard/guard-rules.ts';
import {
  type InspectedRequest,
  inspectRequest,
  refusalOf,
} from '../../models/request-guard/inspect-request.ts';
import type { Context } from '../context.ts';
import { eraseUnpaidWords } from '../metering/end-generation.ts';
import { hashOfBytes } from '../metering/idempotency.ts';
import { type MeteredReply, meter } from '../metering/meter.ts';
import { keyPermits, modelsFor } from '../metering/models-for.ts';
import { payersFor } from '../metering/payers.ts';
import { requireTextPrice } from '../metering/quote-generation.ts';
import { errorInPlaceOf, outcomeUnknownUnless } from '../metering/reply-error.ts';
import type { GenerationWatch } from '../operations/observations.ts';
import type { ClientRetries } from './client-retries.ts';

const NO_BYTES = new Uint8Array();
/** A longer response to a request with an idempotency key is not kept: a retry gets 409. */
const MAX_KEPT_BYTES = 1_048_576;

export interface RelayRequest extends ProviderApiRequest {
  readonly userId: number;
  /** The accounts that may pay for the user; see `Requester`. */
  readonly payers?: readonly PayingAccount[] | undefined;
  /** The client's key, the models that it may use, and the group that alone pays for it. */
  readonly apiKey: {
    readonly id: string;
    readonly models: readonly string[] | undefined;
    readonly groupId?: string | undefined;
  };
  readonly idempotency: IdempotencyKey | undefined;
  readonly retrying: Retrying;
  /** Aborts when the client disconnects; see `GenerationRequest.left`. */
  readonly left: AbortSignal;
  /** Receives the state of the client's rate limits. */
  readonly onLimits: (states: readonly RateLimitState[]) => void;
  readonly watch?: GenerationWatch | undefined;
  /** Receives the output limit of each answer, in tokens, if it is less than was requested. */
  readonly onOutputCut?: ((outputLimit: number) => void) | undefined;
  /** Called before the response if it is the one to an earlier request with the same key. */
  readonly onReplayed: () => void;
  /** Receives the content type of the response and then its bytes. */
  readonly deliver: (delta: Delta) => void | Promise<void>;
}

/** What is known of the retries of a client. */
interface Retrying {
  readonly known: ClientRetries;
  /** Which retry of the client's own this is, 0 for its first request; undefined if not told. */
  readonly nth: number | undefined;
  /** Called before an error after which the client shall not ask again by itself. */
  readonly onSpent: () => void;
}

/** Why a response ended before it was complete. What was delivered of it is charged. */
export type Interruption = 'model_failed' | 'stopped' | 'account_disabled' | 'key_ended';

/**
 * Relays a request to the provider of its model, over the provider API that it came in by, and the
 * response back, charging for it by `meter`. Resolves when the charge is in the ledger.
 * @returns why the response is incomplete, unless the provider has sent an error event of its own
 * @throws ChitError `model_missing`, `model_not_found`, `wire_not_spoken`; `member_invalid`,
 *   `member_repeated`, `member_unpriced`, `member_unknown`, `url_not_fetched`; `input_unseen`,
 *   `body_too_large`, `rate_limited`,
 *   `insufficient_credits`, `api_key_budget_exceeded`, `ledger_unavailable`; `model_failed`,
 *   `model_refused`, `model_busy`, `model_unavailable`, `user_inactive`, `api_key_invalid` if
 *   nothing was delivered;
 *   `server_lost` if another server has ended the generation
 */
export async function relay(
  context: Context,
  request: RelayRequest,
): Promise<{ readonly interruption: Interruption | undefined }> {
  const { known, nth, onSpent } = request.retrying;
  const turn = nth || request.idempotency ? await turnOf(request) : undefined;
  const attempts = turn === undefined ? new Attempts() : known.attemptsOf(turn);
  if (attempts.areSpent) {
    onSpent();
    throw new ChitError('model_failed', undefined);
  }
  try {
    return await relayOnce(context, request, attempts);
  } catch (error) {
    const isModels =
      hasCode(error, 'model_failed') ||
      hasCode(error, 'model_busy') ||
      hasCode(error, 'model_unavailable');
    if (!isModels || attempts.used === 0) throw error;
    if (attempts.areSpent || isOperators(error.cause)) onSpent();
    if (turn !== undefined || nth !== undefined) {
      known.note(turn ?? (await turnOf(request)), attempts);
    }
    throw error;
  }
}

/** What the retries of a client have in common. */
async function turnOf({ apiKey, api, body, idempotency }: RelayRequest): Promise<string> {
  if (idempotency) return `${apiKey.id} ${idempotency.bodyHash} ${idempotency.key}`;
  return `${apiKey.id} ${api.path} ${await hashOfBytes(body.json)}`;
}

function isOperators(cause: unknown): boolean {
  return cause instanceof ProviderFailure && cause.reason === 'operator';
}

async function relayOnce(
  context: Context,
  request: RelayRequest,
  attempts: Attempts,
): Promise<{ readonly interruption: Interruption | undefined }> {
  const { api, body, userId, apiKey, left, idempotency } = request;
  const { model: wanted } = body.value;
  const isMeasured = api.extent !== undefined;
  if (typeof wanted !== 'string') throw new ChitError('model_missing', undefined);
  const isAllowed = keyPermits(context, apiKey.models);
  if (!isAllowed(wanted)) throw new ChitError('model_not_found', { model: wanted });
  const [model, ...fallbacks] = await modelsFor(context, userId, wanted);
  const hasApi = ({ upstream }: Model) => upstream?.provider.settings.family === api.family;
  const hasPrice = ({ price }: Model) => isMeasured || coversText(price);
  if (!hasApi(model)) throw new ChitError('wire_not_spoken', { model: model.name });
  if (!isMeasured) requireTextPrice(model);
  const inspected = inspectRequest(api, body);
  const refusalBy = (it: Model) =>
    refusalOf(inspected, guardRulesOf(it)) ?? thinkingRefusalOf(inspected, it);
  const refusal = refusalBy(model);
  if (refusal) throw refusal;
  const isBounded = ({ contextTokens, price }: Model) =>
    inspected.unseen === undefined || contextTokens !== undefined || isFlat(price);
  const isFallback = (it: Model) =>
    hasApi(it) && hasPrice(it) && isAllowed(it.name) && isBounded(it) && !refusalBy(it);
  const extent = api.extent?.(body.value);
  const measure = measureRequest(api.family, body, {
    unseen: inspected.unseen,
    isSeen: inspected.isSeen,
    rereads: inspected.rereads,
    addedInput: extent?.addedInput,
    readsInPieces: api.readsInPieces?.(body.value),
  });
  const recorder = idempotency && new ResponseRecorder(request.deliver);
  const asked = { userId, payers: request.payers, payer: apiKey.groupId, model: model.name };
  const paying = await payersFor(context, asked);
  const metered = await meter(context, {
    accountId: userId,
    ...paying,
    apiKeyId: apiKey.id,
    content: userTextOf(body.value),
    candidates: [model, ...fallbacks.filter(isFallback)],
    wantedOutput: inspected.outputLimit,
    leastOutput: inspected.leastOutput,
    answers: inspected.answers,
    units: inspected.units,
    others: extent ? { ...inspected.others, ...extent.most } : inspected.others,
    tiers: inspected.tiers,
    regions: inspected.regions,
    isWhole: !inspected.isStream,
    hasText: api.hasText,
    attempts,
    measure: () => measure,
    ask: (candidate, { outputLimit, signal, attempts: used }) => {
      const upstream = candidate.upstream as NonNullable<Model['upstream']>;
      return askProvider(upstream.provider, request, {
        model: upstream.model,
        outputLimit,
        toolCalls: inspected.toolCalls,
        writesForHour: inspected.units.has('cache_write_1h'),
        signal,
        attempts: used,
      });
    },
    idempotency,
    // The provider bills such an answer as a whole, whether or not its client waits for it.
    left: isMeasured ? undefined : left,
    onLimits: request.onLimits,
    watch: request.watch,
    onOutputCut: request.onOutputCut,
    response: recorder && (() => recorder.response),
    deliver: recorder?.deliver ?? request.deliver,
  });
  if (metered.outcome === 'done_before') {
    await replay(context, request, metered.generationId);
    return { interruption: undefined };
  }
  if (metered.end === 'released') {
    await eraseUnpaidWords(context, userId, metered.generationId);
  }
  const error = errorInPlaceOf(metered);
  // Nobody reads what is told to a client that has gone.
  if (error && !left.aborted) throw error;
  return { interruption: interruptionOf(metered) };
}

/** A limit of output is never cut below the thinking within it: providers refuse that. */
function thinkingRefusalOf(
  { leastOutput, thinking }: InspectedRequest,
  { isOutputLimitKnown, outputLimit }: Model,
): ChitError<'member_invalid'> | undefined {
  if (!thinking || !isOutputLimitKnown || leastOutput <= outputLimit) return undefined;
  const expected = `less than ${outputLimit}, which is the most that this model writes`;
  return new ChitError('member_invalid', { member: thinking.member, expected });
}

function interruptionOf({ ending, stopReason, cause }: MeteredReply): Interruption | undefined {
  if (ending === 'finished') return undefined;
  if (stopReason === 'account_disabled' || stopReason === 'key_ended') return stopReason;
  if (ending === 'stopped') return 'stopped';
  const hasErrorEvent = cause instanceof ProviderFailure && cause.reason === 'refused';
  return hasErrorEvent ? undefined : 'model_failed';
}

/** Delivers the response to an earlier request with the same key. */
async function replay(
  { idempotentResponses }: Context,
  { deliver, onReplayed }: RelayRequest,
  generationId: string,
): Promise<void> {
  const kept = await outcomeUnknownUnless(idempotentResponses.find(generationId));
  if (!kept) throw new ChitError('idempotency_key_done', undefined);
  onReplayed();
  await deliver({ contentType: kept.contentType, bytes: Buffer.from(kept.body) });
}

/** Passes a response on and records it. */
class ResponseRecorder {
  #contentType = '';
  #chunks: Uint8Array[] = [];
  #size = 0;
  readonly deliver: (delta: Delta) => void | Promise<void>;

  constructor(deliver: (delta: Delta) => void | Promise<void>) {
    this.deliver = (delta) => {
      this.#contentType = delta.contentType ?? this.#contentType;
      this.#add(delta.bytes ?? NO_BYTES);
      this.#add(delta.end ?? NO_BYTES);
      return deliver(delta);
    };
  }

  /** The response so far; undefined if it is too long to keep, or not text. */
  get response(): IdempotentResponse | undefined {
    if (this.#size > MAX_KEPT_BYTES) return undefined;
    const bytes = Buffer.concat(this.#chunks);
    if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
    const body = storableText(bytes.toString('utf8'));
    return { contentType: this.#contentType, body };
  }

  #add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size <= MAX_KEPT_BYTES) this.#chunks.push(bytes);
    else this.#chunks = [];
  }
}
