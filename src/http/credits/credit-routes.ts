import type { Context } from '../../app/context.ts';
import {
  distribute,
  type PlannedGrant,
  planDistribution,
} from '../../app/credits/distribute-credits.ts';
import { refundCharge } from '../../app/credits/refund-charge.ts';
import {
  GrantsPlan,
  NewGrants,
  NewRefund,
  RefundReply,
  STAFF_BODY_ERRORS,
} from '../accounts/managed-user-schema.ts';
import type { Api } from '../framework/api.ts';
import { detailed, IdempotencyHeaders, KeyReused } from '../framework/common-schema.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { staffIn } from '../framework/lists.ts';

const tags = ['Admin: credits'];
const security = [{ bearer: [] }];
const config = { access: 'staff' } as const;

const PROBLEM_TEXT: Record<NonNullable<PlannedGrant['problem']>, string> = {
  account_unknown: 'There is no such user.',
  balance_limit: 'The balance would be larger than the largest that is supported.',
  insufficient_credits: 'The balance is too low.',
  named_twice: 'This user is listed twice.',
  nothing: 'The amount is 0.',
  untouchable: 'Only a superuser can change the balance of a superuser.',
};

/** Grants, adjustments and refunds. A balance is never set: it follows from what is booked. */
export function adminCreditRoutes(api: Api, context: Context): void {
  api.post('/api/admin/grants/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Give tokens to users or take some: to all of them or none',
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
        const plan = await planDistribution(context, staffIn(request), requests);
        return { booked: false, accounts: plan.length, tokens, rows: plan.map(shownShare) };
      }
      const wanted = { requests, reason, idempotencyKey: keyOf(request) };
      const { accounts, isReplayed } = await distribute(context, staffIn(request), wanted);
      markReplayed(reply, isReplayed);
      return { booked: true, accounts, tokens, rows: [] };
    },
  });

  api.post('/api/admin/refunds/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Give back what a charge took, once',
      body: NewRefund,
      response: {
        200: RefundReply,
        404: detailed('There is no such charge.'),
        409: detailed('It was given back before.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { charge: chargeId, reason } = request.body;
      const refunded = await refundCharge(context, staffIn(request), { chargeId, reason });
      const { accountId: user, credits: tokens, balanceCredits } = refunded;
      return { user, tokens, tokens_after: balanceCredits };
    },
  });
}

function shownShare({ request, user, afterCredits, problem }: PlannedGrant) {
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
