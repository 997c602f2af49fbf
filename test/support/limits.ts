/** Makes plans, pools, groups, budgets, keys and vouchers directly in a database. */
import type { Kysely } from 'kysely';
import type { BudgetKind } from '../../src/core/budget.ts';
import { calendarFrom, periodsBetween } from '../../src/core/calendar.ts';
import { addBudget, type StoredWindow } from '../../src/store/credits/budgets.ts';
import type { Database } from '../../src/store/database/schema.ts';

type Db = Kysely<Database>;

const DAY_MS = 86_400_000;
/** Calendars are known for so long on both sides of a time. */
const KNOWN_MS = 400 * DAY_MS;

/** Writes the periods of a calendar around a time. */
export async function addPeriods(db: Db, calendar: string, aroundMs: number): Promise<void> {
  const periods = periodsBetween(calendarFrom(calendar), aroundMs - KNOWN_MS, aroundMs + KNOWN_MS);
  const rows = periods.map(({ startMs, endMs }) => {
    return { calendar, starts_at: startMs, ends_at: endMs };
  });
  await db
    .insertInto('calendar_periods')
    .values(rows)
    .onConflict((it) => it.doNothing())
    .execute();
}

/** Adds a plan, with the periods of its calendar around a time. */
export async function addPlan(
  db: Db,
  plan: { readonly id: string; readonly allowanceCredits: number; readonly calendar: string },
  aroundMs: number,
): Promise<void> {
  const { id, allowanceCredits: allowance, calendar } = plan;
  await addPeriods(db, calendar, aroundMs);
  await db
    .insertInto('plans')
    .values({ id, name: id, allowance, calendar, created_at: 0 })
    .execute();
}

/** Adds a group with a pool that has nothing yet. */
export async function addGroup(
  db: Db,
  group: { readonly id: string; readonly poolId: number; readonly members: readonly number[] },
): Promise<void> {
  const { id, poolId, members } = group;
  const nothing = { posted: 0, held: 0, expiring: 0, transfer_count: 0, renewed_at: 0 };
  await db
    .insertInto('accounts')
    .values({ id: poolId, kind: 'pool', has_limits: 0, ...nothing })
    .execute();
  await db.insertInto('groups').values({ id, name: id, pool_id: poolId, created_at: 0 }).execute();
  const rows = members.map((user_id) => {
    return { group_id: id, user_id, is_manager: 0 as const, joined_at: 0 };
  });
  await db.insertInto('group_members').values(rows).execute();
}

/** Adds a budget, with the periods of its calendar around a time. */
export async function addLimit(
  db: Db,
  limit: {
    readonly id: string;
    readonly kind: BudgetKind;
    readonly scope: string;
    readonly credits: number | undefined;
    readonly window?: StoredWindow;
  },
  aroundMs: number,
): Promise<void> {
  const { id, kind, scope, credits: limitCredits, window = { kind: 'none' } } = limit;
  if (window.kind === 'calendar') await addPeriods(db, window.calendar, aroundMs);
  await addBudget(db, { id, kind, scope, limitCredits, window, createdAtMs: 0 });
}

/** Adds an API key with a budget. */
export async function addKey(
  db: Db,
  key: { readonly id: string; readonly userId: number; readonly credits: number | undefined },
): Promise<void> {
  const { id, userId: user_id, credits } = key;
  await addLimit(db, { id, kind: 'key', scope: id, credits }, 0);
  await db
    .insertInto('api_keys')
    .values({ id, user_id, name: id, prefix: id, secret_hash: id, created_at: 0 })
    .execute();
}

/** Adds a batch of vouchers with codes; the hash of each is the id of the batch and its number. */
export async function addVouchers(
  db: Db,
  batch: {
    readonly id: string;
    readonly credits?: number;
    readonly plan?: { readonly id: string; readonly forMs: number };
    readonly codes: number;
    readonly usesPerCode: number;
    readonly usesPerUser: number;
  },
): Promise<void> {
  const { id, credits = 0, plan, codes, usesPerCode, usesPerUser } = batch;
  await db
    .insertInto('voucher_batches')
    .values({
      id,
      name: id,
      credits,
      plan_id: plan?.id ?? null,
      plan_for_ms: plan?.forMs ?? 0,
      expires_at: null,
      uses_per_code: usesPerCode,
      uses_per_user: usesPerUser,
      codes,
      made_by: 'test',
      created_at: 0,
    })
    .execute();
  const rows = Array.from({ length: codes }, (_, number) => {
    return { code_hash: `${id}-${number}`, batch_id: id, number, uses: 0 };
  });
  await db.insertInto('vouchers').values(rows).execute();
}
