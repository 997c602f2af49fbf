import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import type { UserFlags } from './users.ts';

/** Links that work once, by the hash of their token. There is one for each end at most. */
export class OneTimeLinkStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Keeps the link to set up; the one that was made before works no more. */
  async replaceSetup(tokenHash: string, expiresAtMs: number): Promise<void> {
    // In one statement, so that of two servers that start at once the later one has the link.
    await sql`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
      VALUES (${tokenHash}, 'setup', NULL, ${expiresAtMs})
      ON CONFLICT (purpose) WHERE purpose = 'setup' DO UPDATE
      SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`.execute(this.#db);
  }

  /**
   * Keeps a link to choose a password, and logs it; the user's earlier one works no more.
   * @param user as it was when it was decided that there may be a link
   * @returns false, with nothing kept, if the user is another meanwhile or gone
   */
  replaceForPassword(
    tokenHash: string,
    user: UserFlags & { readonly id: number },
    expiresAtMs: number,
    entry: AuditEntry,
  ): Promise<boolean> {
    const { id, isStaff, isSuperuser } = user;
    return this.#db.transaction().execute(async (transaction) => {
      // Changes nothing; whoever makes the user staff waits for it and ends the link then.
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
   * Takes a link to choose a password out, so that nobody can use it again.
   * @returns whose it is; undefined if there is no such link any more
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

  /** Gives the link to set up another token; false if it has not the one that is said. */
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
   * Takes the link to set up out and makes a user the first superuser. As one transaction: whoever
   * makes another link meanwhile waits until it is over, so that two links never make two.
   * @returns whether it was done; it is not if the link was replaced, or there is a superuser
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
