/** Distributing credits to many accounts: a grant, or an adjustment if negative, for each. */
import { type Credits, isCredits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { DistributionEntry, IdempotencyKey, RefusedEntry } from '../../core/ledger.ts';
import { distributionScope } from '../../core/ledger-order.ts';
import type { ListedUser } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { canManage, type Principal } from '../principal.ts';
import { grantAuditEntry } from './grant-credits.ts';

/** A user by name, by id or both, and the credits to grant or, if negative, take. */
export interface GrantRequest {
  readonly username?: string | undefined;
  readonly id?: number | undefined;
  readonly credits: Credits;
}

/** What a request would do. */
export interface PlannedGrant {
  readonly request: GrantRequest;
  /** undefined if no user has that name or id. */
  readonly user: ListedUser | undefined;
  /** What the user could spend afterwards. */
  readonly afterCredits: Credits | undefined;
  readonly problem:
    | RefusedEntry['outcome']
    | 'named_twice'
    | 'nothing'
    /** Only superusers may change the balance of a superuser. */
    | 'untouchable'
    | undefined;
}

/** What a distribution would do, and every problem with it. Books nothing. */
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
    const candidate = id === undefined ? byName.get(username ?? '') : byId.get(id);
    // If both are given, they must identify the same user.
    const user = (username ?? candidate?.username) === candidate?.username ? candidate : undefined;
    if (!user) return { request, user, afterCredits: undefined, problem: 'account_unknown' };
    const isRepeated = seen.has(user.id);
    seen.add(user.id);
    const afterCredits = user.availableCredits + credits;
    const problem = isRepeated
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

/**
 * Problems that no change of a balance can solve. Whether a balance suffices is for the ledger to
 * decide: it may have changed since the plan, or the distribution may be booked already.
 */
const PERMANENT_PROBLEMS: ReadonlySet<PlannedGrant['problem']> = new Set([
  'account_unknown',
  'named_twice',
  'nothing',
  'untouchable',
] as const);

/**
 * Books all of the requested grants and adjustments, or none.
 * @returns how many accounts, and whether an earlier request with the same key booked it
 * @throws ChitError `grants_refused` with nothing booked, `idempotency_key_invalid`,
 *   `idempotency_key_reused`
 */
export async function distribute(
  context: Context,
  principal: Principal,
  distribution: {
    readonly requests: readonly GrantRequest[];
    readonly reason: string;
    readonly idempotencyKey: string | undefined;
  },
): Promise<{ readonly accounts: number; readonly isReplayed: boolean }> {
  const { requests, reason, idempotencyKey } = distribution;
  const idempotency = idempotencyOf(idempotencyKey, [
    requests.map(({ username, id, credits }) => [username, id, credits]),
    reason,
  ]);
  const plan = await planDistribution(context, principal, requests);
  const refused = plan.filter(({ problem }) => PERMANENT_PROBLEMS.has(problem)).length;
  if (refused > 0) {
    // What was booked with this key stays booked, even if one of the users is gone since.
    if (await isBookedAlready(context, principal, idempotency)) {
      return { accounts: requests.length, isReplayed: true };
    }
    throw new ChitError('grants_refused', { refused });
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
    audit: entries.map((entry) => grantAuditEntry(principal, entry, { reason })),
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

/** Whether the distribution with this key of the same actor was booked, with the same body. */
export async function isBookedAlready(
  context: Context,
  { actor }: Principal,
  idempotency: IdempotencyKey | undefined,
): Promise<boolean> {
  if (!idempotency) return false;
  const { key, bodyHash } = idempotency;
  return (await context.idempotencyKeys.bodyHashOf(distributionScope(actor), key)) === bodyHash;
}
