/** Moving credits of a pool: staff fill it, and its managers give it out to its members. */
import { type Credits, isCredits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { DistributionEntry } from '../../core/ledger.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { isBookedAlready } from '../credits/distribute-credits.ts';
import { grantAuditEntry, grantCredits } from '../credits/grant-credits.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { groupTarget, poolOf } from './group-access.ts';

/** Credits for a member. */
export interface Gift {
  readonly userId: number;
  /** More than 0. */
  readonly credits: Credits;
}

/**
 * Gives credits of a pool to members of its group: to all of them or none, and in one step, so that
 * a pool never gives more than it has. What ends with the allowance of the pool is not given: it
 * would last then. Only staff can give to themselves.
 * @returns what was given, and whether an earlier request with the same key gave it
 * @throws ChitError `group_without_pool`, `gift_to_oneself`, `not_members`, `pool_insufficient`,
 *   `balance_limit`, `invalid_fields` for a member who is listed twice, `idempotency_key_invalid`,
 *   `idempotency_key_reused`
 */
export async function giveOut(
  context: Context,
  principal: Principal,
  group: Group,
  wanted: {
    readonly gifts: readonly Gift[];
    readonly reason: string;
    readonly idempotencyKey: string | undefined;
  },
): Promise<{ readonly credits: Credits; readonly isReplayed: boolean }> {
  const { gifts, reason } = wanted;
  const poolId = poolOf(group);
  const given = { credits: gifts.reduce((sum, { credits }) => sum + credits, 0) };
  const key = idempotencyOf(wanted.idempotencyKey, ['give', group.id, gifts, reason]);
  const ids = gifts.map(({ userId }) => userId);
  if (new Set(ids).size < ids.length) {
    throw invalidField('to', 'Each member may be listed once.', { code: 'invalid' });
  }
  const { user } = principal;
  if (user && !user.isStaff && ids.includes(user.id)) {
    throw new ChitError('gift_to_oneself', undefined);
  }
  if (!isCredits(given.credits)) throw new ChitError('balance_limit', undefined);
  const members = await context.groups.among(group.id, ids);
  const others = ids.filter((id) => !members.has(id));
  if (others.length > 0) {
    // What was given with this key stays given, even if somebody has left since.
    if (await isBookedAlready(context, principal, key)) return { ...given, isReplayed: true };
    throw new ChitError('not_members', { users: others.map(String) });
  }
  const taken: DistributionEntry = {
    transferId: newId(),
    accountId: poolId,
    credits: 0 - given.credits,
    takesOnlyLasting: true,
  };
  const grants = gifts.map(
    ({ userId, credits }): DistributionEntry => ({
      transferId: newId(),
      accountId: userId,
      credits,
    }),
  );
  const result = await context.ledger.submit({
    kind: 'distribute',
    entries: [taken, ...grants],
    actor: principal.actor,
    reason,
    atMs: context.now(),
    idempotency: key,
    audit: [
      auditEntry(principal, {
        action: 'group.give',
        target: groupTarget(group),
        reason,
        after: { tokens: taken.credits, users: gifts.length, transfer: taken.transferId },
      }),
      ...grants.map((entry) => grantAuditEntry(principal, entry, { reason })),
    ],
  });
  switch (result.outcome) {
    case 'distributed':
      return { ...given, isReplayed: result.transferId !== taken.transferId };
    case 'refused': {
      const isShort = result.refusals.some(({ accountId }) => accountId === poolId);
      if (isShort) throw new ChitError('pool_insufficient', { neededCredits: given.credits });
      throw new ChitError('balance_limit', undefined);
    }
    case 'key_reused':
      throw new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      throw new Error('The new id of a transfer was taken.');
  }
}

/**
 * Books credits to the pool of a group: a grant or, if negative, an adjustment.
 * @returns the new balance, and whether an earlier request with the same key booked it
 * @throws ChitError as `grantCredits`, and `group_without_pool`
 */
export function grantToPool(
  context: Context,
  principal: Principal,
  group: Group,
  grant: {
    readonly credits: Credits;
    readonly reason: string;
    readonly idempotencyKey: string | undefined;
  },
): Promise<{ balanceCredits: Credits; isReplayed: boolean }> {
  const { credits, reason, idempotencyKey } = grant;
  return grantCredits(context, principal, {
    accountId: poolOf(group),
    credits,
    reason,
    idempotency: idempotencyOf(idempotencyKey, [credits, reason]),
    target: groupTarget(group),
  });
}
