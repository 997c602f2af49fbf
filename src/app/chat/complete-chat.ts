import type { IdempotencyKey } from '../../core/ledger.ts';
import { type PayingAccount, PERSONAL } from '../../core/paying-account.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { measureTexts } from '../../models/input-measure/measure-texts.ts';
import type { Context } from '../context.ts';
import { meter } from '../metering/meter.ts';
import { modelsFor } from '../metering/models-for.ts';
import { payersFor } from '../metering/payers.ts';
import { errorInPlaceOf } from '../metering/reply-error.ts';
import type { GenerationWatch } from '../operations/observations.ts';
import { type Exchange, replayedExchange } from './exchange.ts';
import { requireFittingMessage } from './message-limit.ts';

export interface ChatRequest {
  readonly userId: number;
  /** The accounts that may pay for the user; see `Requester`. */
  readonly payers?: readonly PayingAccount[] | undefined;
  /** The only one that shall pay: the id of a group, or `personal`. */
  readonly payer?: string | undefined;
  readonly content: string;
  /** The name of a model; without one, the default answers. */
  readonly model?: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when the rest of the reply is not wanted; what was delivered is charged and kept. */
  readonly stop?: AbortSignal;
  /** Receives the state of the user's rate limits. */
  readonly onLimits?: (states: readonly RateLimitState[]) => void;
  /** Called once the message is admitted, before the model is asked. */
  readonly onAdmitted?: () => void;
  readonly watch?: GenerationWatch | undefined;
  /** Receives each piece of the reply as it comes. */
  readonly onText?: (text: string) => void;
}

/**
 * Sends a message to a model and charges for the reply, by `meter`.
 * @throws ChitError `invalid_fields`, `model_not_found`, what `payersFor` throws, `rate_limited`,
 *   `insufficient_credits`, `budget_exceeded`, `model_failed`, `server_lost`, `user_inactive`,
 *   `ledger_unavailable`, `idempotency_key_running`, `idempotency_key_reused`
 */
export async function completeChat(context: Context, request: ChatRequest): Promise<Exchange> {
  const { userId, content, onText } = request;
  requireFittingMessage(context, content);
  const usable = modelsFor(context, userId, request.model);
  const candidates = usable instanceof Promise ? await usable : usable;
  const { payers, payer } = request;
  const paying = payersFor(context, { userId, payers, payer, model: candidates[0].name });
  const { payers: paidBy, mayAnswer } = paying instanceof Promise ? await paying : paying;
  const metered = await meter(context, {
    accountId: userId,
    apiKeyId: undefined,
    content,
    candidates,
    payers: paidBy,
    mayAnswer,
    wantedOutput: undefined,
    answers: 1,
    hasText: true,
    keepsThinking: true,
    measure: () => measureTexts([content]),
    ask: (model, asked) => model.generate(asked),
    idempotency: request.idempotency,
    stop: request.stop,
    onLimits: request.onLimits,
    watch: request.watch,
    onHeld: request.onAdmitted,
    deliver: onText && (({ text }) => void (text && onText(text))),
  });
  if (metered.outcome === 'done_before') {
    return replayedExchange(context, userId, metered.generationId);
  }
  const error = errorInPlaceOf(metered);
  if (error) throw error;
  return {
    id: metered.generationId,
    userId,
    content,
    reply: metered.text,
    atMs: metered.atMs,
    failure: metered.failure,
    model: metered.model.name,
    chargedCredits: metered.chargedCredits,
    paidBy: paidBy?.find(({ accountId }) => accountId === metered.payerId)?.groupId ?? PERSONAL,
    isReplayed: false,
  };
}
