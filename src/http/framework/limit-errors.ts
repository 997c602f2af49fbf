/** How errors about accounts that pay, and about limits, become statuses and bodies. */
import type { ErrorCode, ErrorDetails } from '../../core/errors.ts';
import type { ErrorResponse } from './http-error.ts';

/** How each of some codes becomes a response. */
export type Responses<Codes extends ErrorCode> = {
  [Code in Codes]: (details: ErrorDetails[Code]) => ErrorResponse<Code>;
};

export type LimitCode =
  | 'insufficient_credits'
  | 'api_key_budget_exceeded'
  | 'budget_exceeded'
  | 'payer_unknown'
  | 'model_not_paid'
  | 'limit_above_staff'
  | 'limit_not_found';

const POOL_SHARE = 'your share of the group’s pool';
const LIMIT_NAMES = {
  user: 'the limit that staff set for you',
  own: 'the limit that you set for yourself',
};

/** What was missing, as parameters and headers. */
function missingParams(missing: ErrorDetails['insufficient_credits']) {
  const { neededCredits, availableCredits, group, renewsAtMs, retryAfterSeconds } = missing;
  return {
    params: {
      needed: neededCredits,
      available: availableCredits,
      ...(group && { group }),
      ...(renewsAtMs !== undefined && { renews_at: new Date(renewsAtMs).toISOString() }),
    },
    headers: retryAfterSeconds === undefined ? {} : retryAfter(retryAfterSeconds),
  };
}

/** The account or the budget that was short, as in "the limit of the plan". */
function shortName({ budget, group }: ErrorDetails['budget_exceeded']): string {
  if (budget === 'member') return group ? `your share of the pool of "${group.name}"` : POOL_SHARE;
  if (budget !== 'plan') return LIMIT_NAMES[budget];
  return group ? `the limit of the plan of the group "${group.name}"` : 'the limit of your plan';
}

/** When what was short renews, in a sentence; nothing if it does not. */
export function renewalText({ renewsAtMs }: ErrorDetails['insufficient_credits']): string {
  return renewsAtMs === undefined ? '' : ` It renews at ${new Date(renewsAtMs).toISOString()}.`;
}

/** How these errors become responses. */
export const LIMIT_RESPONSES: Responses<LimitCode> = {
  insufficient_credits: (missing) => ({
    status: 400,
    body: { error: 'Insufficient tokens' },
    ...missingParams(missing),
  }),
  api_key_budget_exceeded: (missing) => ({
    status: 402,
    detail:
      `This request needs ${missing.neededCredits} tokens, but the budget of the API key has ` +
      `only ${missing.availableCredits} left.${renewalText(missing)}`,
    ...missingParams(missing),
  }),
  budget_exceeded: (missing) => {
    const { params, headers } = missingParams(missing);
    return {
      status: 402,
      detail:
        `This request needs ${missing.neededCredits} tokens, but ` +
        `${shortName(missing)} has only ${missing.availableCredits} left.` +
        renewalText(missing),
      params: { ...params, budget: missing.budget },
      headers,
    };
  },
  payer_unknown: () => ({
    status: 400,
    detail:
      'This account cannot pay for you, or no longer can. GET /api/limits/ lists those that can.',
  }),
  model_not_paid: ({ model, group }) => ({
    status: 400,
    detail:
      group === undefined
        ? `Your own account does not pay for the model "${model}". Let another account pay.`
        : `The group "${group}" does not pay for the model "${model}". Let another account pay.`,
    params: { model, group: group ?? null },
  }),
  limit_above_staff: ({ mostCredits }) => ({
    status: 400,
    detail: `Staff have set a limit of ${mostCredits} tokens for you; yours cannot be above it.`,
    params: { max: mostCredits },
  }),
  limit_not_found: () => ({ status: 404, detail: 'There is no such limit.' }),
};

/** When a client should try again. */
export function retryAfter(seconds: number) {
  return { 'retry-after': String(seconds) };
}
