/** Changes of all accounts with a plan: how far each is, so that it survives its server. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { Database, PlanChangeRow } from '../database/schema.ts';

/** What is to be changed for all accounts with a plan. */
export interface NewPlanChange {
  /** Of the operation that asked for it. */
  readonly id: string;
  /** The plan whose accounts are changed. */
  readonly planId: string;
  /** What they get; undefined ends the plan. */
  readonly givenPlanId: string | undefined;
  readonly from: 'now' | 'renewal';
  readonly actor: string;
  /** How many accounts had the plan when it was asked for. */
  readonly accounts: number;
  readonly createdAtMs: number;
}

/** A change, and what it has done so far. */
export interface StoredPlanChange extends NewPlanChange {
  /** Accounts are changed in the order of their ids, up to this one. */
  readonly afterId: number;
  readonly changed: number;
  readonly untouched: number;
  readonly expiredCredits: Credits;
  readonly givenCredits: Credits;
  /** The earliest and the latest of the next renewals, in milliseconds since 1970 UTC. */
  readonly firstRenewalMs: number | undefined;
  readonly lastRenewalMs: number | undefined;
  /** When all accounts were changed. */
  readonly endedAtMs: number | undefined;
}

/** How far a change is that has not ended. */
export interface PlanProgress {
  readonly accounts: number;
  readonly done: number;
}

/** A server that has not gone on for so long has stopped. */
const CLAIM_MS = 30_000;

/** Reads changes, and takes down how far they are. */
export class PlanChangeStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async find(id: string): Promise<StoredPlanChange | undefined> {
    const row = await this.#db
      .selectFrom('plan_changes')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toChange(row);
  }

  /** Those that have not ended, the oldest first. */
  async open(): Promise<StoredPlanChange[]> {
    const rows = await this.#db
      .selectFrom('plan_changes')
      .selectAll()
      .where('ended_at', 'is', null)
      .orderBy('id')
      .execute();
    return rows.map(toChange);
  }

  /** How far the changes are that plans are part of, the oldest of each. */
  async progressOf(planIds: readonly string[]): Promise<Map<string, PlanProgress>> {
    const open = planIds.length === 0 ? [] : await this.open();
    const found = new Map<string, PlanProgress>();
    for (const { planId, givenPlanId, accounts, changed, untouched } of open.toReversed()) {
      const progress = { accounts, done: Math.min(changed + untouched, accounts) };
      for (const id of [planId, givenPlanId]) {
        if (id !== undefined && planIds.includes(id)) found.set(id, progress);
      }
    }
    return found;
  }

  /**
   * Takes a change for this server, if no other one is at it and no earlier change of the same plan
   * has to end first.
   */
  async claim(id: string, atMs: number): Promise<boolean> {
    const { numAffectedRows } = await sql`
      UPDATE plan_changes SET claimed_until = ${atMs + CLAIM_MS}
      WHERE id = ${id} AND ended_at IS NULL AND claimed_until <= ${atMs} AND NOT EXISTS (
        SELECT 1 FROM plan_changes e
        WHERE e.plan_id = plan_changes.plan_id AND e.id < plan_changes.id AND e.ended_at IS NULL
      )`.execute(this.#db);
    return numAffectedRows === 1n;
  }

  /**
   * Takes down how far a change is.
   * @returns false if another server has gone on with it in the meantime
   */
  async goneOn(before: StoredPlanChange, after: StoredPlanChange, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('plan_changes')
      .set({
        after_id: after.afterId,
        changed: after.changed,
        untouched: after.untouched,
        expired: after.expiredCredits,
        given: after.givenCredits,
        first_renewal: after.firstRenewalMs ?? null,
        last_renewal: after.lastRenewalMs ?? null,
        ended_at: after.endedAtMs ?? null,
        claimed_until: atMs + CLAIM_MS,
      })
      .where('id', '=', before.id)
      .where('after_id', '=', before.afterId)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Lets another server go on with a change at once. */
  async release(id: string): Promise<void> {
    await this.#db
      .updateTable('plan_changes')
      .set({ claimed_until: 0 })
      .where('id', '=', id)
      .execute();
  }
}

/** Adds a change, in the transaction of the operation that asks for it. */
export async function addPlanChange(db: Kysely<Database>, change: NewPlanChange): Promise<void> {
  await db
    .insertInto('plan_changes')
    .values({
      id: change.id,
      plan_id: change.planId,
      given_plan_id: change.givenPlanId ?? null,
      starts: change.from,
      actor: change.actor,
      accounts: change.accounts,
      after_id: -1,
      changed: 0,
      untouched: 0,
      expired: 0,
      given: 0,
      claimed_until: 0,
      created_at: change.createdAtMs,
    })
    .execute();
}

function toChange(row: Selectable<PlanChangeRow>): StoredPlanChange {
  return {
    id: row.id,
    planId: row.plan_id,
    givenPlanId: row.given_plan_id ?? undefined,
    from: row.starts,
    actor: row.actor,
    accounts: row.accounts,
    createdAtMs: row.created_at,
    afterId: row.after_id,
    changed: row.changed,
    untouched: row.untouched,
    expiredCredits: row.expired,
    givenCredits: row.given,
    firstRenewalMs: row.first_renewal ?? undefined,
    lastRenewalMs: row.last_renewal ?? undefined,
    endedAtMs: row.ended_at ?? undefined,
  };
}
