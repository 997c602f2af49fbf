import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import { eraseFiles } from '../chat/files.ts';
import type { Database } from '../database/schema.ts';

/**
 * Erases all personal data of a user: name, password, messages, titles, keys and links. The
 * transfers stay, without a name.
 * @returns `busy`, with nothing changed, if a reply is being generated for the user or the user is
 *   not disabled
 */
export function eraseUser(
  db: Kysely<Database>,
  id: number,
  entry: AuditEntry,
): Promise<'erased' | 'busy'> {
  const { atMs } = entry;
  return db.transaction().execute(async (transaction) => {
    // The ledger locks the account while it opens a hold. Holds that it has opened are seen below,
    // and later ones are refused, since the user is disabled.
    await transaction
      .updateTable('accounts')
      .set((of) => ({ held: of.ref('held') }))
      .where('id', '=', id)
      .execute();
    const open = await transaction
      .selectFrom('holds')
      .select('id')
      .where('user_id', '=', id)
      .where('state', '=', 'open')
      .limit(1)
      .executeTakeFirst();
    if (open) return 'busy';
    const user = await transaction
      .selectFrom('users')
      .select('username')
      .where('id', '=', id)
      .executeTakeFirst();
    const { numUpdatedRows } = await transaction
      .updateTable('users')
      .set({ username: null, password_hash: '', is_staff: 0, is_superuser: 0 })
      .set({ deleted_at: atMs, last_seen_at: 0 })
      .where('id', '=', id)
      .where('is_active', '=', 0)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return 'busy';
    if (user?.username != null) {
      const { username } = user;
      await transaction.deleteFrom('username_keys').where('username', '=', username).execute();
    }
    // Locks the conversations before their messages, as deleting a conversation does.
    await sql`UPDATE conversations SET title = title WHERE user_id = ${id}`.execute(transaction);
    await sql`DELETE FROM idempotent_responses WHERE id IN (SELECT id FROM messages
      WHERE user_id = ${id} AND is_relayed = 1 AND conversation_id IS NULL
        AND erased_at IS NULL)`.execute(transaction);
    await eraseFiles(transaction, id, atMs);
    const erased = sql`content = '', reply = CASE WHEN reply IS NULL THEN NULL ELSE '' END,
      failure = NULL, conversation_id = NULL, parent_id = NULL, erased_at = ${atMs}`;
    await sql`UPDATE messages SET ${erased} WHERE conversation_id IN
      (SELECT id FROM conversations WHERE user_id = ${id})`.execute(transaction);
    await sql`UPDATE messages SET ${erased}
      WHERE user_id = ${id} AND is_relayed IN (0, 1) AND conversation_id IS NULL
        AND erased_at IS NULL`.execute(transaction);
    // What is shared goes with its conversation.
    await transaction.deleteFrom('conversations').where('user_id', '=', id).execute();
    await transaction.deleteFrom('folders').where('user_id', '=', id).execute();
    await transaction.deleteFrom('group_members').where('user_id', '=', id).execute();
    await transaction.deleteFrom('refresh_tokens').where('user_id', '=', id).execute();
    await transaction.deleteFrom('user_emails').where('user_id', '=', id).execute();
    await transaction.deleteFrom('one_time_links').where('user_id', '=', id).execute();
    // Charges still refer to the key, so its row stays, without personal data.
    await sql`UPDATE api_keys SET name = '', prefix = '', secret_hash = 'erased ' || id,
      models = NULL, ended_at = coalesce(ended_at, ${atMs}) WHERE user_id = ${id}`.execute(
      transaction,
    );
    // Keys for the routes of staff are erased by the database, with `deleted_at`.
    await addToAuditLog(transaction, entry);
    return 'erased';
  });
}
