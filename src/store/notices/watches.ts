import { type Kysely, sql } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { Notice } from '../../core/notices.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from './notices.ts';

/** A user whose balance fell. */
export interface FallenBalance {
  readonly userId: number;
  readonly username: string;
  readonly credits: Credits;
  readonly belowCredits: Credits;
}

/** A group whose shared balance fell. */
export interface FallenPool {
  readonly groupId: string;
  readonly group: string;
  /** Ids of users who can sign in. */
  readonly managers: readonly number[];
  readonly credits: Credits;
  readonly belowCredits: Credits;
  /** The same for as long as it is low. */
  readonly key: string;
}

/** A user whose plan has begun a period. */
export interface RenewedAccount {
  readonly userId: number;
  readonly credits: Credits;
}

/** An account that has used all of its allowance. */
export interface UsedUpAccount {
  readonly accountId: number;
  readonly username: string | undefined;
  readonly groupId: string | undefined;
  readonly planId: string;
  readonly renewsAtMs: number | undefined;
  readonly renewedAtMs: number;
}

/** A user who has signed up. */
export interface NewUser {
  readonly userId: number;
  readonly username: string;
}

/** Bookings of an account that are looked at, newest first. */
const MOST_BOOKINGS = 1_000;
/** What is older than a day when it is found is no news. */
const NEWS_MS = 24 * 3_600_000;

/** How users who did not sign up by themselves are logged. */
const MADE_BY_OTHERS = ['user.create', 'setup.superuser', 'import.django'];

/** Finds what has to be told of in what was booked, each once; the ledger takes no part in it. */
export class WatchStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for what is looked at again and again, so that nothing waits for it */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /**
   * Notes which balances are low and makes notices of those that fell within a day: each account
   * once until it is higher again, whoever looks, and however many servers look at once.
   * @param site how much is low for those who have not chosen themselves
   * @param noticesOf makes the notices of one
   * @returns how many were looked at
   */
  async noteLow(
    site: Credits,
    noticesOf: (fallen: FallenBalance) => readonly Notice[],
    { atMs, limit }: { readonly atMs: number; readonly limit: number },
  ): Promise<number> {
    const { rows } = await sql<{ id: number; below: number }>`
      SELECT a.id, CAST(${site} AS bigint) AS below FROM accounts a
        LEFT JOIN mail_settings s ON s.user_id = a.id AND s.low_below IS NOT NULL
        LEFT JOIN low_balances l ON l.account_id = a.id
      WHERE a.posted < ${site} AND a.kind = 'personal'
        AND s.user_id IS NULL AND l.account_id IS NULL
      UNION ALL
      SELECT a.id, s.low_below AS below FROM mail_settings s
        JOIN accounts a ON a.id = s.user_id
        LEFT JOIN low_balances l ON l.account_id = a.id
      WHERE s.low_below IS NOT NULL AND a.posted < s.low_below AND l.account_id IS NULL
      LIMIT ${limit}`.execute(this.#reads);
    if (rows.length === 0) return 0;
    await this.#db.transaction().execute(async (transaction) => {
      const found = new Map(rows.map(({ id, below }) => [Number(id), Number(below)]));
      // Sorted, so that two servers that find the same cannot deadlock.
      const ids = [...found.keys()].toSorted((a, b) => a - b);
      const noted = await transaction
        .insertInto('low_balances')
        .values(ids.map((id) => ({ account_id: id, since: atMs })))
        .onConflict((at) => at.doNothing())
        .returning('account_id')
        .execute();
      const fallen: FallenBalance[] = [];
      for (const { account_id: id } of noted) {
        const belowCredits = found.get(id) ?? site;
        const it = await fallenIn(transaction, id, { belowCredits, sinceMs: atMs - NEWS_MS });
        if (it) fallen.push(it);
      }
      await addNotices(transaction, fallen.flatMap(noticesOf));
    });
    return rows.length;
  }

  /** Forgets balances that are not low any more, so that they are told of when they fall again. */
  async noteHigher(site: Credits): Promise<void> {
    const { rows } = await this.#higher(this.#reads, site);
    if (rows.length === 0) return;
    await this.#db.transaction().execute(async (transaction) => {
      const { rows: still } = await this.#higher(transaction, site);
      const ids = still.map(({ id }) => Number(id));
      if (ids.length === 0) return;
      await transaction.deleteFrom('low_balances').where('account_id', 'in', ids).execute();
    });
  }

  #higher(db: Kysely<Database>, site: Credits) {
    return sql<{ id: number }>`SELECT l.account_id AS id FROM low_balances l
        JOIN accounts a ON a.id = l.account_id
        LEFT JOIN mail_settings s ON s.user_id = l.account_id
      WHERE a.posted >= coalesce(s.low_below, ${site}) LIMIT ${MOST_BOOKINGS}`.execute(db);
  }

  /**
   * Pools of groups that fell within a day below as much as is low for each of their members, and
   * that were not told of since.
   * @param each how much is low for one
   */
  async lowPools(each: Credits, atMs: number, limit: number): Promise<FallenPool[]> {
    if (each === 0) return [];
    // Only what was booked lately is looked at: a pool that rests stays as it was told of.
    const { rows } = await sql<{ id: string; name: string; pool: number; below: number }>`
      SELECT g.id, g.name, g.pool_id AS pool, m.members * CAST(${each} AS bigint) AS below
      FROM "groups" g
        JOIN accounts a ON a.id = g.pool_id
        JOIN (SELECT group_id, count(*) AS members FROM group_members GROUP BY group_id) m
          ON m.group_id = g.id
        JOIN transfers t ON t.account_id = a.id AND t.number = a.transfer_count
      WHERE g.ended_at IS NULL AND a.posted < m.members * CAST(${each} AS bigint)
        AND t.created_at > ${atMs - NEWS_MS}
      ORDER BY g.id LIMIT ${limit}`.execute(this.#reads);
    const fallen: FallenPool[] = [];
    for (const { id, name, pool, below } of rows) {
      const belowCredits = Number(below);
      const found = await crossing(this.#reads, Number(pool), {
        belowCredits,
        sinceMs: atMs - NEWS_MS,
      });
      if (!found) continue;
      const key = `pool.low:${id}:${found.number}`;
      const { posted: credits } = found;
      const managers = await this.#untoldManagers(id, key);
      if (managers) fallen.push({ groupId: id, group: name, managers, credits, belowCredits, key });
    }
    return fallen;
  }

  /** Who manages a group; undefined if they were told of its pool. */
  async #untoldManagers(groupId: string, key: string): Promise<number[] | undefined> {
    const told = await this.#reads
      .selectFrom('notices')
      .select('id')
      .where('once_key', '=', key)
      .executeTakeFirst();
    if (told) return undefined;
    const rows = await this.#reads
      .selectFrom('group_members as m')
      .innerJoin('users as u', 'u.id', 'm.user_id')
      .select('u.id')
      .where('m.group_id', '=', groupId)
      .where('m.is_manager', '=', 1)
      .where('u.is_active', '=', 1)
      .where('u.deleted_at', 'is', null)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Makes notices of renewals for those who want to be told, each once. @returns how many */
  async noteRenewals(
    noticeOf: (renewed: RenewedAccount) => Notice,
    limit: number,
  ): Promise<number> {
    const due = await this.#reads
      .selectFrom('mail_settings as s')
      .innerJoin('accounts as a', 'a.id', 's.user_id')
      .select(['a.id', 'a.posted', 'a.renewed_at'])
      .where('s.tells_renewal', '=', 1)
      .where('a.plan_id', 'is not', null)
      .whereRef('a.renewed_at', '>', 's.renewal_told_at')
      .orderBy('a.id')
      .limit(limit)
      .execute();
    if (due.length === 0) return 0;
    return this.#db.transaction().execute(async (transaction) => {
      const notices: Notice[] = [];
      for (const { id, posted, renewed_at: renewedAt } of due) {
        const { numUpdatedRows } = await transaction
          .updateTable('mail_settings')
          .set({ renewal_told_at: renewedAt })
          .where('user_id', '=', id)
          .where('tells_renewal', '=', 1)
          .where('renewal_told_at', '<', renewedAt)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) notices.push(noticeOf({ userId: id, credits: posted }));
      }
      await addNotices(transaction, notices);
      return notices.length;
    });
  }

  /** Accounts that have used up an allowance within a day, and were not told of in its period. */
  async usedUp(atMs: number, limit: number): Promise<UsedUpAccount[]> {
    const rows = await this.#reads
      .selectFrom('accounts as a')
      .innerJoin('plans as p', 'p.id', 'a.plan_id')
      .innerJoin('transfers as t', (join) =>
        join.onRef('t.account_id', '=', 'a.id').onRef('t.number', '=', 'a.transfer_count'),
      )
      .leftJoin('users as u', 'u.id', 'a.id')
      .leftJoin('groups as g', 'g.pool_id', 'a.id')
      .select(['a.id', 'a.plan_id', 'a.renews_at', 'a.renewed_at', 'u.username'])
      .select('g.id as group_id')
      .where('a.expiring', '=', 0)
      .where('p.allowance', '>', 0)
      .where('t.kind', '=', 'charge')
      .where('t.created_at', '>', atMs - NEWS_MS)
      .where(
        sql<boolean>`NOT EXISTS (SELECT 1 FROM notices n
          WHERE n.once_key = 'allowance.used_up:' || a.id || ':' || a.renewed_at)`,
      )
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      accountId: row.id,
      username: row.username ?? undefined,
      groupId: row.group_id ?? undefined,
      planId: row.plan_id ?? '',
      renewsAtMs: row.renews_at ?? undefined,
      renewedAtMs: row.renewed_at,
    }));
  }

  /** Users from an id on who have signed up by themselves and were not told of. */
  async signedUp(fromId: number, limit: number): Promise<NewUser[]> {
    const rows = await this.#reads
      .selectFrom('users as u')
      .select(['u.id', 'u.username'])
      .where('u.id', '>=', fromId)
      .where('u.deleted_at', 'is', null)
      .where(
        sql<boolean>`NOT EXISTS (SELECT 1 FROM audit_log l WHERE l.target = 'user:' || u.id
          AND l.action IN (${sql.join(MADE_BY_OTHERS)}))`,
      )
      .where(
        sql<boolean>`NOT EXISTS (SELECT 1 FROM notices n
          WHERE n.once_key = 'user.signed_up:' || u.id)`,
      )
      .orderBy('u.id')
      .limit(limit)
      .execute();
    return rows.map(({ id, username }) => ({ userId: id, username: username ?? '' }));
  }

  /**
   * Notes that a state lasts, and makes a notice if it has just begun: one, of however many servers
   * see it.
   */
  async raise(key: string, notice: Notice, atMs: number): Promise<void> {
    const seen = await this.#db
      .updateTable('alerts')
      .set({ seen_at: atMs })
      .where('key', '=', key)
      .executeTakeFirst();
    if (seen.numUpdatedRows > 0n) return;
    await this.#db.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('alerts')
        .values({ key, since: atMs, seen_at: atMs })
        .onConflict((at) => at.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 0n) await addNotices(transaction, [notice]);
    });
  }

  /** Forgets states that nobody has seen since: they are told of when they begin again. */
  async endAlerts(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('alerts').where('seen_at', '<', beforeMs).execute();
  }
}

/** The balance of a user, if it fell below a number lately; undefined if it has been for long. */
async function fallenIn(
  db: Kysely<Database>,
  userId: number,
  how: { readonly belowCredits: Credits; readonly sinceMs: number },
): Promise<FallenBalance | undefined> {
  const found = await crossing(db, userId, how);
  if (!found) return undefined;
  const user = await db
    .selectFrom('users')
    .select('username')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (user?.username == null) return undefined;
  const { belowCredits } = how;
  return { userId, username: user.username, credits: found.posted, belowCredits };
}

/** The booking with which an account that is low fell below a number, if it was lately. */
function crossing(
  db: Kysely<Database>,
  accountId: number,
  { belowCredits, sinceMs }: { readonly belowCredits: Credits; readonly sinceMs: number },
): Promise<{ readonly number: number; readonly posted: Credits } | undefined> {
  return db
    .selectFrom('accounts as a')
    .innerJoin('transfers as t', (join) =>
      join
        .onRef('t.account_id', '=', 'a.id')
        .on((on) => on('t.number', '>', sql<number>`a.transfer_count - ${MOST_BOOKINGS}`)),
    )
    .select(['a.posted', 't.number'])
    .where('a.id', '=', accountId)
    .where('a.posted', '<', belowCredits)
    .where('t.created_at', '>', sinceMs)
    .where('t.balance_after', '<', belowCredits)
    .where(sql<boolean>`t.balance_after - t.credits >= ${belowCredits}`)
    .orderBy('t.number', 'desc')
    .limit(1)
    .executeTakeFirst();
}
