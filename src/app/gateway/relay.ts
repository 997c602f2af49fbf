import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { storableText } from '../../core/storable-text.ts';
import type { Delta, Model } from '../../models/catalogue.ts';
import { countInput, wordsOf } from '../../models/input-texts.ts';
import { ProviderFailure } from '../../models/provider-failure.ts';
import { askProvider, type ProviderApiRequest } from '../../models/upstream.ts';
import type { IdempotentResponse } from '../../store/metering/idempotent-responses.ts';
import type { Context } from '../context.ts';
import { meter } from '../metering/meter.ts';
import { modelFailed } from '../metering/model-failed.ts';
import { modelsFor } from '../metering/models-for.ts';

const EMPTY = new Uint8Array();
/** A longer answer to a request with an idempotency key is not kept: who asks again gets 409. */
const MOST_KEPT_BYTES = 1_048_576;

export interface RelayRequest extends ProviderApiRequest {
  readonly userId: number;
  /** The client's key, and the models that it may use; undefined if all. */
  readonly apiKey: { readonly id: string; readonly models: readonly string[] | undefined };
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when the client is gone: it pays for what came until then, and no more is asked for. */
  readonly stop: AbortSignal;
  /** Told what is left of the limits on how fast the client may ask. */
  readonly onLimits: (states: readonly RateLimitState[]) => void;
  /** Told before the answer that it is the one that an earlier request with its key got. */
  readonly onReplayed: () => void;
  /** Gets the head of the answer and its bytes. */
  readonly deliver: (delta: Delta) => void | Promise<void>;
}

/**
 * Passes a request on to the provider of its model, in the wire that it came in, and the answer
 * back, and charges for it by `meter`. Resolves when the charge is in the book.
 * @returns why it was cut: the provider broke off without saying so in its answer, or the user
 *   stopped it or was shut out
 * @throws ChitError `model_missing`, `model_not_found`, `wire_not_spoken`, `rate_limited`,
 *   `insufficient_credits`, `api_key_budget_exceeded`, `ledger_unavailable`; `model_failed`,
 *   `model_refused`, `model_busy` if nothing was delivered
 */
export async function relay(
  context: Context,
  request: RelayRequest,
): Promise<{ readonly cut: 'broken' | 'stopped' | 'shut_out' | undefined }> {
  const { wire, body, userId, stop, idempotency } = request;
  if (typeof body.model !== 'string') throw new ChitError('model_missing', undefined);
  const { apiKey, onLimits } = request;
  const isAllowed = (name: string) => apiKey.models?.includes(name) ?? true;
  if (!isAllowed(body.model)) throw new ChitError('model_not_found', { model: body.model });
  const [model, ...standIns] = await modelsFor(context, userId, body.model);
  const speaks = ({ upstream }: Model) => upstream?.provider.settings.wire === wire.speaker;
  if (!speaks(model)) throw new ChitError('wire_not_spoken', { model: model.name });
  const { outputLimit, answers } = wire.wanted(body);
  const keeper = idempotency && new AnswerKeeper(request.deliver);
  const deliver = keeper?.deliver ?? request.deliver;
  const metered = await meter(context, {
    accountId: userId,
    apiKeyId: apiKey.id,
    content: wordsOf(body),
    candidates: [model, ...standIns.filter((it) => speaks(it) && isAllowed(it.name))],
    wantedOutput: outputLimit,
    answers: Math.max(1, answers),
    hasText: wire.hasText,
    countInput: () => countInput(body),
    ask: (asked, { outputLimit: limit, signal }) => {
      const upstream = asked.upstream as NonNullable<Model['upstream']>;
      const to = { model: upstream.model, outputLimit: limit, signal };
      return askProvider(upstream.provider, request, to);
    },
    idempotency,
    stop,
    onLimits,
    deliver,
  });
  if (metered.outcome === 'done_before') {
    await replay(context, request, metered.generationId);
    return { cut: undefined };
  }
  const { ending, cause, generationId, atMs } = metered;
  // Where neither the client nor the provider ended it, the user was shut out, or pressed Stop.
  const isEndedHere = ending === 'stopped' && !stop.aborted;
  const isShutOut = isEndedHere && !(await context.users.byId(userId))?.isActive;
  if (metered.end === 'released' && !stop.aborted) {
    throw isShutOut ? new ChitError('user_inactive', undefined) : modelFailed(cause);
  }
  // What is only a part would be no answer to who asks again, so it is not kept.
  const whole = ending === 'finished' ? keeper?.answer : undefined;
  if (whole)
    await context.idempotentResponses.add(userId, { id: generationId, response: whole, atMs });
  const hasSaidSo = cause instanceof ProviderFailure && cause.reason === 'refused';
  const isBroken = ending === 'failed' || ending === 'timed_out';
  if (isEndedHere) return { cut: isShutOut ? 'shut_out' : 'stopped' };
  return { cut: isBroken && !hasSaidSo ? 'broken' : undefined };
}

/** Gives the answer that an earlier request with the same key got. */
async function replay(
  { idempotentResponses }: Context,
  { deliver, onReplayed }: RelayRequest,
  generationId: string,
): Promise<void> {
  const kept = await idempotentResponses.find(generationId);
  if (!kept) throw new ChitError('idempotency_key_done', undefined);
  onReplayed();
  await deliver({ contentType: kept.contentType, bytes: Buffer.from(kept.body) });
}

/** Passes an answer on and gathers it. */
class AnswerKeeper {
  #contentType = '';
  #chunks: Uint8Array[] = [];
  #size = 0;
  readonly deliver: (delta: Delta) => void | Promise<void>;

  constructor(deliver: (delta: Delta) => void | Promise<void>) {
    this.deliver = (delta) => {
      this.#contentType = delta.contentType ?? this.#contentType;
      this.#add(delta.bytes ?? EMPTY);
      return deliver(delta);
    };
  }

  /** The answer so far; undefined if it is too long to be kept. */
  get answer(): IdempotentResponse | undefined {
    if (this.#size > MOST_KEPT_BYTES) return undefined;
    const body = storableText(Buffer.concat(this.#chunks).toString('utf8'));
    return { contentType: this.#contentType, body };
  }

  #add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size <= MOST_KEPT_BYTES) this.#chunks.push(bytes);
    else this.#chunks = [];
  }
}
