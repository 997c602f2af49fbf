import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import type { UserFlags } from './users.ts';

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
   * Stores a link to choose a password, with an audit event; the user's previous link stops
   * working.
   * @param user the flags on which permission for the link was decided
   * @returns false, with nothing stored, if the flags have changed or the user was deleted
   */
  replaceForPassword(
    tokenHash: string,
    user: UserFlags & { readonly id: number },
    expiresAtMs: number,
    entry: AuditEntry,
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
      await sql`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
        VALUES (${tokenHash}, 'password', ${id}, ${expiresAtMs})
        ON CONFLICT (user_id) DO UPDATE
        SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`.execute(
        transaction,
      );
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /**
   * Uses up a link to choose a password.
   * @returns the id of its user; undefined if there is no such link or it has expired
   */
  async takeForPassword(tokenHash: string, atMs: number): Promise<number | undefined> {
    const row = await this.#db
      .deleteFrom('one_time_links')
      .where('token_hash', '=', tokenHash)
      .where('purpose', '=', 'password')
      .returningAll()
      .executeTakeFirst();
    return row?.user_id != null && row.expires_at > atMs ? row.user_id : undefined;
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
