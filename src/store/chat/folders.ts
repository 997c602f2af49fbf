import { type Kysely, sql } from 'kysely';
import { lockActiveUser } from '../accounts/users.ts';
import type { Database } from '../database/schema.ts';

/** A folder of a user. A conversation is in one or in none. */
export interface Folder {
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  readonly createdAtMs: number;
}

/** Folders, found only with the id of their owner. */
export class FolderStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** @param most how many a user may have @returns what kept it from being added */
  add(folder: Folder, most: number): Promise<'added' | 'user_inactive' | 'too_many'> {
    const { id, userId, name, createdAtMs } = folder;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return 'user_inactive';
      const { count } = await transaction
        .selectFrom('folders')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      if (Number(count) >= most) return 'too_many';
      const row = { id, user_id: userId, name, created_at: createdAtMs };
      await transaction.insertInto('folders').values(row).execute();
      return 'added';
    });
  }

  /** In the order in which they were made. */
  async all(userId: number): Promise<Folder[]> {
    const rows = await this.#db
      .selectFrom('folders')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      userId: row.user_id,
      name: row.name,
      createdAtMs: row.created_at,
    }));
  }

  async find(userId: number, id: string): Promise<Folder | undefined> {
    return (await this.all(userId)).find((folder) => folder.id === id);
  }

  /** @returns false if there is no such folder */
  async rename(userId: number, id: string, name: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('folders')
      .set({ name })
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Takes its conversations out of it and removes it. @returns false if there is none */
  remove(userId: number, id: string): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      // Locks it, so that nothing is put into it meanwhile.
      const locked = await sql`UPDATE folders SET name = name
        WHERE id = ${id} AND user_id = ${userId}`.execute(transaction);
      if (locked.numAffectedRows !== 1n) return false;
      await transaction
        .updateTable('conversations')
        .set({ folder_id: null })
        .where('folder_id', '=', id)
        .execute();
      await transaction.deleteFrom('folders').where('id', '=', id).execute();
      return true;
    });
  }
}
