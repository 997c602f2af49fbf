/** Which addresses were told that another one has taken their place. */
import { openMigrated } from './databases.ts';

/** The address that is told and the one in its place, of each notice to a user, oldest first. */
export async function addressesTold(
  url: string,
  userId: number,
): Promise<[told: string | null, email: string | null][]> {
  const database = await openMigrated(url);
  try {
    const rows = await database.kysely
      .selectFrom('notices')
      .select(['mail_to', 'data'])
      .where('user_id', '=', userId)
      .where('kind', '=', 'email.changed')
      .orderBy('id')
      .execute();
    return rows.map(({ mail_to: told, data }) => [told, JSON.parse(data).email]);
  } finally {
    await database.close();
  }
}
