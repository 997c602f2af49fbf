/** Groups with pools, plans and budgets, written straight into a database. */
import type { Insertable, Kysely } from 'kysely';
import { newId } from '../../src/app/ids.ts';
import type { Chit } from '../../src/compose.ts';
import type { Calendar } from '../../src/core/calendar.ts';
import { calendarText } from '../../src/core/calendar.ts';
import { addBudget, type NewBudget } from '../../src/store/credits/budgets.ts';
import { fillCalendar } from '../../src/store/credits/calendars.ts';
import type { Database } from '../../src/store/database/schema.ts';
import { openMigrated } from './databases.ts';

type Db = Kysely<Database>;

let pools = 700_000_000;

export interface Pool {
  readonly groupId: string;
  readonly name: string;
  readonly poolId: number;
}

/** A group with a pool of so many credits; its members join in this order. */
export async function newPool(
  db: Db,
  { context }: Chit,
  wanted: {
    readonly members: readonly number[];
    readonly credits: number;
    readonly models?: readonly string[];
    readonly joinedAtMs?: number;
  },
): Promise<Pool> {
  pools += 1;
  const poolId = pools;
  const groupId = newId();
  const name = `Class ${pools}`;
  const account: Insertable<Database['accounts']> = {
    id: poolId,
    kind: 'pool',
    posted: 0,
    held: 0,
    expiring: 0,
    transfer_count: 0,
    has_limits: 0,
    renewed_at: 0,
  };
  await db.insertInto('accounts').values(account).execute();
  const models = wanted.models ? JSON.stringify(wanted.models) : null;
  const group = { id: groupId, name, pool_id: poolId, models, created_at: 0 };
  await db.insertInto('groups').values(group).execute();
  const { joinedAtMs: joined_at = pools } = wanted;
  for (const user_id of wanted.members) {
    const member = { group_id: groupId, user_id, is_manager: 0 as const, joined_at };
    await db.insertInto('group_members').values(member).execute();
  }
  await grantTo({ context } as Chit, poolId, wanted.credits);
  return { groupId, name, poolId };
}

/** Gives an account credits, or takes them. */
export async function grantTo(
  { context }: Chit,
  accountId: number,
  credits: number,
): Promise<void> {
  if (credits === 0) return;
  const { outcome } = await context.ledger.submit({
    kind: 'grant',
    transferId: newId(),
    accountId,
    credits,
    actor: 'system',
    reason: 'test',
    idempotency: undefined,
    atMs: context.now(),
  });
  if (outcome !== 'granted') throw new Error(outcome);
}

/** Adds a budget without a window, or with the one that is given. */
export async function newBudget(
  db: Db,
  budget: Pick<NewBudget, 'kind' | 'scope' | 'limitCredits'> & Partial<NewBudget>,
): Promise<string> {
  const id = newId();
  const whole = { id, window: { kind: 'none' } as const, createdAtMs: Date.now(), ...budget };
  await addBudget(db, whole);
  return id;
}

/** Makes the plan `plan-1`, Monthly: 2,000 a month in UTC. */
export async function storeMonthlyPlan(url: string): Promise<void> {
  const database = await openMigrated(url);
  const calendar = calendarText({ kind: 'month', day: 1, timeZone: 'UTC' });
  const created_at = Date.now();
  const row = { id: 'plan-1', name: 'Monthly', allowance: 2_000, calendar, created_at };
  await storePlan(database.kysely, row);
  await database.close();
}

async function storePlan(db: Db, row: Insertable<Database['plans']>): Promise<void> {
  await db.insertInto('plans').values(row).execute();
  await fillCalendar(db, row.calendar, row.created_at);
}

/** Makes a plan and gives it to an account. */
export async function givePlan(
  db: Db,
  { context }: Chit,
  accountId: number,
  plan: {
    readonly calendar: Calendar;
    readonly allowance: number;
    readonly models?: readonly string[];
    readonly atMs?: number;
  },
): Promise<string> {
  const id = newId();
  const calendar = calendarText(plan.calendar);
  const atMs = plan.atMs ?? context.now();
  const { allowance } = plan;
  const models = plan.models ? JSON.stringify(plan.models) : null;
  await storePlan(db, { id, name: `Plan ${id}`, allowance, calendar, models, created_at: atMs });
  const { outcome } = await context.ledger.submit({
    kind: 'assign_plan',
    accountId,
    planId: id,
    from: 'now',
    allowanceId: newId(),
    expiryId: newId(),
    actor: 'system',
    atMs,
  });
  if (outcome !== 'assigned') throw new Error(outcome);
  return id;
}
