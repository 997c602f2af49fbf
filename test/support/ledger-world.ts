/** What the ledger finds and does not make: keys, plans, budgets, groups and vouchers. */
import type { Insertable } from 'kysely';
import type { BudgetKind, BudgetWindow } from '../../src/core/budget.ts';
import { calendarFrom, periodsBetween } from '../../src/core/calendar.ts';
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import { counterKey } from '../../src/core/reference-state.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import type { Database } from '../../src/store/database/schema.ts';

/** The last Sunday of March: in Berlin it has 23 hours. */
const SUNDAY_MS = Date.UTC(2027, 2, 28);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Times on both sides of the beginnings of periods, by clocks that may differ. */
export const TIMES = [0, 1, 6, 20, 22.5, 24, 24.001, 30, 48, 120, 800].map(
  (hours) => SUNDAY_MS - DAY_MS + hours * HOUR_MS,
);
const KNOWN_FROM_MS = SUNDAY_MS - 70 * DAY_MS;
const KNOWN_UNTIL_MS = SUNDAY_MS + 70 * DAY_MS;

export const API_KEYS = [
  { id: 'api-key-1', userId: 1, limitCredits: 250, isEnded: false },
  { id: 'api-key-2', userId: 1, limitCredits: 100, isEnded: false },
  { id: 'api-key-3', userId: 2, limitCredits: undefined, isEnded: false },
  { id: 'api-key-4', userId: 3, limitCredits: 0, isEnded: false },
  { id: 'api-key-5', userId: 1, limitCredits: undefined, isEnded: true },
] as const;

export const PLANS = [
  { id: 'plan-day', allowanceCredits: 100, calendar: 'day UTC' },
  { id: 'plan-month', allowanceCredits: 70, calendar: 'month 28 Europe/Berlin' },
  {
    id: 'plan-term',
    allowanceCredits: 130,
    calendar: 'term 2027-03-20/2027-03-27,2027-03-29/2027-03-30 Europe/Berlin',
  },
] as const;

export const GROUPS = [
  { id: 'group-1', poolId: 101, members: [1, 2] },
  { id: 'group-2', poolId: 102, members: [2, 3] },
] as const;

interface KnownBudget {
  readonly id: string;
  readonly kind: BudgetKind;
  readonly scope: string;
  readonly limitCredits: number | undefined;
  readonly hours?: number;
  readonly calendar?: string;
}

const BUDGETS: readonly KnownBudget[] = [
  { id: 'b-1', kind: 'member', scope: 'group-1', limitCredits: 120, calendar: 'day UTC' },
  { id: 'b-2', kind: 'member', scope: 'group-1', limitCredits: 300, hours: 30 },
  { id: 'b-3', kind: 'plan', scope: 'plan-day', limitCredits: 80, hours: 5 },
  { id: 'b-4', kind: 'plan', scope: 'plan-day', limitCredits: 150, calendar: 'week 1 Asia/Tokyo' },
  { id: 'b-5', kind: 'user', scope: '1', limitCredits: 400 },
  { id: 'b-6', kind: 'own', scope: '1', limitCredits: 90, calendar: 'day America/New_York' },
  { id: 'b-7', kind: 'own', scope: '2', limitCredits: 200, hours: 24 },
];

const BATCHES = [
  { id: 'batch-1', credits: 40, planId: undefined, planForMs: 0, expiresAtMs: TIMES[7], codes: 2 },
  { id: 'batch-2', credits: 0, planId: 'plan-day', planForMs: 40 * HOUR_MS, codes: 2 },
  { id: 'batch-3', credits: 0, planId: 'plan-term', planForMs: DAY_MS, codes: 1 },
] as const;

/** The hashes of all codes, and of one that does not exist. */
export const CODES = [
  ...BATCHES.flatMap(({ id, codes }) => Array.from({ length: codes }, (_, nth) => `${id}-${nth}`)),
  'no-code',
];

/** Makes all of it, in the database and in the reference, for the users who have an account. */
export async function makeWorld(
  { kysely: db }: OpenDatabase,
  reference: ReferenceLedger,
): Promise<void> {
  const hasAccount = (id: number) => reference.accounts.has(id);
  // As in the store, a budget of a user marks the account, which has to be there.
  const isOfNobody = ({ kind, scope }: KnownBudget) =>
    (kind === 'user' || kind === 'own') && !hasAccount(Number(scope));
  const budgets = BUDGETS.filter((it) => !isOfNobody(it));
  const calendars = [...PLANS, ...budgets].flatMap(({ calendar }) => calendar ?? []);
  for (const calendar of new Set(calendars)) {
    const rows = periodsOf(calendar).map(({ startMs, endMs }) => {
      return { calendar, starts_at: startMs, ends_at: endMs };
    });
    await db.insertInto('calendar_periods').values(rows).execute();
  }
  for (const { id, allowanceCredits, calendar } of PLANS) {
    const row = { id, name: id, allowance: allowanceCredits, calendar, created_at: 0 };
    await db.insertInto('plans').values(row).execute();
    const periods = periodsOf(calendar);
    reference.plans.set(id, { id, name: id, allowanceCredits, periods });
  }
  for (const budget of budgets) await makeBudget(db, reference, budget);
  await db.updateTable('accounts').set({ has_limits: 1 }).where('id', 'in', [1, 2]).execute();
  await makeApiKeys(db, reference);
  await makeGroups(db, reference);
  await makeVouchers(db, reference);
}

function periodsOf(calendar: string) {
  return periodsBetween(calendarFrom(calendar), KNOWN_FROM_MS, KNOWN_UNTIL_MS);
}

type Db = OpenDatabase['kysely'];

async function makeBudget(
  db: Db,
  reference: ReferenceLedger,
  { id, kind, scope, limitCredits, hours, calendar }: KnownBudget,
): Promise<void> {
  const row = { id, kind, scope, hours: hours ?? null, calendar: calendar ?? null, created_at: 0 };
  await db
    .insertInto('budgets')
    .values({ ...row, credits: limitCredits ?? null })
    .execute();
  const window: BudgetWindow =
    hours === undefined
      ? calendar === undefined
        ? { kind: 'none' }
        : { kind: 'calendar', periods: periodsOf(calendar) }
      : { kind: 'hours', hours };
  reference.budgets.set(id, { kind, scope, limitCredits, window });
}

/** Makes the API keys of the users who have an account, with their budgets. */
export async function makeApiKeys(db: Db, reference: ReferenceLedger): Promise<void> {
  for (const { id, userId, limitCredits, isEnded } of API_KEYS) {
    if (!reference.accounts.has(userId)) continue;
    await makeBudget(db, reference, { id, kind: 'key', scope: id, limitCredits });
    const secret = { prefix: id, secret_hash: id };
    const row = { id, user_id: userId, name: id, ...secret, created_at: 0 };
    const ended_at = isEnded ? 1 : null;
    await db
      .insertInto('api_keys')
      .values({ ...row, ended_at })
      .execute();
    if (!isEnded) reference.apiKeys.set(id, userId);
  }
}

async function makeGroups(db: Db, reference: ReferenceLedger): Promise<void> {
  for (const { id, poolId, members } of GROUPS) {
    const account: Insertable<Database['accounts']> = {
      id: poolId,
      kind: 'pool',
      posted: 0,
      held: 0,
      transfer_count: 0,
    };
    await db.insertInto('accounts').values(account).execute();
    reference.accounts.set(poolId, { postedCredits: 0, heldCredits: 0, expiringCredits: 0 });
    await db
      .insertInto('groups')
      .values({ id, name: id, pool_id: poolId, created_at: 0 })
      .execute();
    const present = members.filter((it) => reference.accounts.has(it));
    for (const user_id of present) {
      const member = { group_id: id, user_id, is_manager: 0 as const, joined_at: 0 };
      await db.insertInto('group_members').values(member).execute();
    }
    reference.groups.set(id, { poolId, members: new Set(present) });
  }
  // One member has another limit than the others.
  if (!reference.accounts.has(2)) return;
  const counter = { budget_id: 'b-1', subject: 2, credits: 60, spent: 0, held: 0, window_start: 0 };
  await db.insertInto('budget_counters').values(counter).execute();
  reference.counters.set(counterKey('b-1', 2), {
    limitCredits: 60,
    spentCredits: 0,
    heldCredits: 0,
    windowStartMs: 0,
  });
}

async function makeVouchers(db: Db, reference: ReferenceLedger): Promise<void> {
  for (const { codes, ...batch } of BATCHES) {
    const { id, credits, planId, planForMs } = batch;
    const expiresAtMs = 'expiresAtMs' in batch ? batch.expiresAtMs : undefined;
    const usesPerCode = id === 'batch-1' ? 2 : 1;
    const usesPerUser = id === 'batch-2' ? 2 : 1;
    const row: Insertable<Database['voucher_batches']> = {
      id,
      name: id,
      credits,
      plan_id: planId ?? null,
      plan_for_ms: planForMs,
      expires_at: expiresAtMs ?? null,
      uses_per_code: usesPerCode,
      uses_per_user: usesPerUser,
      codes,
      made_by: 'test',
      created_at: 0,
    };
    await db.insertInto('voucher_batches').values(row).execute();
    const limits = { expiresAtMs, usesPerCode, usesPerUser };
    reference.voucherBatches.set(id, { credits, planId, planForMs, ...limits });
    for (let number = 0; number < codes; number += 1) {
      const code = { code_hash: `${id}-${number}`, batch_id: id, number, uses: 0 };
      await db.insertInto('vouchers').values(code).execute();
      reference.vouchers.set(code.code_hash, id);
    }
  }
}
