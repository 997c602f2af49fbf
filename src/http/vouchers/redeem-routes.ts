import type { Context } from '../../app/context.ts';
import { redeemVoucher } from '../../app/vouchers/redeem-voucher.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  Throttled,
  USER_BODY_ERRORS,
} from '../framework/common-schema.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { isoTime } from '../framework/iso-time.ts';
import { Redeemed, TypedCode } from './voucher-schema.ts';

/** Redeems vouchers for the signed-in user. */
export function redeemRoutes(api: Api, context: Context): void {
  api.post('/api/vouchers/redeem/', {
    config: { access: 'user' },
    schema: {
      tags: ['Balance'],
      summary: 'Redeem a voucher',
      security: [{ bearer: [] }],
      headers: IdempotencyHeaders,
      body: TypedCode,
      response: {
        200: Redeemed,
        404: detailed('There is no voucher with this code.'),
        409: detailed('The code was redeemed already, or you had as many as one may.'),
        410: detailed('The voucher is no longer valid.'),
        422: KeyReused,
        429: Throttled,
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const who = { userId: userOf(request).id, address: request.ip };
      const redeemed = await redeemVoucher(context, who, {
        code: request.body.code,
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, redeemed.isReplayed);
      const { name, credits, plan, balanceCredits } = redeemed;
      return {
        name,
        tokens: credits,
        plan: plan ? { name: plan.name, until: isoTime(plan.endsAtMs) } : null,
        tokens_after: balanceCredits,
      };
    },
  });
}
