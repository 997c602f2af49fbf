import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** What a link is for: to make the first superuser, or to choose a password for a user. */
export type LinkPurpose =
  | { readonly purpose: 'setup' }
  | { readonly purpose: 'password'; readonly userId: number };

/** Links that work once, by the hash of their token. */
export class OneTimeLinkStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Keeps a link; those that were made before for the same end work no more. */
  async replace(tokenHash: string, link: LinkPurpose, expiresAtMs: number): Promise<void> {
    const userId = link.purpose === 'password' ? link.userId : null;
    const { purpose } = link;
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('one_time_links')
        .where('purpose', '=', purpose)
        .where('user_id', userId === null ? 'is' : '=', userId)
        .execute();
      await transaction
        .insertInto('one_time_links')
        .values({ token_hash: tokenHash, purpose, user_id: userId, expires_at: expiresAtMs })
        .execute();
    });
  }

  /** Takes a link out, so that nobody can use it again; undefined if there is none any more. */
  async take(tokenHash: string, atMs: number): Promise<LinkPurpose | undefined> {
    const row = await this.#db
      .deleteFrom('one_time_links')
      .where('token_hash', '=', tokenHash)
      .returningAll()
      .executeTakeFirst();
    if (!row || row.expires_at <= atMs) return undefined;
    return row.user_id === null
      ? { purpose: 'setup' }
      : { purpose: 'password', userId: row.user_id };
  }
}
