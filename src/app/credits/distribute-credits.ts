/** Giving credits to accounts, taking them, and giving charges back. */
import { createHash } from 'node:crypto';
import { type Credits, isCredits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { DistributionEntry, IdempotencyKey, RefusedEntry } from '../../core/ledger.ts';
import { distributionScope } from '../../core/ledger-order.ts';
import type { ListedUser } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, canManage, type Principal } from '../principal.ts';
import { grantCredits } from './grant-credits.ts';
import { refundCharge } from './refund-charge.ts';

/** Somebody by name or by id, and what they shall get or, if negative, lose. */
export interface GrantRequest {
  readonly username?: string | undefined;
  readonly id?: number | undefined;
  readonly credits: Credits;
}

/** What a wish comes to. */
export interface PlannedGrant {
  readonly request: GrantRequest;
  /** undefined if there is nobody of that name or id. */
  readonly user: ListedUser | undefined;
  /** What can be spent afterwards. */
  readonly afterCredits: Credits | undefined;
  readonly problem:
    | RefusedEntry['outcome']
    | 'named_twice'
    | 'nothing'
    /** A superuser's balance is for superusers to change. */
    | 'untouchable'
    | undefined;
}

/** What a distribution would do, with all that stands in its way. Nothing is booked. */
export async function planDistribution(
  context: Context,
  principal: Principal,
  requests: readonly GrantRequest[],
): Promise<PlannedGrant[]> {
  const found = await context.users.among({
    usernames: requests.flatMap(({ username }) => username ?? []),
    ids: requests.flatMap(({ id }) => id ?? []),
  });
  const byName = new Map(found.map((it) => [it.username, it]));
  const byId = new Map(found.map((it) => [it.id, it]));
  const seen = new Set<number>();
  return requests.map((request) => {
    const { username, id, credits } = request;
    const named = id === undefined ? byName.get(username ?? '') : byId.get(id);
    // Who is told by name and by id must be one and the same.
    const user = (username ?? named?.username) === named?.username ? named : undefined;
    if (!user) return { request, user, afterCredits: undefined, problem: 'account_unknown' };
    const isSecond = seen.has(user.id);
    seen.add(user.id);
    const afterCredits = user.availableCredits + credits;
    const problem = isSecond
      ? 'named_twice'
      : canManage(principal, user)
        ? problemOf(credits, user)
        : 'untouchable';
    return { request, user, afterCredits, problem };
  });
}

function problemOf(credits: Credits, user: ListedUser): PlannedGrant['problem'] {
  const afterCredits = user.availableCredits + credits;
  if (credits === 0) return 'nothing';
  if (afterCredits < 0) return 'insufficient_credits';
  return isCredits(afterCredits + user.heldCredits) ? undefined : 'balance_limit';
}

const SENSELESS: readonly string[] = ['named_twice', 'nothing', 'untouchable'];

/**
 * Books a grant or an adjustment for each wish: all of them or none.
 * @returns how many accounts, and whether an earlier request with the same key booked it
 * @throws ChitError `grants_refused` with nothing booked, `idempotency_key_reused`
 */
export async function distribute(
  context: Context,
  principal: Principal,
  request: {
    readonly requests: readonly GrantRequest[];
    readonly reason: string;
    readonly idempotencyKey: string | undefined;
  },
): Promise<{ readonly accounts: number; readonly isReplayed: boolean }> {
  const { requests, reason, idempotencyKey } = request;
  const idempotency = keyed(idempotencyKey, requests, reason);
  const plan = await planDistribution(context, principal, requests);
  // Whether there is enough is decided by the ledger: it may have changed, or be booked already.
  const senseless = plan.filter(({ user, problem = '' }) => !user || SENSELESS.includes(problem));
  if (senseless.length > 0) {
    // What was booked stays so, also if one of them is gone since.
    const { bodyHash = '', key = '' } = idempotency ?? {};
    const known = await context.idempotencyKeys.bodyHashOf(distributionScope(principal.actor), key);
    if (known === bodyHash) return { accounts: requests.length, isReplayed: true };
    throw new ChitError('grants_refused', { refused: senseless.length });
  }
  const entries = plan.map(
    ({ request, user }): DistributionEntry => ({
      transferId: newId(),
      accountId: (user as ListedUser).id,
      credits: request.credits,
    }),
  );
  const result = await context.ledger.submit({
    kind: 'distribute',
    entries,
    actor: principal.actor,
    reason,
    atMs: context.now(),
    idempotency,
    audit: entries.map(({ transferId, accountId, credits }) =>
      auditEntry(context, principal, {
        action: 'credits.grant',
        target: `user:${accountId}`,
        reason,
        after: { tokens: credits, transfer: transferId },
      }),
    ),
  });
  switch (result.outcome) {
    case 'distributed':
      return {
        accounts: entries.length,
        isReplayed: result.transferId !== entries[0]?.transferId,
      };
    case 'refused':
      throw new ChitError('grants_refused', { refused: result.refusals.length });
    case 'key_reused':
      throw new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      throw new Error('The new id of a transfer was taken.');
  }
}

/** The key of a request together with what it asked for. */
function keyed(
  key: string | undefined,
  requests: readonly GrantRequest[],
  reason: string,
): IdempotencyKey | undefined {
  if (key === undefined) return undefined;
  const asked = requests.map(({ username, id, credits }) => [username, id, credits]);
  const bodyHash = createHash('sha256')
    .update(JSON.stringify([asked, reason]))
    .digest('base64url');
  return { key, bodyHash };
}

/**
 * Books a grant or, with negative credits, an adjustment to one account.
 * @throws ChitError `user_not_found`, `balance_limit`, `insufficient_credits`,
 *   `idempotency_key_reused`
 */
export function grantBy(
  context: Context,
  principal: Principal,
  wanted: {
    readonly accountId: number;
    readonly credits: Credits;
    readonly reason: string;
    readonly idempotency: IdempotencyKey | undefined;
  },
): Promise<{ balanceCredits: Credits; isReplayed: boolean }> {
  const { accountId, credits, reason } = wanted;
  const audit = (transfer: string) =>
    auditEntry(context, principal, {
      action: 'credits.grant',
      target: `user:${accountId}`,
      reason,
      after: { tokens: credits, transfer },
    });
  return grantCredits(context, { ...wanted, actor: principal.actor, audit });
}

/**
 * Gives back what a charge took, once.
 * @throws ChitError `transfer_not_found`, `not_refundable`, `refunded_already`, `balance_limit`,
 *   `permission_denied` for the charge of a superuser if `by` is none
 */
export async function refundBy(
  context: Context,
  principal: Principal,
  refund: { readonly chargeId: string; readonly reason: string },
): Promise<{ accountId: number; credits: Credits; balanceCredits: Credits }> {
  const { chargeId, reason } = refund;
  const accountId = await context.transfers.accountOf(chargeId);
  if (accountId === undefined) throw new ChitError('transfer_not_found', undefined);
  const user = await context.users.byId(accountId);
  if (user && !canManage(principal, user)) throw new ChitError('permission_denied', undefined);
  const audit = (transfer: string) =>
    auditEntry(context, principal, {
      action: 'credits.refund',
      target: `user:${accountId}`,
      reason,
      after: { charge: chargeId, transfer },
    });
  return refundCharge(context, { ...refund, actor: principal.actor, audit });
}
