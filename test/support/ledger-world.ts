/** What the ledger finds and does not make: keys, plans, budgets, groups and vouchers. */
import type { Insertable } from 'kysely';
import type { BudgetKind, BudgetWindow } from '../../src/core/budget.ts';
import { calendarFrom, type Period, periodsBetween } from '../../src/core/calendar.ts';
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import { counterKey } from '../../src/core/reference-state.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import type { Database } from '../../src/store/database/schema.ts';

/** The last Sunday of March: in Berlin it has 23 hours. */
const SUNDAY_MS = Date.UTC(2027, 2, 28);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A midnight in UTC, at which a day of `plan-day` begins. */
export const MIDNIGHT_MS = SUNDAY_MS;

/** Times on both sides of the beginnings of periods, by clocks that may differ. */
export const TIMES = [0, 1, 6, 20, 22.5, 24, 24.001, 30, 48, 120, 800].map(
  (hours) => SUNDAY_MS - DAY_MS + hours * HOUR_MS,
);
const KNOWN_FROM_MS = SUNDAY_MS - 35 * DAY_MS;
const KNOWN_UNTIL_MS = SUNDAY_MS + 50 * DAY_MS;

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
  { id: 'b-1', kind: 'member', scope: 'group-1', limitCredits: 90, calendar: 'day UTC' },
  { id: 'b-2', kind: 'member', scope: 'group-1', limitCredits: 300, hours: 30 },
  { id: 'b-3', kind: 'plan', scope: 'plan-day', limitCredits: 80, hours: 5 },
  { id: 'b-4', kind: 'plan', scope: 'plan-day', limitCredits: 150, calendar: 'week 1 Asia/Tokyo' },
  { id: 'b-5', kind: 'user', scope: '1', limitCredits: 170, calendar: 'week 1 Asia/Tokyo' },
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

/** Rows to insert, by their table, in an order that foreign keys allow. */
type Rows = { [T in keyof Database]?: Insertable<Database[T]>[] };

/** Makes all of it, in the database and in the reference, for the users who have an account. */
export async function makeWorld(
  { kysely }: OpenDatabase,
  reference: ReferenceLedger,
): Promise<void> {
  const rows = worldIn(reference);
  await kysely.transaction().execute(async (db) => {
    await insertAll(db, rows);
    await db.updateTable('accounts').set({ has_limits: 1 }).where('id', 'in', [1, 2]).execute();
  });
}

/** Makes the API keys of the users who have an account, with their budgets. */
export async function makeApiKeys(db: Db, reference: ReferenceLedger): Promise<void> {
  await insertAll(db, { budgets: keyBudgets(reference), api_keys: apiKeysIn(reference) });
}

async function insertAll(db: Db, rows: Rows): Promise<void> {
  for (const [table, all] of Object.entries(rows)) {
    if (all.length === 0) continue;
    await db
      .insertInto(table as 'budgets')
      .values(all as Insertable<Database['budgets']>[])
      .execute();
  }
}

/** Makes the world in the reference alone; returns the rows that make it in a database. */
export function worldIn(reference: ReferenceLedger): Rows {
  const hasAccount = (id: number) => reference.accounts.has(id);
  // As in the store, a budget of a user marks the account, which has to be there.
  const isOfNobody = ({ kind, scope }: KnownBudget) =>
    (kind === 'user' || kind === 'own') && !hasAccount(Number(scope));
  const known = BUDGETS.filter((it) => !isOfNobody(it));
  for (const { id, allowanceCredits, calendar } of PLANS) {
    reference.plans.set(id, { id, name: id, allowanceCredits, periods: periodsOf(calendar) });
  }
  return {
    calendar_periods: PERIODS,
    plans: PLANS.map(({ id, allowanceCredits: allowance, calendar }) => {
      return { id, name: id, allowance, calendar, created_at: 0 };
    }),
    budgets: [...known.map((it) => budgetIn(reference, it)), ...keyBudgets(reference)],
    api_keys: apiKeysIn(reference),
    ...groupsIn(reference),
    ...vouchersIn(reference),
  };
}

type Db = OpenDatabase['kysely'];

function budgetIn(
  reference: ReferenceLedger,
  { id, kind, scope, limitCredits, hours, calendar }: KnownBudget,
): Insertable<Database['budgets']> {
  reference.budgets.set(id, { kind, scope, limitCredits, window: windowOf(hours, calendar) });
  const row = { id, kind, scope, hours: hours ?? null, calendar: calendar ?? null, created_at: 0 };
  return { ...row, credits: limitCredits ?? null };
}

function windowOf(hours: number | undefined, calendar: string | undefined): BudgetWindow {
  if (hours !== undefined) return { kind: 'hours', hours };
  return calendar === undefined
    ? { kind: 'none' }
    : { kind: 'calendar', periods: periodsOf(calendar) };
}

function keyBudgets(reference: ReferenceLedger) {
  return API_KEYS.filter(({ userId }) => reference.accounts.has(userId)).map((key) => {
    const { id, limitCredits } = key;
    return budgetIn(reference, { id, kind: 'key', scope: id, limitCredits });
  });
}

function apiKeysIn(reference: ReferenceLedger) {
  const keys = API_KEYS.filter(({ userId }) => reference.accounts.has(userId));
  for (const { id, userId, isEnded } of keys) if (!isEnded) reference.apiKeys.set(id, userId);
  return keys.map(({ id, userId: user_id, isEnded }) => {
    const secret = { prefix: id, secret_hash: id };
    return { id, user_id, name: id, ...secret, created_at: 0, ended_at: isEnded ? 1 : null };
  });
}

function groupsIn(reference: ReferenceLedger) {
  const members = GROUPS.flatMap(({ id: group_id, members }) => {
    const present = members.filter((it) => reference.accounts.has(it));
    return present.map((user_id) => {
      return { group_id, user_id, is_manager: 0 as const, joined_at: 0 };
    });
  });
  for (const { id, poolId } of GROUPS) {
    reference.accounts.set(poolId, { postedCredits: 0, heldCredits: 0, expiringCredits: 0 });
    const ids = members.filter((it) => it.group_id === id).map((it) => it.user_id);
    reference.groups.set(id, { poolId, members: new Set(ids) });
  }
  const nothing = { posted: 0, held: 0, expiring: 0, transfer_count: 0, renewed_at: 0 };
  return {
    accounts: GROUPS.map(({ poolId: id }) => {
      return { id, kind: 'pool' as const, has_limits: 0 as const, ...nothing };
    }),
    groups: GROUPS.map(({ id, poolId }) => ({ id, name: id, pool_id: poolId, created_at: 0 })),
    group_members: members,
    budget_counters: otherLimitIn(reference),
  };
}

/** One member has another limit than the others. */
function otherLimitIn(reference: ReferenceLedger): Insertable<Database['budget_counters']>[] {
  if (!reference.accounts.has(2)) return [];
  const limit = { limitCredits: 60, spentCredits: 0, heldCredits: 0, windowStartMs: 0 };
  reference.counters.set(counterKey('b-1', 2), limit);
  return [{ budget_id: 'b-1', subject: 2, credits: 60, spent: 0, held: 0, window_start: 0 }];
}

function vouchersIn(reference: ReferenceLedger) {
  const batches: Insertable<Database['voucher_batches']>[] = [];
  const vouchers: Insertable<Database['vouchers']>[] = [];
  for (const { codes, ...batch } of BATCHES) {
    const { id, credits, planId, planForMs } = batch;
    const expiresAtMs = 'expiresAtMs' in batch ? batch.expiresAtMs : undefined;
    const usesPerCode = id === 'batch-1' ? 2 : 1;
    const usesPerUser = id === 'batch-2' ? 2 : 1;
    batches.push({
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
    });
    const limits = { expiresAtMs, usesPerCode, usesPerUser };
    reference.voucherBatches.set(id, { credits, planId, planForMs, ...limits });
    for (let number = 0; number < codes; number += 1) {
      const code = { code_hash: `${id}-${number}`, batch_id: id, number, uses: 0 };
      vouchers.push(code);
      reference.vouchers.set(code.code_hash, id);
    }
  }
  return { voucher_batches: batches, vouchers };
}

const known = new Map<string, Period[]>();

/** The periods of a calendar, computed once. */
function periodsOf(calendar: string): Period[] {
  let periods = known.get(calendar);
  if (!periods) {
    periods = periodsBetween(calendarFrom(calendar), KNOWN_FROM_MS, KNOWN_UNTIL_MS);
    known.set(calendar, periods);
  }
  return periods;
}

const CALENDARS = new Set([...PLANS, ...BUDGETS].flatMap(({ calendar }) => calendar ?? []));
const PERIODS = [...CALENDARS].flatMap((calendar) =>
  periodsOf(calendar).map(({ startMs, endMs }) => {
    return { calendar, starts_at: startMs, ends_at: endMs };
  }),
);
