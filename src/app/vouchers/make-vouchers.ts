/** Making and ending batches of vouchers, as staff and the command line do. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hashOfCode } from '../../auth/voucher-codes.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { VoucherBatch } from '../../store/vouchers/vouchers.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { auditEntry, type Principal } from '../principal.ts';

/** The most that a batch can have. */
export const MAX_CODES = 10_000;
export const MAX_PLAN_DAYS = 3_660;
export const MAX_USES = 1_000_000;
const DAY_MS = 86_400_000;
/** So many codes are made at a time, which takes some milliseconds. */
const CODES_AT_ONCE = 100;

/** What the vouchers of a batch give: credits, or a plan for some days. */
export interface WantedVouchers {
  readonly name: string;
  readonly credits: Credits | undefined;
  /** The name of a plan. */
  readonly plan: string | undefined;
  readonly planDays: number | undefined;
  readonly expiresAtMs: number | undefined;
  readonly codes: number;
  readonly usesPerCode: number;
  readonly usesPerUser: number;
}

/**
 * Makes a batch of vouchers.
 * @returns the batch, and whether an earlier request with the same key made it
 * @throws ChitError `invalid_fields`, `idempotency_key_invalid`, `idempotency_key_reused`
 */
export async function makeVouchers(
  context: Context,
  principal: Principal,
  request: { readonly wanted: WantedVouchers; readonly idempotencyKey: string | undefined },
): Promise<{ readonly batch: VoucherBatch; readonly isReplayed: boolean }> {
  const { wanted, idempotencyKey } = request;
  const idempotency = idempotencyOf(idempotencyKey, [wanted]);
  const scope = `vouchers:${principal.actor}`;
  if (idempotency) {
    // What was made with this key was made, even if it could not be made now.
    const used = await context.idempotencyKeys.used(scope, idempotency.key);
    if (used) return replayed(context, used, idempotency.bodyHash);
  }
  const plan = await planFor(context, wanted);
  const id = newId();
  const hashes: string[] = [];
  for (let number = 1; number <= wanted.codes; number += 1) {
    if (number % CODES_AT_ONCE === 0) await nextTurn();
    hashes.push(hashOfCode(context.voucherCodes.codeOf(id, number)));
  }
  const atMs = context.now();
  const { name, credits = 0, planDays = 0, expiresAtMs, codes, usesPerCode, usesPerUser } = wanted;
  const batch = {
    id,
    name,
    credits,
    planId: plan?.id,
    planForMs: plan ? planDays * DAY_MS : 0,
    expiresAtMs,
    usesPerCode,
    usesPerUser,
    codes,
    madeBy: principal.actor,
    createdAtMs: atMs,
  };
  const entry = auditEntry(principal, {
    action: 'voucher.create',
    target: `voucher:${id}`,
    after: {
      name,
      codes,
      ...(plan ? { plan: plan.name, days: planDays } : { tokens: credits }),
      expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
      uses_per_code: usesPerCode,
      uses_per_user: usesPerUser,
    },
  });
  const key = idempotency && { ...idempotency, scope, madeId: id, atMs };
  const earlier = await context.vouchers.add(batch, hashes, { entry, key });
  if (earlier) return replayed(context, earlier, idempotency?.bodyHash);
  return { batch: await batchWith(context, id), isReplayed: false };
}

async function replayed(
  context: Context,
  earlier: { readonly bodyHash: string; readonly madeId: string },
  bodyHash: string | undefined,
) {
  if (earlier.bodyHash !== bodyHash) throw new ChitError('idempotency_key_reused', undefined);
  return { batch: await batchWith(context, earlier.madeId), isReplayed: true };
}

/** The plan that the vouchers give, if they give one. */
async function planFor(context: Context, wanted: WantedVouchers) {
  const { credits, plan, planDays, expiresAtMs } = wanted;
  if (expiresAtMs !== undefined && expiresAtMs <= context.now()) {
    const message = 'This time must be in the future.';
    throw invalidField('expires_at', message, { code: 'not_in_the_future' });
  }
  if (plan === undefined) {
    if (credits !== undefined) return undefined;
    throw invalidField('tokens', 'Give tokens, or a plan and days.', { code: 'required' });
  }
  if (credits !== undefined) {
    throw invalidField('plan', 'Give either tokens or a plan, not both.', { code: 'invalid' });
  }
  if (planDays === undefined) {
    throw invalidField('days', 'Give the number of days.', { code: 'required' });
  }
  const found = await context.plans.byName(plan);
  if (!found) throw invalidField('plan', 'There is no such plan.', { code: 'invalid' });
  return found;
}

/** @throws ChitError `voucher_batch_not_found` */
export async function batchWith(context: Context, id: string): Promise<VoucherBatch> {
  const batch = await context.vouchers.byId(id);
  if (!batch) throw new ChitError('voucher_batch_not_found', undefined);
  return batch;
}

/**
 * Ends a batch: none of its codes can be redeemed from now on. What was redeemed stays.
 * @returns the batch; one that is over already stays as it is
 * @throws ChitError `voucher_batch_not_found`
 */
export async function endVouchers(
  context: Context,
  principal: Principal,
  id: string,
  reason: string | undefined,
): Promise<VoucherBatch> {
  const { uses } = await batchWith(context, id);
  const entry = auditEntry(principal, {
    action: 'voucher.end',
    target: `voucher:${id}`,
    reason,
    before: { redeemed: uses },
  });
  await context.vouchers.end(id, entry);
  return batchWith(context, id);
}
