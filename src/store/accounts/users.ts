import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database, UserRow } from '../database/schema.ts';

/** A user without the password hash. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly joinedAtMs: number;
  readonly refreshCutoffAtMs: number;
  /** Access tokens issued up to this time are refused. */
  readonly accessCutoffAtMs: number;
  /** When the last request came, to about a minute; undefined if never. */
  readonly lastSeenAtMs: number | undefined;
}

/** A user with the hash, for password checks only. */
export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

/** A user in a list, with the balance. */
export interface ListedUser extends User {
  readonly availableCredits: number;
  readonly heldCredits: number;
}

/** A change of a user's flags: the values it was decided on, the new ones, and the audit event. */
export interface UserChange {
  readonly id: number;
  readonly before: UserFlags;
  readonly after: UserFlags;
  readonly entry: AuditEntry;
}

/** `changed_meanwhile`: the flags are no longer `before`; `last_superuser`: none would be left. */
export type ChangeOutcome = 'changed' | 'changed_meanwhile' | 'last_superuser';

/** The flags that staff can change. */
export interface UserFlags {
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/** Users that were not deleted. The ledger's command `open` creates them. */
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

  /** The users with one of these names or ids, with their balances; in no order. */
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

  /** Whether there is an active superuser. */
  hasSuperuser(): Promise<boolean> {
    return hasSuperuser(this.#db);
  }

  /** Which of these users are disabled. */
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
   * Changes flags of users and writes the audit events: all or nothing. Ends the password links of
   * users who become staff, since others have seen the links, and of users who are disabled.
   * @returns the outcome; nothing was changed unless it is `changed`
   */
  async change(changes: readonly UserChange[]): Promise<ChangeOutcome> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await lockSuperusers(transaction);
        for (const it of changes) await changeOne(transaction, it);
        const isFewer = changes.some(({ before }) => isActiveSuperuser(before));
        if (isFewer && !(await hasSuperuser(transaction))) throw new NotChanged('last_superuser');
      });
      return 'changed';
    } catch (error) {
      if (error instanceof NotChanged) return error.outcome;
      throw error;
    }
  }

  /** Records when users were last seen, by id. */
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

  /** Stores a new hash of the same password; false if the hash has changed meanwhile. */
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
   * Stores a new password and revokes all refresh tokens; with an audit event, which means that
   * somebody else changed it, all access tokens as well.
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
        // `iat` has one-second resolution, and signing in right after this must work.
        .$if(entry !== undefined, (query) => query.set({ access_cutoff_at: secondOf(atMs) - 1 }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .execute();
      await endSessions(transaction, id, atMs);
      if (entry) await addToAuditLog(transaction, entry);
    });
  }

  /** Revokes all tokens of a user, also those issued by other sites with the same secret key. */
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

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 1_000;

async function endSessions(db: Kysely<Database>, userId: number, atMs: number): Promise<void> {
  await db
    .updateTable('refresh_tokens')
    .set({ revoked_at: atMs })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}

/**
 * Locks the row of a user until the transaction ends, so that nobody changes, disables or erases
 * the user.
 * @returns false if there is no such user, or the user is disabled
 */
export async function lockActiveUser(db: Kysely<Database>, id: number): Promise<boolean> {
  // Changes nothing; a write locks the row on either database.
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ is_active: 1 })
    .where('id', '=', id)
    .where('is_active', '=', 1)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Locks the rows of all superusers until the transaction ends. */
async function lockSuperusers(db: Kysely<Database>): Promise<void> {
  await sql`UPDATE users SET is_superuser = 1 WHERE is_staff = 1 AND is_superuser = 1`.execute(db);
}

/** Whether there is an active superuser. */
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

function isActiveSuperuser({ isActive, isStaff, isSuperuser }: UserFlags): boolean {
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

/** Maps a row to a user. */
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
