/** Gives accounts a plan, or ends the one they have. */
import { changeOfPlan } from '../../core/allowance.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { AccountId } from '../../core/ledger.ts';
import type { PlannedAccount } from '../../store/credits/account-plans.ts';
import type { StoredPlan } from '../../store/credits/plans.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import { auditEntry, canManage, type Principal } from '../principal.ts';
import {
  BATCH,
  changePlanOf,
  type From,
  NO_EFFECT,
  type PlanEffect,
  withAccount,
} from './plan-work.ts';
import { planWith } from './plans.ts';

export interface PlanAssignment {
  /** Accounts of users, which have the ids of the users, and of pools of groups. */
  readonly accountIds: readonly AccountId[];
  /** Undefined ends the plan that they have. */
  readonly planId: string | undefined;
  readonly from: From;
  /** When it ends again; only for a plan that begins now. */
  readonly endsAtMs?: number | undefined;
  readonly isDryRun?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Gives accounts a plan or ends theirs: all of them or none. Users and pools alike.
 * @returns what it did, or for a dry run would do, in numbers
 * @throws ChitError `plan_not_found`, `plan_ended`, `user_unknown` if an account is of nobody,
 *   `permission_denied` for the account of a superuser if the principal is not one,
 *   `group_ended` for its pool, `invalid_fields`, `idempotency_key_invalid`,
 *   `idempotency_key_reused`, `ledger_unavailable`
 */
export async function assignPlan(
  context: Context,
  principal: Principal,
  assignment: PlanAssignment,
): Promise<{ readonly effect: PlanEffect; readonly isReplayed: boolean }> {
  const { planId, from, endsAtMs, isDryRun, reason } = assignment;
  const accountIds = [...new Set(assignment.accountIds)];
  const plan = planId === undefined ? undefined : await planWith(context, planId);
  if (plan?.endedAtMs !== undefined) throw new ChitError('plan_ended', undefined);
  requireEnd(context, assignment);
  const accounts = await changeableAccounts(context, principal, accountIds);
  if (plan && accounts.some((it) => it.isOfEndedGroup)) {
    throw new ChitError('group_ended', undefined);
  }
  if (isDryRun) {
    return { effect: await effectOf(context, accounts, plan, assignment), isReplayed: false };
  }
  const { id: operation, isReplayed } = await claimedOperation(context, principal, assignment);
  let effect = NO_EFFECT;
  for (let at = 0; at < accounts.length; at += BATCH) {
    const order = { actor: principal.actor, operation };
    const batch = accounts.slice(at, at + BATCH);
    const assigning = changePlanOf(context, batch, order, (account) => ({
      planId,
      from,
      endsAtMs,
      audit: [
        auditEntry(principal, {
          action: account.groupId === undefined ? 'user.plan' : 'group.plan',
          target: account.groupId === undefined ? `user:${account.id}` : `group:${account.groupId}`,
          reason,
          before: { plan: account.planId ?? null },
          after: { plan: planId ?? null, from, ends_at: isoTime(endsAtMs) },
        }),
      ],
    }));
    // After the first batch something is done, whatever becomes of the others.
    const results = await (at === 0 ? assigning : outcomeUnknownUnless(assigning));
    for (const it of results) {
      if (it.outcome === 'assigned') effect = withAccount(effect, it);
      else if (it.outcome === 'plan_unknown') throw new ChitError('plan_not_found', undefined);
      else if (it.outcome === 'account_unknown') throw new ChitError('user_unknown', undefined);
      else throw new Error('The new id of a transfer was taken.');
    }
  }
  context.plansInForce.forget();
  return { effect, isReplayed };
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** @throws ChitError `invalid_fields` */
function requireEnd(context: Context, { planId, from, endsAtMs }: PlanAssignment): void {
  if (endsAtMs === undefined) return;
  if (endsAtMs <= context.now()) {
    const message = 'The end must be in the future.';
    throw invalidField('ends_at', message, { code: 'not_in_the_future' });
  }
  if (planId !== undefined && from === 'now') return;
  const message = 'Only a plan that begins now can be given an end.';
  throw invalidField('ends_at', message, { code: 'invalid' });
}

/** @throws ChitError `user_unknown`, `permission_denied` */
async function changeableAccounts(
  context: Context,
  principal: Principal,
  ids: readonly AccountId[],
): Promise<PlannedAccount[]> {
  const found = await context.accountPlans.among(ids);
  const users = await context.users.among({ usernames: [], ids });
  const byId = new Map(users.map((it) => [it.id, it]));
  const isKnown = ({ id, groupId }: PlannedAccount) => groupId !== undefined || byId.has(id);
  if (found.length < ids.length || !found.every(isKnown)) {
    throw new ChitError('user_unknown', undefined);
  }
  if (!users.every((it) => canManage(principal, it))) {
    throw new ChitError('permission_denied', undefined);
  }
  // So that what is told of them is true, and is what the change finds.
  const due = found.filter(({ renewsAtMs = Infinity }) => renewsAtMs <= context.now());
  if (due.length === 0) return found;
  for (let at = 0; at < due.length; at += BATCH) {
    const accountIds = due.slice(at, at + BATCH).map(({ id }) => id);
    await context.ledger.submit({ kind: 'renew', accountIds, atMs: context.now() });
  }
  return context.accountPlans.among(ids);
}

/** What an assignment would do, by the rules of the ledger. */
async function effectOf(
  context: Context,
  accounts: readonly PlannedAccount[],
  stored: StoredPlan | undefined,
  { from, endsAtMs }: PlanAssignment,
): Promise<PlanEffect> {
  const atMs = context.now();
  // As the ledger reads them: what it has stored, or what it will find once it is stored.
  const periods = stored ? await context.plans.periodsAround(stored.calendar, atMs) : [];
  const plan = stored && { ...stored, periods };
  let effect = NO_EFFECT;
  for (const account of accounts) {
    const { renewsAtMs } = account;
    if (from === 'renewal' && renewsAtMs !== undefined) {
      effect = withAccount(effect, { expiredCredits: 0, allowedCredits: 0, renewsAtMs });
      continue;
    }
    const change = { plan, endsAtMs, nextPlanId: undefined, atMs };
    const step = changeOfPlan(account, account, change);
    effect = withAccount(effect, { ...step, renewsAtMs: step.account.renewsAtMs });
  }
  return effect;
}

async function claimedOperation(
  context: Context,
  principal: Principal,
  { accountIds, planId, from, endsAtMs, reason, idempotencyKey }: PlanAssignment,
): Promise<{ readonly id: string; readonly isReplayed: boolean }> {
  const body = ['assign', accountIds, planId, from, endsAtMs, reason];
  const idempotency = idempotencyOf(idempotencyKey, body);
  const id = newId();
  if (!idempotency) return { id, isReplayed: false };
  const { key, bodyHash } = idempotency;
  const scope = `plans:${principal.actor}`;
  const used = await context.idempotencyKeys.claim({
    scope,
    key,
    bodyHash,
    madeId: id,
    atMs: context.now(),
  });
  if (used.bodyHash !== bodyHash) throw new ChitError('idempotency_key_reused', undefined);
  return { id: used.madeId, isReplayed: used.madeId !== id };
}
