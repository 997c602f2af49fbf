/** Renews accounts, gives plans and redeems vouchers on SQLite. */
import {
  type AccountPlan,
  changeOfPlan,
  extensionOf,
  type Plan,
  type PlanStep,
  type RenewableBalance,
  renewalOf,
  renewalTransferId,
} from '../../core/allowance.ts';
import type { Period } from '../../core/calendar.ts';
import { MAX_CREDITS } from '../../core/credits.ts';
import type {
  AccountId,
  AssignPlanCommand,
  AssignPlanResult,
  RedeemCommand,
  RedeemResult,
  RenewCommand,
  RenewResult,
} from '../../core/ledger.ts';
import { book, isIdTaken, writeAudit } from './bookings.ts';
import {
  type AccountRow,
  first,
  type PlanRow,
  type RedemptionRow,
  type SqliteStatements,
  type TransferRow,
  type VoucherRow,
} from './statements.ts';

/** Carries out `renew`. */
export function renew(
  statements: SqliteStatements,
  { accountIds, atMs }: RenewCommand,
): RenewResult {
  let accounts = 0;
  const planAt = rememberingPlans(statements);
  for (const accountId of accountIds) {
    const account = first<AccountRow>(statements.readAccount, accountId);
    if (!account || !isDue(account, atMs)) continue;
    bookRenewal(statements, { accountId, row: account, atMs }, planAt);
    accounts += 1;
  }
  return { outcome: 'renewed', accounts };
}

/** Whether a row of an account is to be renewed. */
export function isDue({ renews_at: renewsAtMs }: AccountRow, atMs: number): boolean {
  return renewsAtMs !== null && renewsAtMs <= atMs;
}

/** Books the renewal of an account that is due; returns its row afterwards. */
export function renewDue(
  statements: SqliteStatements,
  accountId: AccountId,
  row: AccountRow,
  atMs: number,
): AccountRow {
  bookRenewal(statements, { accountId, row, atMs }, rememberingPlans(statements));
  return first<AccountRow>(statements.readAccount, accountId) as AccountRow;
}

function bookRenewal(
  statements: SqliteStatements,
  { accountId, row, atMs }: { accountId: AccountId; row: AccountRow; atMs: number },
  planAt: (id: string, atMs: number) => Plan,
): void {
  const plan = planOf(row);
  const renewsAtMs = row.renews_at ?? 0;
  const planWithId = (id: string) => planAt(id, Math.max(atMs, plan.renewedAtMs));
  const step = renewalOf({ ...plan, renewsAtMs }, balanceOf(row), planWithId, atMs);
  take(statements, accountId, step, {
    expiryId: renewalTransferId('expiry', accountId, renewsAtMs),
    allowanceId: renewalTransferId('allowance', accountId, renewsAtMs),
    actor: 'system',
    endedPlan: row.plan_id === null ? '' : planWithId(row.plan_id).name,
    atMs,
  });
}

/** Reads plans, each once at a time: many accounts that renew together have few plans. */
function rememberingPlans(statements: SqliteStatements): (id: string, atMs: number) => Plan {
  const read = new Map<string, Plan>();
  return (id, atMs) => {
    const key = `${atMs} ${id}`;
    const known = read.get(key) ?? readPlan(statements, id, atMs);
    read.set(key, known);
    return known;
  };
}

function planOf(row: AccountRow): AccountPlan {
  return {
    planId: row.plan_id ?? undefined,
    nextPlanId: row.next_plan_id ?? undefined,
    planEndsAtMs: row.plan_ends_at ?? undefined,
    renewsAtMs: row.renews_at ?? undefined,
    renewedAtMs: row.renewed_at,
  };
}

function balanceOf(row: AccountRow): RenewableBalance {
  return { postedCredits: row.posted, heldCredits: row.held, expiringCredits: row.expiring };
}

/** A plan, with its periods around a time. Throws if there is none. */
function readPlan(statements: SqliteStatements, id: string, atMs: number): Plan {
  const row = first<PlanRow>(statements.readPlan, id, atMs);
  if (!row) throw new Error(`There is no plan ${id}.`);
  const periods: Period[] = [];
  const { starts_at: startMs, ends_at: endMs, next_start: nextMs } = row;
  if (startMs !== null && endMs !== null) periods.push({ startMs, endMs });
  if (nextMs !== null) periods.push({ startMs: nextMs, endMs: Number.POSITIVE_INFINITY });
  return { id, name: row.name, allowanceCredits: row.allowance, periods };
}

/** The name of the plan that an account has; empty if it has none. */
function nameOf(statements: SqliteStatements, { plan_id: id }: AccountRow): string {
  return id === null ? '' : readPlan(statements, id, 0).name;
}

interface Booked {
  readonly expiryId: string;
  readonly allowanceId: string;
  readonly actor: string;
  /** The name of the plan whose allowance expires; empty if there is none. */
  readonly endedPlan: string;
  readonly atMs: number;
}

/** Books a step of a plan and changes the account. */
function take(
  statements: SqliteStatements,
  accountId: AccountId,
  { expiredCredits, allowedCredits, plan, account }: PlanStep,
  { expiryId, allowanceId, actor, endedPlan, atMs }: Booked,
): void {
  if (expiredCredits > 0) {
    const reason = endedPlan;
    const credits = 0 - expiredCredits;
    bookOrFail(statements, {
      id: expiryId,
      accountId,
      kind: 'expiry',
      credits,
      actor,
      reason,
      atMs,
    });
  }
  if (plan && allowedCredits > 0) {
    const reason = plan.name;
    const credits = allowedCredits;
    const allowance = { id: allowanceId, accountId, kind: 'allowance' as const };
    bookOrFail(statements, { ...allowance, credits, actor, reason, atMs });
  }
  writePlan(statements, accountId, account);
}

function writePlan(statements: SqliteStatements, accountId: AccountId, plan: AccountPlan): void {
  statements.changePlan.run(
    plan.planId ?? null,
    plan.nextPlanId ?? null,
    plan.planEndsAtMs ?? null,
    plan.renewsAtMs ?? null,
    plan.renewedAtMs,
    accountId,
  );
}

function bookOrFail(statements: SqliteStatements, booking: Parameters<typeof book>[1]): void {
  if (!book(statements, booking)) {
    throw new Error(`The balance of account ${booking.accountId} changed inside a transaction.`);
  }
}

/** Carries out `assign_plan`. */
export function assignPlan(
  statements: SqliteStatements,
  command: AssignPlanCommand,
): AssignPlanResult {
  const { accountId, planId, expiryId, allowanceId, endsAtMs, actor, atMs } = command;
  const earlier = earlierAssignment(statements, command);
  if (earlier) return earlier;
  if (isIdTaken(statements, expiryId) || isIdTaken(statements, allowanceId)) {
    return { outcome: 'id_taken' };
  }
  let account = first<AccountRow>(statements.readAccount, accountId);
  if (!account) return { outcome: 'account_unknown' };
  if (planId !== undefined && !first(statements.readPlan, planId, atMs)) {
    return { outcome: 'plan_unknown' };
  }
  if (isDue(account, atMs)) account = renewDue(statements, accountId, account, atMs);
  writeAudit(statements, command.audit);
  const present = planOf(account);
  if (command.from === 'renewal' && present.renewsAtMs !== undefined) {
    const planEndsAtMs = present.renewsAtMs;
    writePlan(statements, accountId, { ...present, nextPlanId: planId, planEndsAtMs });
    return assigned(statements, accountId, 0, 0);
  }
  const plan =
    planId === undefined
      ? undefined
      : readPlan(statements, planId, Math.max(atMs, present.renewedAtMs));
  const change = { plan, endsAtMs, nextPlanId: undefined, atMs };
  const step = changeOfPlan(present, balanceOf(account), change);
  const endedPlan = nameOf(statements, account);
  take(statements, accountId, step, { expiryId, allowanceId, actor, endedPlan, atMs });
  return assigned(statements, accountId, step.expiredCredits, step.allowedCredits);
}

/** The result of the same command if it has been carried out and has booked something. */
function earlierAssignment(
  statements: SqliteStatements,
  { accountId, expiryId, allowanceId }: AssignPlanCommand,
): AssignPlanResult | undefined {
  const expiry = first<TransferRow>(statements.readTransfer, expiryId);
  const allowance = first<TransferRow>(statements.readTransfer, allowanceId);
  if (!expiry && !allowance) return undefined;
  const isOf = (row: TransferRow | undefined, id: string, kind: string) =>
    row ? row.account_id === accountId && row.kind === kind : !isIdTaken(statements, id);
  if (!isOf(expiry, expiryId, 'expiry') || !isOf(allowance, allowanceId, 'allowance')) {
    return { outcome: 'id_taken' };
  }
  return assigned(statements, accountId, 0 - (expiry?.credits ?? 0), allowance?.credits ?? 0);
}

function assigned(
  statements: SqliteStatements,
  accountId: AccountId,
  expiredCredits: number,
  allowedCredits: number,
): AssignPlanResult {
  const account = first<AccountRow>(statements.readAccount, accountId) as AccountRow;
  const renewsAtMs = account.renews_at ?? undefined;
  return { outcome: 'assigned', expiredCredits, allowedCredits, renewsAtMs };
}

/** Carries out `redeem`. */
export function redeem(statements: SqliteStatements, command: RedeemCommand): RedeemResult {
  const { codeHash, accountId, redemptionId, expiryId, actor, atMs } = command;
  const earlier = first<RedemptionRow>(statements.readRedemption, redemptionId);
  if (earlier) {
    const isSame = earlier.code_hash === codeHash && earlier.user_id === accountId;
    return isSame ? redeemed(statements, earlier.batch_id) : { outcome: 'id_taken' };
  }
  if (isIdTaken(statements, redemptionId) || isIdTaken(statements, expiryId)) {
    return { outcome: 'id_taken' };
  }
  const account = first<AccountRow>(statements.readAccount, accountId);
  if (!account || !first(statements.readActiveUser, accountId)) {
    return { outcome: 'account_unknown' };
  }
  const voucher = first<VoucherRow>(statements.readVoucher, codeHash, accountId);
  if (!voucher) return { outcome: 'voucher_unknown' };
  if (voucher.expires_at !== null && voucher.expires_at <= atMs) {
    return { outcome: 'voucher_expired' };
  }
  if (voucher.uses_of_user >= voucher.uses_per_user) return { outcome: 'voucher_limit' };
  if (voucher.uses >= voucher.uses_per_code) return { outcome: 'voucher_used_up' };
  if (account.posted + voucher.credits > MAX_CREDITS) return { outcome: 'balance_limit' };
  if (statements.useVoucher.run(codeHash, voucher.uses_per_code).changes !== 1) {
    throw new Error('A voucher changed inside a transaction.');
  }
  const { credits, plan_id: planId, id: batchId } = voucher;
  if (credits > 0) {
    const booking = { id: redemptionId, accountId, kind: 'voucher' as const, credits };
    bookOrFail(statements, { ...booking, actor, reason: voucher.name, atMs });
  }
  if (planId !== null) givePlan(statements, command, { planId, forMs: voucher.plan_for_ms });
  statements.insertRedemption.run(redemptionId, codeHash, batchId, accountId, atMs);
  writeAudit(statements, command.audit);
  return redeemed(statements, batchId);
}

/** Gives a plan for some time; the present plan goes on afterwards. */
function givePlan(
  statements: SqliteStatements,
  { accountId, redemptionId, expiryId, actor, atMs }: RedeemCommand,
  { planId, forMs }: { readonly planId: string; readonly forMs: number },
): void {
  let account = first<AccountRow>(statements.readAccount, accountId) as AccountRow;
  if (isDue(account, atMs)) account = renewDue(statements, accountId, account, atMs);
  const present = planOf(account);
  const plan = readPlan(statements, planId, Math.max(atMs, present.renewedAtMs));
  const { planEndsAtMs } = present;
  if (present.planId === planId && planEndsAtMs !== undefined) {
    const extended = extensionOf({ ...present, planEndsAtMs }, plan, { byMs: forMs, atMs });
    writePlan(statements, accountId, extended);
    return;
  }
  const nextPlanId = planEndsAtMs === undefined ? present.planId : present.nextPlanId;
  const change = { plan, endsAtMs: atMs + forMs, nextPlanId, atMs };
  const step = changeOfPlan(present, balanceOf(account), change);
  const ids = { expiryId, allowanceId: redemptionId };
  take(statements, accountId, step, {
    ...ids,
    actor,
    endedPlan: nameOf(statements, account),
    atMs,
  });
}

function redeemed(statements: SqliteStatements, batchId: string): RedeemResult {
  const batch = first<{ credits: number; plan_id: string | null }>(statements.readBatch, batchId);
  return {
    outcome: 'redeemed',
    credits: batch?.credits ?? 0,
    planId: batch?.plan_id ?? undefined,
  };
}
