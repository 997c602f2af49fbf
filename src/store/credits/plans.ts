/** Plans: what accounts are given again and again, and the limits that come with it. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { type Calendar, calendarFrom, calendarText, type Period } from '../../core/calendar.ts';
import type { Credits } from '../../core/credits.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { BudgetRow, Database, PlanRow } from '../database/schema.ts';
import { claimKey } from '../metering/idempotency-keys.ts';
import { addBudget, endBudgets, setBudgetLimit } from './budgets.ts';
import { fillCalendar, storedPeriodsAround } from './calendars.ts';
import { addPlanChange, type NewPlanChange } from './plan-changes.ts';

/** The most that an account with a plan may spend in a window of time. */
export interface PlanWindow {
  readonly limitCredits: Credits;
  readonly window:
    | { readonly kind: 'hours'; readonly hours: number }
    | { readonly kind: 'calendar'; readonly calendar: Calendar };
}

/** What a plan limits besides its allowance. */
export interface PlanRules {
  readonly id: string;
  readonly name: string;
  /** The models that an account with it pays for; undefined for all. */
  readonly models: readonly string[] | undefined;
  readonly requestsPerMinute: number | undefined;
  /** Tokens of input and output together. */
  readonly usagePerMinute: number | undefined;
}

export interface StoredPlan extends PlanRules {
  readonly allowanceCredits: Credits;
  readonly calendar: Calendar;
  readonly windows: readonly PlanWindow[];
  readonly createdAtMs: number;
  /** When it ended; nobody can be given it since. */
  readonly endedAtMs: number | undefined;
}

/** What can be changed of a plan. */
export type PlanChange = Omit<StoredPlan, 'id' | 'calendar' | 'createdAtMs' | 'endedAtMs'>;

/** The accounts that have a plan. */
export interface PlanStanding {
  readonly accounts: number;
  /** How many of them have it until a certain time. */
  readonly accountsWithEnd: number;
  /** What would expire now, of those without an end and of all. */
  readonly expirableCredits: Credits;
  readonly allExpirableCredits: Credits;
  /** The earliest and the latest of their next renewals; undefined if there is none. */
  readonly firstRenewalMs: number | undefined;
  readonly lastRenewalMs: number | undefined;
  /** The plans that follow it, with how many accounts. */
  readonly following: ReadonlyMap<string, number>;
}

/** An operation on a plan, which is carried out once for an idempotency key. */
export interface PlanOperation {
  readonly id: string;
  readonly claim:
    | { readonly scope: string; readonly key: string; readonly bodyHash: string }
    | undefined;
  readonly entry: AuditEntry;
  readonly atMs: number;
  /** What it changes for all accounts with the plan. */
  readonly all?: NewPlanChange;
  /** Whether it is also for a plan that has ended. */
  readonly mayHaveEnded?: boolean;
}

/** What became of an operation, and its id: the earlier one's if the key has been used for it. */
export interface OperationOutcome {
  readonly outcome: 'done' | 'done_before' | 'name_taken' | 'plan_ended' | 'key_reused';
  readonly id: string;
}

/** Where a page of plans begins, and what it shows. */
export interface PlanListQuery {
  readonly beforeId: string | undefined;
  readonly withEnded: boolean;
  readonly limit: number;
}

/** Reads and writes plans; which account has one is for the ledger to write. */
export class PlanStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for sums over many accounts, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /**
   * Adds a plan with its windows, and fills their calendars.
   * @param replaced a plan that ends at the same time
   */
  add(
    plan: StoredPlan,
    operation: PlanOperation,
    replaced?: { readonly id: string; readonly entry: AuditEntry },
  ): Promise<OperationOutcome> {
    return this.#carryOut(operation, async (transaction) => {
      if (replaced) {
        if (!(await endPlan(transaction, replaced.id, operation.atMs))) return 'plan_ended';
        await addToAuditLog(transaction, replaced.entry);
      }
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('plans')
        .values({
          id: plan.id,
          calendar: calendarText(plan.calendar),
          created_at: plan.createdAtMs,
          ended_at: null,
          ...columnsOf(plan),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return 'name_taken';
      await fillCalendar(transaction, calendarText(plan.calendar), plan.createdAtMs);
      for (const it of plan.windows) await addWindow(transaction, plan.id, it, plan.createdAtMs);
      return 'done';
    });
  }

  /** Changes a plan that has not ended. Windows that stay as they are go on counting. */
  change(id: string, change: PlanChange, operation: PlanOperation): Promise<OperationOutcome> {
    return this.#carryOut(operation, async (transaction) => {
      const namesake = await transaction
        .selectFrom('plans')
        .select('id')
        .where(sql`lower(name)`, '=', sql`lower(${change.name})`)
        .where('ended_at', 'is', null)
        .where('id', '<>', id)
        .executeTakeFirst();
      if (namesake) return 'name_taken';
      const { numUpdatedRows } = await transaction
        .updateTable('plans')
        .set(columnsOf(change))
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'plan_ended';
      await changeWindows(transaction, id, change.windows, operation.atMs);
      return 'done';
    });
  }

  /** Ends a plan: nobody can be given it any more. */
  end(id: string, operation: PlanOperation): Promise<OperationOutcome> {
    return this.#carryOut(operation, async (transaction) =>
      (await endPlan(transaction, id, operation.atMs)) || operation.mayHaveEnded
        ? 'done'
        : 'plan_ended',
    );
  }

  async find(id: string): Promise<StoredPlan | undefined> {
    const row = await this.#db
      .selectFrom('plans')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && (await this.#withWindows([row]))[0];
  }

  /** The names of these plans, by id. */
  async names(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('plans')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** The plan with a name that has not ended; names are compared without the case of ASCII. */
  async byName(name: string): Promise<StoredPlan | undefined> {
    const row = await this.#db
      .selectFrom('plans')
      .selectAll()
      .where(sql`lower(name)`, '=', sql`lower(${name})`)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && (await this.#withWindows([row]))[0];
  }

  /** A page of plans, newest first. */
  async page({ beforeId, withEnded, limit }: PlanListQuery): Promise<StoredPlan[]> {
    const rows = await this.#db
      .selectFrom('plans')
      .selectAll()
      .$if(!withEnded, (query) => query.where('ended_at', 'is', null))
      .$if(beforeId !== undefined, (query) => query.where('id', '<', beforeId as string))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return this.#withWindows(rows);
  }

  /** The periods of a plan around a time, as a renewal needs them. */
  periodsAround(calendar: Calendar, atMs: number): Promise<Period[]> {
    return storedPeriodsAround(this.#db, calendarText(calendar), atMs);
  }

  /** The plans that limit more than an amount; ended ones too, which accounts may still have. */
  async rules(): Promise<PlanRules[]> {
    const rows = await this.#db
      .selectFrom('plans')
      .select(['id', 'name', 'models', 'requests_per_minute', 'usage_per_minute'])
      .where((is) =>
        is.or([
          is('models', 'is not', null),
          is('requests_per_minute', 'is not', null),
          is('usage_per_minute', 'is not', null),
        ]),
      )
      .execute();
    return rows.map(toRules);
  }

  /** Whether there is a plan, ended or not. */
  async exists(): Promise<boolean> {
    const row = await this.#db.selectFrom('plans').select('id').limit(1).executeTakeFirst();
    return row !== undefined;
  }

  /** How many accounts have each of these plans. */
  async accountCounts(planIds: readonly string[]): Promise<Map<string, number>> {
    if (planIds.length === 0) return new Map();
    const rows = await this.#reads
      .selectFrom('accounts')
      .select(['plan_id', ({ fn }) => fn.countAll<number>().as('accounts')])
      .where('plan_id', 'in', planIds)
      .groupBy('plan_id')
      .execute();
    return new Map(rows.map(({ plan_id: id, accounts }) => [id ?? '', Number(accounts)]));
  }

  /** The accounts that have a plan, in numbers. */
  async standing(planId: string): Promise<PlanStanding> {
    const { rows } = await sql<Record<string, number | string | null>>`
      SELECT count(*) AS accounts, count(plan_ends_at) AS with_end,
        coalesce(sum(CASE WHEN plan_ends_at IS NULL THEN expirable ELSE 0 END), 0) AS expirable,
        coalesce(sum(expirable), 0) AS all_expirable,
        min(renews_at) AS first_renewal, max(renews_at) AS last_renewal
      FROM (
        SELECT plan_ends_at, renews_at,
          CASE WHEN expiring < posted - held THEN expiring ELSE posted - held END AS expirable
        FROM accounts WHERE plan_id = ${planId}
      ) a`.execute(this.#reads);
    const [row] = rows;
    const following = await this.#reads
      .selectFrom('accounts')
      .select(['next_plan_id', ({ fn }) => fn.countAll<number>().as('accounts')])
      .where('plan_id', '=', planId)
      .where('next_plan_id', 'is not', null)
      .groupBy('next_plan_id')
      .execute();
    const time = (value: number | string | null | undefined) =>
      value === null || value === undefined ? undefined : Number(value);
    return {
      accounts: Number(row?.accounts),
      accountsWithEnd: Number(row?.with_end),
      expirableCredits: Number(row?.expirable),
      allExpirableCredits: Number(row?.all_expirable),
      firstRenewalMs: time(row?.first_renewal),
      lastRenewalMs: time(row?.last_renewal),
      following: new Map(following.map((it) => [it.next_plan_id ?? '', Number(it.accounts)])),
    };
  }

  async #withWindows(rows: readonly Selectable<PlanRow>[]): Promise<StoredPlan[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const budgets = await windowsOf(this.#db, ids);
    return rows.map((row) => ({
      ...toRules(row),
      allowanceCredits: row.allowance,
      calendar: calendarFrom(row.calendar),
      windows: budgets
        .filter(({ scope }) => scope === row.id)
        .map(toWindow)
        .toSorted((a, b) => hoursOf(a) - hoursOf(b)),
      createdAtMs: row.created_at,
      endedAtMs: row.ended_at ?? undefined,
    }));
  }

  /** Carries an operation out once, with its entry in the audit log; what fails changes nothing. */
  async #carryOut(
    { id, claim, entry, atMs, all }: PlanOperation,
    work: (transaction: Kysely<Database>) => Promise<OperationOutcome['outcome']>,
  ): Promise<OperationOutcome> {
    try {
      return await this.#db.transaction().execute(async (transaction) => {
        if (claim) {
          const used = await claimKey(transaction, { ...claim, madeId: id, atMs });
          if (used.bodyHash !== claim.bodyHash) throw new NothingDone('key_reused');
          if (used.madeId !== id) return { outcome: 'done_before', id: used.madeId };
        }
        const outcome = await work(transaction);
        if (outcome !== 'done') throw new NothingDone(outcome);
        await addToAuditLog(transaction, entry);
        if (all) await addPlanChange(transaction, all);
        return { outcome, id };
      });
    } catch (error) {
      if (error instanceof NothingDone) return { outcome: error.outcome, id };
      throw error;
    }
  }
}

/** Rolls the transaction back. */
class NothingDone extends Error {
  readonly outcome: OperationOutcome['outcome'];

  constructor(outcome: OperationOutcome['outcome']) {
    super(outcome);
    this.outcome = outcome;
  }
}

async function endPlan(db: Kysely<Database>, id: string, atMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('plans')
    .set({ ended_at: atMs })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The windows of plans, each time in the same order. */
function windowsOf(db: Kysely<Database>, planIds: readonly string[]) {
  return db
    .selectFrom('budgets')
    .selectAll()
    .where('kind', '=', 'plan')
    .where('scope', 'in', planIds)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
}

async function changeWindows(
  db: Kysely<Database>,
  planId: string,
  wanted: readonly PlanWindow[],
  atMs: number,
): Promise<void> {
  const present = await windowsOf(db, [planId]);
  const kept = new Set<string>();
  const added: PlanWindow[] = [];
  for (const it of wanted) {
    const same = present.find((row) => windowText(toWindow(row)) === windowText(it));
    if (!same || kept.has(same.id)) {
      added.push(it);
      continue;
    }
    kept.add(same.id);
    // Its counters go on: what was spent of the window stays spent.
    await setBudgetLimit(db, same.id, it.limitCredits);
  }
  const ended = present.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
  await endBudgets(db, ended, atMs);
  for (const it of added) await addWindow(db, planId, it, atMs);
}

function windowText({ window }: PlanWindow): string {
  return window.kind === 'hours' ? `${window.hours} hours` : calendarText(window.calendar);
}

async function addWindow(
  db: Kysely<Database>,
  planId: string,
  { limitCredits, window }: PlanWindow,
  atMs: number,
): Promise<void> {
  await addBudget(db, {
    id: crypto.randomUUID(),
    kind: 'plan',
    scope: planId,
    limitCredits,
    window:
      window.kind === 'hours'
        ? window
        : { kind: 'calendar', calendar: calendarText(window.calendar) },
    createdAtMs: atMs,
  });
}

const HOURS = { day: 24, week: 24 * 7, month: 24 * 28, term: Infinity } as const;

/** About how long a window is: the shortest is listed first. */
function hoursOf({ window }: PlanWindow): number {
  return window.kind === 'hours' ? window.hours : HOURS[window.calendar.kind];
}

function columnsOf(plan: PlanChange) {
  return {
    name: plan.name,
    allowance: plan.allowanceCredits,
    models: plan.models ? JSON.stringify(plan.models) : null,
    requests_per_minute: plan.requestsPerMinute ?? null,
    usage_per_minute: plan.usagePerMinute ?? null,
  };
}

function toRules(
  row: Pick<
    Selectable<PlanRow>,
    'id' | 'name' | 'models' | 'requests_per_minute' | 'usage_per_minute'
  >,
): PlanRules {
  return {
    id: row.id,
    name: row.name,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    requestsPerMinute: row.requests_per_minute ?? undefined,
    usagePerMinute: row.usage_per_minute ?? undefined,
  };
}

function toWindow({ credits, hours, calendar }: Selectable<BudgetRow>): PlanWindow {
  return {
    limitCredits: credits ?? 0,
    window:
      calendar === null
        ? { kind: 'hours', hours: hours ?? 1 }
        : { kind: 'calendar', calendar: calendarFrom(calendar) },
  };
}
