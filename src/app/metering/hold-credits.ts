/** Puts credits aside for a generation, durably, and waits for them if others will free them. */
import type { Credits } from '../../core/credits.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { AccountId, HoldCommand, HoldResult, Shortage } from '../../core/ledger.ts';
import type { Price } from '../../core/pricing.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { releaseSoon } from './end-generation.ts';
import type { GenerationRequest } from './generation-request.ts';
import { fittingOutput, type GenerationQuote } from './quote-generation.ts';
import { accountPurse, keyPurse, type Purse, userPurse } from './turns.ts';

/** How long the client of a request that waited in vain should wait before it tries again. */
const RETRY_SECONDS = 5;

/** Credits that are held for a generation. */
export interface HeldCredits {
  readonly outcome: 'held';
  readonly generationId: string;
  readonly atMs: number;
  readonly quote: GenerationQuote;
  /** The price of the requested model. */
  readonly price: Price;
  readonly heldCredits: Credits;
  /** The account that pays, if it is not the personal one. */
  readonly payerId: AccountId | undefined;
  /** How often the lease had been lost before. */
  readonly losses: number;
}

/** An earlier request with the same idempotency key was answered by this generation. */
export interface AlreadyDone {
  readonly outcome: 'done_before';
  readonly generationId: string;
}

/**
 * Holds the credits of a quote. If they do not suffice by the bound of the input, it is counted. If
 * what is missing is held by requests that are running, this one waits for its turn.
 * @throws ChitError `insufficient_credits`, `api_key_budget_exceeded`, `budget_exceeded`,
 *   `balance_in_use`, `ledger_unavailable`, `idempotency_key_running`, `idempotency_key_reused`,
 *   `server_busy`, `cost_limit_reached`
 */
export async function holdCredits(
  context: Context,
  request: GenerationRequest,
  quote: GenerationQuote,
): Promise<HeldCredits | AlreadyDone> {
  const { mostCredits = Number.POSITIVE_INFINITY } = request;
  let current = quote;
  if (current.leastCredits > mostCredits && current.byCount) current = await current.byCount();
  const { leastCredits } = current;
  if (leastCredits > mostCredits) {
    throw new ChitError('cost_limit_reached', { neededCredits: leastCredits, mostCredits });
  }
  let refusal: Shortage | undefined;
  /** Undefined if running requests hold what is missing. */
  const attempt = async () => {
    let result = await tryToHold(context, request, current);
    if (isRefusal(result) && current.byCount) {
      current = await current.byCount();
      result = await tryToHold(context, request, current);
    }
    if (!isRefusal(result)) return withExactQuote(result);
    refusal = result;
    if (result.isHeldByOthers) return undefined;
    throw refusalError(context, request, current, result);
  };
  const { turns, policy } = context;
  const untilMs = turns.untilMs(policy.turnWaitMs);
  let purse = turns.waitedFor(request);
  if (!purse) {
    const first = await attempt();
    if (first) return first;
    purse = purseOf(request, refusal);
  }
  for (;;) {
    const waited: Purse = purse;
    const limits = { untilMs, stop: request.left ?? request.stop };
    const attemptHere = async () => {
      const result = await attempt();
      return result ?? (purseOf(request, refusal) === waited ? undefined : ('elsewhere' as const));
    };
    const later = await turns.wait(waited, attemptHere, limits);
    if (later === undefined) break;
    if (later !== 'elsewhere') return later;
    purse = purseOf(request, refusal);
  }
  const neededCredits = current.leastCredits;
  throw new ChitError(
    'balance_in_use',
    { neededCredits, retryAfterSeconds: RETRY_SECONDS },
    { cause: refusal },
  );
}

/** What had no room for a hold. */
function purseOf({ accountId, apiKeyId }: GenerationRequest, refusal: Shortage | undefined): Purse {
  const { budget, payerId = accountId } = refusal ?? {};
  if (!budget) return accountPurse(payerId);
  if (budget.kind === 'key') return keyPurse(apiKeyId ?? '');
  return budget.kind === 'plan' ? accountPurse(payerId) : userPurse(accountId);
}

/**
 * If not all of a quote is held, the limit of the output follows from what is left beside the
 * input, so that is counted.
 */
async function withExactQuote(hold: HeldCredits | AlreadyDone): Promise<HeldCredits | AlreadyDone> {
  if (hold.outcome !== 'held') return hold;
  const { quote, heldCredits } = hold;
  if (heldCredits >= quote.mostCredits || !quote.byCount) return hold;
  // The bound serves as well where it cannot be counted in time; it leaves less for the output.
  const exact = await quote.byCount().catch(() => quote);
  return { ...hold, quote: exact };
}

function isRefusal(result: HeldCredits | AlreadyDone | Shortage): result is Shortage {
  return result.outcome === 'insufficient_credits' || result.outcome === 'budget_exceeded';
}

const DAY_SECONDS = 86_400;

function refusalError(
  context: Context,
  { wantedOutput, leastOutput = 0, hasText, payers }: GenerationRequest,
  quote: GenerationQuote,
  { availableCredits, budget, payerId, renewsAtMs }: Shortage,
): ChitError {
  const isLimited = hasText && wantedOutput !== undefined;
  const fitting = isLimited ? fittingOutput(quote, availableCredits) : undefined;
  const isFitting = fitting !== undefined && fitting >= Math.max(1, leastOutput);
  const group = payers?.find(({ accountId }) => accountId === payerId);
  const { groupId: id, groupName: name = '' } = group ?? {};
  const missing = {
    neededCredits: quote.leastCredits,
    availableCredits,
    ...(id === undefined ? {} : { group: { id, name } }),
    ...(isFitting ? { fittingOutput: fitting } : {}),
    ...renewal(renewsAtMs, context.now()),
  };
  if (!budget) return new ChitError('insufficient_credits', missing);
  const { kind } = budget;
  if (kind === 'key') return new ChitError('api_key_budget_exceeded', missing);
  return new ChitError('budget_exceeded', { ...missing, budget: kind });
}

/** When it renews, and in how many seconds if that is within a day. */
function renewal(renewsAtMs: number | undefined, nowMs: number) {
  if (renewsAtMs === undefined) return {};
  const retryAfterSeconds = Math.max(1, Math.ceil((renewsAtMs - nowMs) / 1_000));
  return retryAfterSeconds > DAY_SECONDS ? { renewsAtMs } : { renewsAtMs, retryAfterSeconds };
}

async function tryToHold(
  context: Context,
  request: GenerationRequest,
  quote: GenerationQuote,
): Promise<HeldCredits | AlreadyDone | Shortage> {
  if (!context.lease.isCertain) await renewLease(context);
  const { losses } = context.lease;
  const { inputTokens, mostCredits, leastCredits } = quote;
  const { model, price } = quote.candidates[0];
  const command: HoldCommand = {
    kind: 'hold',
    generationId: request.generationId ?? newId(),
    accountId: request.accountId,
    payers: request.payers,
    apiKeyId: request.apiKeyId,
    model: model.name,
    price,
    inputTokens,
    mostCredits: Math.min(mostCredits, request.mostCredits ?? mostCredits),
    leastCredits,
    content: request.content,
    conversationId: request.conversationId,
    parentId: request.parentId,
    leaseId: context.lease.id,
    idempotency: request.idempotency,
    atMs: context.now(),
  };
  if (request.beforeHold) await request.beforeHold(command.generationId);
  const result = await submitHold(context, command);
  switch (result.outcome) {
    case 'held': {
      const { generationId, atMs } = command;
      const { heldCredits, payerId } = result;
      return { outcome: 'held', generationId, atMs, quote, price, heldCredits, payerId, losses };
    }
    case 'key_done':
      return { outcome: 'done_before', generationId: result.generationId };
    case 'insufficient_credits':
    case 'budget_exceeded':
      return result;
    default:
      throw errorOf(result.outcome);
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

/** The error for a hold that was refused for another reason than credits. */
function errorOf(
  outcome: Exclude<
    HoldResult['outcome'],
    'held' | 'key_done' | 'insufficient_credits' | 'budget_exceeded'
  >,
): ChitError {
  switch (outcome) {
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
