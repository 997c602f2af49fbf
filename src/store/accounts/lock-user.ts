import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/**
 * Lets nobody change, disable or erase a user until the transaction ends.
 * @returns false if there is no such user, or one who is let in no more
 */
export async function lockActiveUser(db: Kysely<Database>, id: number): Promise<boolean> {
  // Changes nothing: the row is held by whoever writes it, on either database.
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ is_active: 1 })
    .where('id', '=', id)
    .where('is_active', '=', 1)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Lets nobody change who may do everything until the transaction ends. */
export async function lockSuperusers(db: Kysely<Database>): Promise<void> {
  await sql`UPDATE users SET is_superuser = 1 WHERE is_staff = 1 AND is_superuser = 1`.execute(db);
}
