import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database, UserRow } from '../database/schema.ts';
import { noteDisabling } from '../directory/scim-users.ts';
import { addNotices } from '../notices/notices.ts';
import { endMailedLink } from './emails.ts';

/** A user without the password hash. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly joinedAtMs: number;
  /** Counts changes of the password. */
  readonly passwordVersion: number;
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

  /** A user with the hash, and the version of the password that the hash belongs to. */
  async withPassword(id: number): Promise<UserWithPassword | undefined> {
    const row = await this.#existing().where('id', '=', id).executeTakeFirst();
    return row && { ...toUser(row), passwordHash: row.password_hash };
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
   * Stores a new password and ends what the old one gave; see `changePassword`.
   * @returns false, with nothing changed, if the user is gone or has another password by now
   */
  changePassword(change: PasswordChange, now: () => number): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const isChanged = await changePassword(transaction, change, now);
      // Whoever got hold of a link must not undo it.
      if (isChanged) await endLinks(transaction, change.id);
      return isChanged;
    });
  }

  /**
   * Revokes all tokens of a user, also those issued by other sites with the same secret key.
   * @param now the clock, which is read once nobody else can give the user a token
   */
  async endSessions(id: number, now: () => number, entry: AuditEntry): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await lockUser(transaction, id);
      await endTokens(transaction, id, now());
      await addToAuditLog(transaction, entry);
    });
  }

  #existing() {
    return this.#db.selectFrom('users').selectAll('users').where('users.deleted_at', 'is', null);
  }
}

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 1_000;

/** A new password, and what it rests on. */
export interface PasswordChange {
  readonly id: number;
  readonly passwordHash: string;
  /** The version of the password that the user gave; undefined if none was asked for. */
  readonly fromVersion: number | undefined;
  readonly endsApiKeys: boolean;
  /** The audit event, if it is one. */
  readonly entry: AuditEntry | undefined;
  /** What the user is told of it. */
  readonly notices?: readonly Notice[];
}

/**
 * Stores a new password, in the caller's transaction, and ends all refresh and access tokens. The
 * user's row is locked first: a sign-in or a refresh that is under way either waits and finds the
 * new version, or has stored its token, which is then ended.
 * @param now the clock, which is read once the row is locked
 * @returns false, with nothing changed, if the user is gone or has another password by now
 */
export async function changePassword(
  db: Kysely<Database>,
  { id, passwordHash, fromVersion, endsApiKeys, entry, notices = [] }: PasswordChange,
  now: () => number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set((of) => ({
      password_hash: passwordHash,
      password_version: of('password_version', '+', 1),
    }))
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .$if(fromVersion !== undefined, (query) =>
      query.where('password_version', '=', fromVersion as number),
    )
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  const atMs = now();
  await endTokens(db, id, atMs);
  if (endsApiKeys) {
    await db
      .updateTable('api_keys')
      .set({ ended_at: atMs })
      .where('user_id', '=', id)
      .where('ended_at', 'is', null)
      .execute();
    await db
      .updateTable('admin_keys')
      .set({ ended_at: atMs })
      .where('user_id', '=', id)
      .where('ended_at', 'is', null)
      .execute();
  }
  if (entry) await addToAuditLog(db, entry);
  await addNotices(db, notices);
  return true;
}

/**
 * Ends all tokens of a user whose row is locked, and the links that were mailed, to confirm an
 * address or to choose a password: who had a token may have asked for them. A link to choose a
 * password that staff have made stays.
 */
export async function endTokens(db: Kysely<Database>, userId: number, atMs: number): Promise<void> {
  await db.deleteFrom('email_links').where('user_id', '=', userId).execute();
  await endMailedLink(db, userId);
  await db.updateTable('users').set({ refresh_cutoff_at: atMs }).where('id', '=', userId).execute();
  await endAccess(db, userId, atMs);
  await db
    .updateTable('refresh_tokens')
    .set({ revoked_at: atMs })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Ends all links of a user, of staff too: what users themselves do to be safe. */
export async function endLinks(db: Kysely<Database>, userId: number): Promise<void> {
  for (const table of ['email_links', 'one_time_links'] as const) {
    await db.deleteFrom(table).where('user_id', '=', userId).execute();
  }
}

const SECOND_MS = 1_000;

/**
 * Ends the access tokens of a user whose row is locked. Their times have a resolution of one
 * second, and later ones get the next second if need be, so the cutoff moves by a second at least.
 */
export async function endAccess(db: Kysely<Database>, userId: number, atMs: number): Promise<void> {
  await sql`UPDATE users SET access_cutoff_at =
      CASE WHEN access_cutoff_at + ${SECOND_MS} > ${atMs}
        THEN access_cutoff_at + ${SECOND_MS} ELSE ${atMs} END
    WHERE id = ${userId}`.execute(db);
}

/** Locks the row of a user until the transaction ends, whatever the user may do. */
export async function lockUser(db: Kysely<Database>, id: number): Promise<void> {
  // Changes nothing; a write locks the row on either database.
  await sql`UPDATE users SET is_active = is_active WHERE id = ${id}`.execute(db);
}

/** What a user who may sign in has at the moment, while the row is locked. */
export interface LockedUser {
  readonly accessCutoffAtMs: number;
  readonly refreshCutoffAtMs: number;
}

/**
 * Locks the row of a user until the transaction ends, so that nobody changes, disables or erases
 * the user, or changes the password.
 * @param passwordVersion what the caller's permission rests on; undefined if not on a password
 * @returns undefined if there is no such user, the user is disabled or has another password by now
 */
export async function lockActiveUser(
  db: Kysely<Database>,
  id: number,
  passwordVersion?: number,
): Promise<LockedUser | undefined> {
  // Changes nothing; a write locks the row on either database.
  const row = await db
    .updateTable('users')
    .set({ is_active: 1 })
    .where('id', '=', id)
    .where('is_active', '=', 1)
    .$if(passwordVersion !== undefined, (query) =>
      query.where('password_version', '=', passwordVersion as number),
    )
    .returning(['access_cutoff_at', 'refresh_cutoff_at'])
    .executeTakeFirst();
  return (
    row && { accessCutoffAtMs: row.access_cutoff_at, refreshCutoffAtMs: row.refresh_cutoff_at }
  );
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
  if (after.isActive !== before.isActive) {
    await noteDisabling(db, id, { isActive: after.isActive, entry });
  }
  await addToAuditLog(db, entry);
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
    passwordVersion: row.password_version,
    refreshCutoffAtMs: row.refresh_cutoff_at,
    accessCutoffAtMs: row.access_cutoff_at,
    lastSeenAtMs: row.last_seen_at === 0 ? undefined : row.last_seen_at,
  };
}
