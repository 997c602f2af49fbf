import type { Context } from '../../app/context.ts';
import {
  distribute,
  type PlannedGrant,
  planDistribution,
} from '../../app/credits/distribute-credits.ts';
import { refundCharge } from '../../app/credits/refund-charge.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  STAFF_BODY_ERRORS,
} from '../framework/common-schema.ts';
import { requireProofToGive } from '../framework/fresh-proof.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { GrantsPlan, NewGrants, NewRefund, RefundReply } from './grant-schema.ts';

const tags = ['Admin: credits'];
const security = [{ bearer: [] }];

const PROBLEM_TEXT: Record<NonNullable<PlannedGrant['problem']>, string> = {
  account_unknown: 'There is no such user.',
  balance_limit: 'The balance would be larger than the largest that is supported.',
  insufficient_credits: 'The balance is too low.',
  named_twice: 'This user is listed twice.',
  nothing: 'The amount is 0.',
  untouchable: 'Only a superuser can change the balance of a superuser.',
};

/** Grants, adjustments and refunds. Balances are never set: they follow from transfers. */
export function grantRoutes(api: Api, context: Context): void {
  api.post('/api/admin/grants/', {
    config: staffWith('credits:write'),
    schema: {
      tags,
      security,
      summary: 'Grant tokens to users or take tokens away: for all of them or none',
      headers: IdempotencyHeaders,
      body: NewGrants,
      response: { 200: GrantsPlan, 422: KeyReused, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { to, reason, dry_run: isDryRun = false } = request.body;
      const requests = to.map(({ username, id, tokens }) => ({
        username: username?.trim(),
        id,
        credits: tokens,
      }));
      const tokens = requests.reduce((sum, { credits }) => sum + credits, 0);
      if (isDryRun) {
        const plan = await planDistribution(context, principalOf(request), requests);
        return { booked: false, accounts: plan.length, tokens, rows: plan.map(shownGrant) };
      }
      const given = requests.reduce((sum, { credits }) => sum + Math.max(0, credits), 0);
      await requireProofToGive(context, request, given);
      const { accounts, isReplayed } = await distribute(context, principalOf(request), {
        requests,
        reason,
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, isReplayed);
      return { booked: true, accounts, tokens, rows: [] };
    },
  });

  api.post('/api/admin/refunds/', {
    config: staffWith('credits:write'),
    schema: {
      tags,
      security,
      summary: 'Refund a charge, once',
      body: NewRefund,
      response: {
        200: RefundReply,
        404: detailed('Charge not found.'),
        409: detailed('The charge was already refunded.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { charge: chargeId, reason } = request.body;
      const refunded = await refundCharge(context, principalOf(request), { chargeId, reason });
      const { accountId, groupId, credits: tokens, balanceCredits } = refunded;
      const booked = { tokens, tokens_after: balanceCredits };
      if (groupId !== undefined) return { user: null, group: groupId, ...booked };
      return { user: accountId, ...booked };
    },
  });
}

function shownGrant({ request, user, afterCredits, problem }: PlannedGrant) {
  return {
    id: user?.id ?? request.id ?? null,
    username: user?.username ?? request.username ?? null,
    tokens: request.credits,
    tokens_before: user?.availableCredits ?? null,
    tokens_after: afterCredits ?? null,
    problem: problem ? PROBLEM_TEXT[problem] : null,
    problem_code: problem ?? null,
  };
}
