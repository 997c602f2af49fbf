import type { Kysely } from 'kysely';
import type { Notice } from '../../core/notices.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';

/** Which entry of an LDAP directory signs in to which account. */
export class LdapUserStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The user whom an entry signs in. */
  async userOf(subject: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('ldap_users')
      .select('user_id')
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row?.user_id;
  }

  /** The entry that signs a user in. */
  async subjectOf(userId: number): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('ldap_users')
      .select('subject')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.subject;
  }

  /** When a user was linked to an entry; undefined for others. */
  async linkedAtOf(userId: number): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('ldap_users')
      .select('linked_at')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.linked_at;
  }

  /**
   * @param notices what the user is told of it
   * @returns false, with nothing added, if the user or the entry is linked already
   */
  link(
    userId: number,
    subject: string,
    atMs: number,
    notices: readonly Notice[] = [],
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('ldap_users')
        .values({ user_id: userId, subject, linked_at: atMs })
        .onConflict((at) => at.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return false;
      await addNotices(transaction, notices);
      return true;
    });
  }
}
