import { hashOfCode, readCode } from '../../auth/voucher-codes.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { RedeemResult } from '../../core/ledger.ts';
import type { VoucherBatch } from '../../store/vouchers/vouchers.ts';
import type { Context } from '../context.ts';
import { readBalance } from '../credits/read-balance.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { afterBooking, outcomeUnknownUnless } from '../metering/reply-error.ts';

/** What a voucher gave. */
export interface Redeemed {
  /** The name of its batch, as the statement shows it. */
  readonly name: string;
  /** What was added to the balance; that of a plan is its first allowance. */
  readonly credits: Credits;
  readonly plan:
    | {
        readonly name: string;
        /** Undefined if the account has another plan by now. */
        readonly endsAtMs: number | undefined;
      }
    | undefined;
  /** What the user can spend now. */
  readonly balanceCredits: Credits;
  /** Whether an earlier request with the same key redeemed it. */
  readonly isReplayed: boolean;
}

/**
 * Redeems a voucher for a user: exactly once, however many try at once.
 * @param request `code` as it was typed
 * @throws ChitError `voucher_unknown`, `voucher_expired`, `voucher_used_up`, `voucher_limit`,
 *   `balance_limit`, `throttled`, `user_inactive`, `idempotency_key_invalid`,
 *   `idempotency_key_reused`
 */
export async function redeemVoucher(
  context: Context,
  who: { readonly userId: number; readonly address: string },
  request: { readonly code: string; readonly idempotencyKey: string | undefined },
): Promise<Redeemed> {
  const code = readCode(request.code);
  // Not counted as a guess: it cannot be the code of any voucher.
  if (code === undefined) throw new ChitError('voucher_unknown', undefined);
  const codeHash = hashOfCode(code);
  const idempotency = idempotencyOf(request.idempotencyKey, [codeHash]);
  const scope = `redeem:${who.userId}`;
  if (idempotency) {
    const used = await context.idempotencyKeys.used(scope, idempotency.key);
    requireSameBody(used, idempotency.bodyHash);
    if (used && (await context.vouchers.isRedeemed(used.madeId))) {
      const redeemed = { codeHash, redemptionId: used.madeId };
      return outcomeUnknownUnless(redeemedAs(context, who.userId, redeemed));
    }
  }
  let isBooked = false;
  try {
    return await redeemOnce(context, who, { codeHash, scope, idempotency }, () => {
      isBooked = true;
    });
  } catch (error) {
    throw isBooked ? afterBooking(error) : error;
  }
}

/** @param onBooked is called as soon as it is booked; what fails afterwards does not undo it */
async function redeemOnce(
  context: Context,
  who: { readonly userId: number; readonly address: string },
  wanted: {
    readonly codeHash: string;
    readonly scope: string;
    readonly idempotency: ReturnType<typeof idempotencyOf>;
  },
  onBooked: () => void,
): Promise<Redeemed> {
  const { codeHash, scope, idempotency } = wanted;
  const done = await context.voucherLimit.attempt({ ...who, code: codeHash }, async () => {
    const madeId = newId();
    const atMs = context.now();
    // All requests with the same key name the same redemption, which the ledger books once.
    const used = idempotency
      ? await context.idempotencyKeys.claim({ ...idempotency, scope, madeId, atMs })
      : undefined;
    requireSameBody(used, idempotency?.bodyHash);
    const redemptionId = used?.madeId ?? madeId;
    const { outcome } = await submit(context, who.userId, { codeHash, redemptionId });
    if (outcome === 'redeemed') onBooked();
    if (outcome !== 'voucher_unknown') return { outcome, redemptionId };
    // Staff have ended its batch: somebody who has such a code did not guess it.
    const isEnded = (await context.vouchers.ofCode(codeHash)) !== undefined;
    return isEnded ? { outcome: 'voucher_expired' as const, redemptionId } : undefined;
  });
  if (!done) throw new ChitError('voucher_unknown', undefined);
  const { outcome, redemptionId } = done;
  switch (outcome) {
    case 'redeemed': {
      context.plansInForce.forget();
      const redeemed = await redeemedAs(context, who.userId, { codeHash, redemptionId });
      return { ...redeemed, isReplayed: false };
    }
    case 'account_unknown':
      throw new ChitError('user_inactive', undefined);
    case 'id_taken':
      throw new Error(`The new id ${redemptionId} of a redemption was taken.`);
    default:
      throw new ChitError(outcome, undefined);
  }
}

function submit(
  context: Context,
  userId: number,
  ids: { readonly codeHash: string; readonly redemptionId: string },
): Promise<RedeemResult> {
  return context.ledger.submit({
    kind: 'redeem',
    ...ids,
    accountId: userId,
    expiryId: newId(),
    actor: `user:${userId}`,
    atMs: context.now(),
  });
}

function requireSameBody(
  used: { readonly bodyHash: string } | undefined,
  bodyHash: string | undefined,
): void {
  if (used && used.bodyHash !== bodyHash) throw new ChitError('idempotency_key_reused', undefined);
}

async function redeemedAs(
  context: Context,
  userId: number,
  { codeHash, redemptionId }: { readonly codeHash: string; readonly redemptionId: string },
): Promise<Redeemed> {
  const [batch, booked, balanceCredits] = await Promise.all([
    context.vouchers.ofCode(codeHash),
    context.transfers.balances([redemptionId]),
    readBalance(context, userId),
  ]);
  const { beforeCredits = 0, afterCredits = 0 } = booked.get(redemptionId) ?? {};
  return {
    name: batch?.name ?? '',
    credits: afterCredits - beforeCredits,
    plan: batch && (await planGivenBy(context, userId, batch)),
    balanceCredits,
    isReplayed: true,
  };
}

async function planGivenBy(context: Context, userId: number, batch: VoucherBatch) {
  if (batch.planId === undefined) return undefined;
  const account = await context.accountPlans.find(userId);
  return {
    name: batch.planName ?? '',
    endsAtMs: account?.planId === batch.planId ? account.planEndsAtMs : undefined,
  };
}
