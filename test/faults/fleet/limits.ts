/**
 * The clients of a fleet have plans, groups with pools, and budgets. Their allowances renew and
 * their windows end every few seconds, so that servers and connections die in the middle of it.
 */
import type { Chit } from '../../../src/compose.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { addGroup, addLimit } from '../../support/limits.ts';
import type { Finding } from './compare.ts';

/** How long a period of the plan and of the budgets is. */
const PERIOD_MS = 3_000;
const KNOWN_FOR_MS = 3_600_000;
/** Its periods are not days: they are what the table says. */
const CALENDAR = 'day Pacific/Kiritimati';
const PLAN_ID = 'fleet-plan';
/** What vouchers give for a time. */
export const VOUCHER_PLAN = 'Fleet by voucher';
const ALLOWANCE_CREDITS = 20_000;
/** What some may spend in a period: less than they ask for. */
const OWN_CREDITS = 6_000;
const FIRST_POOL_ID = 501;

/** Gives every other client a plan, some a ceiling of their own, and all of them groups. */
export async function giveLimits(
  { context }: Chit,
  { kysely: db }: OpenDatabase,
  userIds: readonly number[],
): Promise<void> {
  const nowMs = Date.now();
  const rows = Array.from({ length: KNOWN_FOR_MS / PERIOD_MS }, (_, nth) => {
    const starts_at = nowMs + (nth - 10) * PERIOD_MS;
    return { calendar: CALENDAR, starts_at, ends_at: starts_at + PERIOD_MS };
  });
  for (let from = 0; from < rows.length; from += 500) {
    await db
      .insertInto('calendar_periods')
      .values(rows.slice(from, from + 500))
      .execute();
  }
  const plan = { id: PLAN_ID, name: 'Fleet', allowance: ALLOWANCE_CREDITS, calendar: CALENDAR };
  const byVoucher = { ...plan, id: 'fleet-voucher-plan', name: VOUCHER_PLAN };
  await db
    .insertInto('plans')
    .values([plan, byVoucher].map((it) => ({ ...it, created_at: nowMs })))
    .execute();
  const window = { kind: 'hours' as const, hours: 5 };
  const ofPlan = { kind: 'plan' as const, scope: PLAN_ID, credits: 1_000_000_000 };
  await addLimit(db, { id: 'fleet-hours', window, ...ofPlan }, nowMs);
  for (const [index, userId] of userIds.entries()) {
    if (index % 2 === 0) await assignPlan(context, userId, nowMs);
    if (index % 3 === 0) {
      const own = { kind: 'own' as const, scope: String(userId), credits: OWN_CREDITS };
      await addLimit(
        db,
        { id: `own-${userId}`, window: { kind: 'calendar', calendar: CALENDAR }, ...own },
        nowMs,
      );
    }
  }
  for (const nth of [0, 1]) {
    const poolId = FIRST_POOL_ID + nth;
    const id = `fleet-group-${nth}`;
    const members = userIds.filter((_, index) => index % 3 === nth);
    await addGroup(db, { id, poolId, members });
    const share = { kind: 'member' as const, scope: id, credits: OWN_CREDITS };
    const calendar = { kind: 'calendar' as const, calendar: CALENDAR };
    await addLimit(db, { id: `member-${nth}`, window: calendar, ...share }, nowMs);
    await assignPlan(context, poolId, nowMs);
  }
}

async function assignPlan(context: Chit['context'], accountId: number, atMs: number) {
  await context.ledger.submit({
    kind: 'assign_plan',
    accountId,
    planId: PLAN_ID,
    from: 'now',
    allowanceId: `fleet-${accountId}-allowance`,
    expiryId: `fleet-${accountId}-expiry`,
    actor: 'test',
    atMs,
  });
}

/** Renewals of one account that are of the same period. */
export async function renewedTwice({ kysely }: OpenDatabase): Promise<Finding[]> {
  const rows = await kysely
    .selectFrom('transfers')
    .select(['id', 'account_id', 'created_at'])
    .where('kind', '=', 'allowance')
    .where('actor', '=', 'system')
    .orderBy('account_id')
    .orderBy('number')
    .execute();
  const findings: Finding[] = [];
  const last = new Map<number, number>();
  for (const { id, account_id, created_at } of rows) {
    // The id begins with the moment at which it was due.
    const dueMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    const isEarly = created_at < dueMs;
    if (isEarly || dueMs - (last.get(account_id) ?? 0) < PERIOD_MS) {
      findings.push({ column: 'sumMismatches', what: `${id} renews ${account_id} once more` });
    }
    last.set(account_id, dueMs);
  }
  return findings;
}
