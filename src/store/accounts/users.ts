import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database, UserRow } from '../database/schema.ts';
import { lockSuperusers } from './lock-user.ts';

/** A user as the rest of the program knows one. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly joinedAtMs: number;
  readonly refreshCutoffAtMs: number;
  /** Access tokens that were issued by then are refused. */
  readonly accessCutoffAtMs: number;
  /** Within a minute or so; undefined if there never was a request of theirs. */
  readonly lastSeenAtMs: number | undefined;
}

/** A user together with the hash that only a password check may see. */
export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

/** A user in a list, with what the account can spend. */
export interface ListedUser extends User {
  readonly availableCredits: number;
  readonly heldCredits: number;
}

/** What is to change of a user: as it was when that was decided, as it is to be, and its log. */
export interface UserChange {
  readonly id: number;
  readonly before: UserFlags;
  readonly after: UserFlags;
  readonly entry: AuditEntry;
}

/** Somebody else was faster, or nobody would be left who may do everything. */
export type ChangeOutcome = 'changed' | 'changed_meanwhile' | 'last_superuser';

/** What staff can change of a user. */
export interface UserFlags {
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/** Users that were not deleted. Creating one is the ledger's command `open`. */
export class UserStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async byId(id: number): Promise<User | undefined> {
    const row = await this.#existing().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  /** Names are compared exactly: no case folding, no Unicode normalisation. */
  async byUsername(username: string): Promise<UserWithPassword | undefined> {
    const row = await this.#existing().where('username', '=', username).executeTakeFirst();
    return row && { ...toUser(row), passwordHash: row.password_hash };
  }

  /** The users that have one of these names or ids, with what they have; in no order. */
  async among(who: {
    readonly usernames: readonly string[];
    readonly ids: readonly number[];
  }): Promise<ListedUser[]> {
    const found: ListedUser[] = [];
    for (const column of ['username', 'id'] as const) {
      const wanted = column === 'username' ? who.usernames : who.ids;
      for (let from = 0; from < wanted.length; from += CHUNK) {
        const rows = await this.#existing()
          .innerJoin('accounts', 'accounts.id', 'users.id')
          .select(['accounts.posted', 'accounts.held'])
          .where(`users.${column}`, 'in', wanted.slice(from, from + CHUNK) as never)
          .execute();
        found.push(...rows.map(toListedUser));
      }
    }
    return found;
  }

  async passwordHashOf(id: number): Promise<string | undefined> {
    const row = await this.#existing().where('id', '=', id).executeTakeFirst();
    return row?.password_hash;
  }

  /** A page of users in the order of their ids, after the given id. */
  async list(page: { readonly afterId: number; readonly limit: number }): Promise<ListedUser[]> {
    const rows = await this.#existing()
      .innerJoin('accounts', 'accounts.id', 'users.id')
      .select(['accounts.posted', 'accounts.held'])
      .where('users.id', '>', page.afterId)
      .orderBy('users.id')
      .limit(page.limit)
      .execute();
    return rows.map(toListedUser);
  }

  /** Whether there is somebody who may do everything. */
  hasSuperuser(): Promise<boolean> {
    return hasSuperuser(this.#db);
  }

  /** Which of these users are let in no more. */
  async filterDisabled(ids: readonly number[]): Promise<number[]> {
    const rows = await this.#db
      .selectFrom('users')
      .select('id')
      .where('id', 'in', ids)
      .where('is_active', '=', 0)
      .execute();
    return rows.map(({ id }) => id);
  }

  /**
   * Changes what users may do, and logs it: all of it or nothing. Links to choose a password end
   * for who becomes one of the staff, since others have seen them, and for who is shut out.
   * @returns what came of it; anything but `changed` changed nothing
   */
  async change(changes: readonly UserChange[]): Promise<ChangeOutcome> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await lockSuperusers(transaction);
        for (const it of changes) await changeOne(transaction, it);
        const isFewer = changes.some(({ before }) => isAlmighty(before));
        if (isFewer && !(await hasSuperuser(transaction))) throw new NotChanged('last_superuser');
      });
      return 'changed';
    } catch (error) {
      if (error instanceof NotChanged) return error.outcome;
      throw error;
    }
  }

  /** Notes when users were seen last. */
  async noteSeen(seen: ReadonlyMap<number, number>): Promise<void> {
    const all = [...seen];
    for (let from = 0; from < all.length; from += CHUNK) {
      const rows = all
        .slice(from, from + CHUNK)
        .map(([id, atMs]) => sql`(CAST(${id} AS bigint), CAST(${atMs} AS bigint))`);
      await sql`UPDATE users SET last_seen_at = seen.column2
        FROM (SELECT column1, column2 FROM (VALUES ${sql.join(rows)}) AS pairs) AS seen
        WHERE users.id = seen.column1 AND users.last_seen_at < seen.column2
          AND users.deleted_at IS NULL`.execute(this.#db);
    }
  }

  /** Stores another hash of the same password; false if the hash is not the old one any more. */
  async replaceHash(id: number, oldHash: string, newHash: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('users')
      .set({ password_hash: newHash })
      .where('id', '=', id)
      .where('password_hash', '=', oldHash)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Stores a new password and ends every refresh token that was issued before; where somebody else
   * had a hand in it, which is then logged, every access token too.
   */
  async changePassword(
    id: number,
    passwordHash: string,
    atMs: number,
    entry?: AuditEntry,
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ password_hash: passwordHash, refresh_cutoff_at: atMs })
        // Tokens know the second only: who signs in at once shall be let in.
        .$if(entry !== undefined, (query) => query.set({ access_cutoff_at: secondOf(atMs) - 1 }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .execute();
      await endSessions(transaction, id, atMs);
      if (entry) await addToAuditLog(transaction, entry);
    });
  }

  /** Ends every token of a user, also those of other sites with our key. */
  async endSessions(id: number, atMs: number, entry: AuditEntry): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ refresh_cutoff_at: atMs, access_cutoff_at: atMs })
        .where('id', '=', id)
        .execute();
      await endSessions(transaction, id, atMs);
      await addToAuditLog(transaction, entry);
    });
  }

  #existing() {
    return this.#db.selectFrom('users').selectAll('users').where('users.deleted_at', 'is', null);
  }
}

/** SQLite and PostgreSQL take some tens of thousands of parameters. */
const CHUNK = 1_000;

async function endSessions(db: Kysely<Database>, userId: number, atMs: number): Promise<void> {
  await db
    .updateTable('refresh_tokens')
    .set({ revoked_at: atMs })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Whether there is somebody who may do everything. */
export async function hasSuperuser(db: Kysely<Database>): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where('is_staff', '=', 1)
    .where('is_superuser', '=', 1)
    .where('is_active', '=', 1)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Rolls the transaction back. */
class NotChanged extends Error {
  readonly outcome: Exclude<ChangeOutcome, 'changed'>;

  constructor(outcome: Exclude<ChangeOutcome, 'changed'>) {
    super(outcome);
    this.outcome = outcome;
  }
}

function isAlmighty({ isActive, isStaff, isSuperuser }: UserFlags): boolean {
  return isActive && isStaff && isSuperuser;
}

async function changeOne(
  db: Kysely<Database>,
  { id, before, after, entry }: UserChange,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ is_active: flag(after.isActive), is_staff: flag(after.isStaff) })
    .set({ is_superuser: flag(after.isSuperuser) })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where('is_active', '=', flag(before.isActive))
    .where('is_staff', '=', flag(before.isStaff))
    .where('is_superuser', '=', flag(before.isSuperuser))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new NotChanged('changed_meanwhile');
  const isRaised = (after.isStaff && !before.isStaff) || (after.isSuperuser && !before.isSuperuser);
  if (isRaised || !after.isActive) {
    await db.deleteFrom('one_time_links').where('user_id', '=', id).execute();
  }
  await addToAuditLog(db, entry);
}

/** The beginning of the second, in milliseconds. */
function secondOf(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

function flag(is: boolean): 0 | 1 {
  return is ? 1 : 0;
}

function toListedUser(row: Selectable<UserRow> & { posted: number; held: number }): ListedUser {
  const { posted, held } = row;
  return { ...toUser(row), availableCredits: posted - held, heldCredits: held };
}

/** A user, of a row. */
export function toUser(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    username: row.username ?? '',
    isActive: row.is_active === 1,
    isStaff: row.is_staff === 1,
    isSuperuser: row.is_superuser === 1,
    joinedAtMs: row.joined_at,
    refreshCutoffAtMs: row.refresh_cutoff_at,
    accessCutoffAtMs: row.access_cutoff_at,
    lastSeenAtMs: row.last_seen_at === 0 ? undefined : row.last_seen_at,
  };
}
