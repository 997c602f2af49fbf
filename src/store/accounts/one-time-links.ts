import { type Kysely, sql } from 'kysely';
import type { Actor, AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';
import { confirmMailed } from './emails.ts';
import { changePassword, lockActiveUser, lockUser, type UserFlags } from './users.ts';

/** A link to choose a password. */
export interface PasswordLink {
  readonly username: string;
  readonly userId: number;
  /** An actor of the audit log; undefined for links of earlier versions. */
  readonly madeBy: string | undefined;
  readonly madeAtMs: number | undefined;
  /** Whether its user was never here before. */
  readonly isFirst: boolean;
}

/** A link that is stored. */
interface NewLink {
  readonly tokenHash: string;
  readonly expiresAtMs: number;
  readonly madeBy: Actor;
  readonly madeAtMs: number;
}

/** Rolls the transaction back. */
class LinkGone extends Error {}

/** Links that work once, by the hash of their token: one for setup, one per user for a password. */
export class OneTimeLinkStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Stores the setup link; the previous one stops working. */
  async replaceSetup(tokenHash: string, expiresAtMs: number): Promise<void> {
    // One statement, so that if two servers start at once the later one wins.
    await sql`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
      VALUES (${tokenHash}, 'setup', NULL, ${expiresAtMs})
      ON CONFLICT (purpose) WHERE purpose = 'setup' DO UPDATE
      SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`.execute(this.#db);
  }

  /**
   * Stores a link to choose a password, with an audit event and notices; the user's previous link
   * stops working.
   * @param user the flags on which permission for the link was decided
   * @returns false, with nothing stored, if the flags have changed or the user was deleted
   */
  replaceForPassword(
    link: NewLink,
    user: UserFlags & { readonly id: number },
    told: { readonly entry: AuditEntry; readonly notices: readonly Notice[] },
  ): Promise<boolean> {
    const { id, isStaff, isSuperuser } = user;
    return this.#db.transaction().execute(async (transaction) => {
      // Changes nothing but locks the row: making the user staff waits for it and ends the link.
      const { numUpdatedRows } = await transaction
        .updateTable('users')
        .set((of) => ({ is_active: of.ref('is_active') }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .where('is_staff', '=', isStaff ? 1 : 0)
        .where('is_superuser', '=', isSuperuser ? 1 : 0)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await replaceLink(transaction, id, link);
      await addToAuditLog(transaction, told.entry);
      await addNotices(transaction, told.notices);
      return true;
    });
  }

  /**
   * Stores a link that users asked for themselves, with the mail that has it. It replaces any
   * earlier one, as they do.
   * @returns false, with nothing stored, if the user is disabled or deleted
   */
  replaceForOwner(link: NewLink, userId: number, notices: readonly Notice[]): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return false;
      await replaceLink(transaction, userId, link);
      await addNotices(transaction, notices);
      return true;
    });
  }

  /** The link to choose a password with this token, if it has not expired. */
  async forPassword(tokenHash: string, atMs: number): Promise<PasswordLink | undefined> {
    const row = await this.#db
      .selectFrom('one_time_links')
      .innerJoin('users', 'users.id', 'one_time_links.user_id')
      .select(['users.id', 'users.username', 'users.last_seen_at', 'made_by', 'made_at'])
      .where('token_hash', '=', tokenHash)
      .where('purpose', '=', 'password')
      .where('expires_at', '>', atMs)
      .executeTakeFirst();
    return (
      row && {
        userId: row.id,
        username: row.username ?? '',
        madeBy: row.made_by ?? undefined,
        madeAtMs: row.made_at ?? undefined,
        isFirst: row.last_seen_at === 0,
      }
    );
  }

  /**
   * Uses up a link and changes the password, with all that this ends: both or neither.
   * @returns false, with nothing changed, if the link is gone or has expired
   */
  async useForPassword(
    tokenHash: string,
    change: {
      readonly userId: number;
      readonly passwordHash: string;
      readonly entry: AuditEntry;
      readonly notices: readonly Notice[];
    },
    now: () => number,
  ): Promise<boolean> {
    const { userId: id, ...of } = change;
    const rest = { ...of, id, fromVersion: undefined, endsApiKeys: true };
    try {
      await this.#db.transaction().execute(async (transaction) => {
        // First the user's row, as everywhere, so that two transactions cannot deadlock.
        await lockUser(transaction, id);
        const link = await transaction
          .deleteFrom('one_time_links')
          .where('token_hash', '=', tokenHash)
          .where('user_id', '=', id)
          .where('expires_at', '>', now())
          .returning('made_by')
          .executeTakeFirst();
        if (!link || !(await changePassword(transaction, rest, now))) throw new LinkGone();
        // One that they asked for was mailed to their address: they read what is sent there.
        if (link.made_by === `user:${id}`) await confirmMailed(transaction, id);
      });
      return true;
    } catch (error) {
      if (error instanceof LinkGone) return false;
      throw error;
    }
  }

  /** Changes the token of the setup link; false if it is not `from` or has expired. */
  async changeSetup(
    { from, to }: { readonly from: string; readonly to: string },
    atMs: number,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('one_time_links')
      .set({ token_hash: to })
      .where('token_hash', '=', from)
      .where('purpose', '=', 'setup')
      .where('expires_at', '>', atMs)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Uses up the setup link and makes a user the first superuser. In one transaction: creating
   * another link meanwhile waits for its end, so that two links never make two superusers.
   * @returns false, with nothing changed, if the link was replaced or there is a superuser
   */
  endSetup(tokenHash: string, userId: number, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('one_time_links')
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      const { numAffectedRows = 0n } = await sql`UPDATE users SET is_staff = 1, is_superuser = 1
        WHERE id = ${userId} AND NOT EXISTS (
          SELECT 1 FROM users
          WHERE is_staff = 1 AND is_superuser = 1 AND is_active = 1 AND deleted_at IS NULL
        )`.execute(transaction);
      if (numAffectedRows === 0n) return false;
      await transaction.deleteFrom('one_time_links').where('user_id', '=', userId).execute();
      await addToAuditLog(transaction, entry);
      return true;
    });
  }
}

async function replaceLink(
  transaction: Kysely<Database>,
  userId: number,
  { tokenHash, expiresAtMs, madeBy, madeAtMs }: NewLink,
): Promise<void> {
  await sql`INSERT INTO one_time_links
      (token_hash, purpose, user_id, expires_at, made_by, made_at)
    VALUES (${tokenHash}, 'password', ${userId}, ${expiresAtMs}, ${madeBy}, ${madeAtMs})
    ON CONFLICT (user_id) DO UPDATE
    SET token_hash = excluded.token_hash, expires_at = excluded.expires_at,
      made_by = excluded.made_by, made_at = excluded.made_at`.execute(transaction);
}
