import { type Kysely, sql } from 'kysely';
import { isPlain, type PayingAccount } from '../../core/paying-account.ts';
import type { Database } from '../database/schema.ts';
import { toUser, type User } from './users.ts';

/** A user whose request is admitted, with the accounts that may pay for it. */
export interface Requester extends User {
  /**
   * In the order in which they pay. Undefined if only the personal account may, for every model,
   * as for all who are in no group.
   */
  readonly payers: readonly PayingAccount[] | undefined;
}

/**
 * Reads users for authentication. Whoever caches them may be a little behind: a hold checks again
 * that the user is in the group and the pool is the group's, so that a stale list can only refuse,
 * or leave a pool out.
 */
export class RequesterStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * A user who was not deleted. One query for a user who is in no group.
   * @param atMs the time, by which a plan may have ended
   */
  async byId(id: number, atMs: number): Promise<Requester | undefined> {
    const row = await this.#db
      .selectFrom('users')
      .selectAll('users')
      .select(MAY_HAVE_PAYERS.as('may_have_payers'))
      .where('users.id', '=', id)
      .where('users.deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row) return undefined;
    const payers = row.may_have_payers === 1 ? await this.payersOf(id, atMs) : undefined;
    return { ...toUser(row), payers };
  }

  /** The accounts that may pay for a user, as `Requester` has them. */
  async payersOf(id: number, atMs: number): Promise<readonly PayingAccount[] | undefined> {
    const plan = sql`LEFT JOIN plans p ON p.id =
      CASE WHEN a.plan_ends_at <= ${atMs} THEN a.next_plan_id ELSE a.plan_id END`;
    const { rows } = await sql<PayerRow>`
      SELECT a.id AS account_id, g.id AS group_id, g.name AS group_name,
        g.models AS group_models, p.models AS plan_models, 0 AS is_personal, m.joined_at
      FROM group_members m
      JOIN groups g ON g.id = m.group_id AND g.ended_at IS NULL
      JOIN accounts a ON a.id = g.pool_id
      ${plan}
      WHERE m.user_id = ${id}
      UNION ALL
      SELECT a.id, NULL, NULL, NULL, p.models, 1, 0 FROM accounts a ${plan} WHERE a.id = ${id}
      ORDER BY is_personal, joined_at, group_id`.execute(this.#db);
    const payers = rows.map(toPayer);
    return payers.every(isPlain) ? undefined : payers;
  }
}

/** Whether more has to be read than the user. */
const MAY_HAVE_PAYERS = sql<0 | 1>`CASE WHEN EXISTS (
    SELECT 1 FROM group_members WHERE user_id = users.id
  ) OR EXISTS (
    SELECT 1 FROM accounts a JOIN plans p ON p.id IN (a.plan_id, a.next_plan_id)
    WHERE a.id = users.id AND p.models IS NOT NULL
  ) THEN 1 ELSE 0 END`;

interface PayerRow {
  readonly account_id: number;
  readonly group_id: string | null;
  readonly group_name: string | null;
  readonly group_models: string | null;
  readonly plan_models: string | null;
}

function toPayer(row: PayerRow): PayingAccount {
  const lists = [row.group_models, row.plan_models].filter((it) => it !== null);
  return {
    accountId: row.account_id,
    groupId: row.group_id ?? undefined,
    groupName: row.group_name ?? undefined,
    modelLists: lists.map((it) => JSON.parse(it) as string[]),
  };
}
