import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../core/audit-log.ts';
import { addToAuditLog } from './audit-log.ts';
import type { Database } from './schema.ts';

/** What a link is for: to make the first superuser, or to choose a password for a user. */
export type LinkPurpose =
  | { readonly purpose: 'setup' }
  | { readonly purpose: 'password'; readonly userId: number };

/** Links that work once, by the hash of their token. There is one for each end at most. */
export class OneTimeLinkStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Keeps a link; the one that was made before for the same end works no more. */
  async replace(tokenHash: string, link: LinkPurpose, expiresAtMs: number): Promise<void> {
    const { purpose } = link;
    const isSetup = purpose === 'setup';
    const sameEnd = isSetup ? sql`(purpose) WHERE purpose = 'setup'` : sql`(user_id)`;
    // In one statement, so that of two servers that start at once the later one has the link.
    await sql`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
      VALUES (${tokenHash}, ${purpose}, ${isSetup ? null : link.userId}, ${expiresAtMs})
      ON CONFLICT ${sameEnd} DO UPDATE
      SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`.execute(this.#db);
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
      await addToAuditLog(transaction, entry);
      return true;
    });
  }
}
