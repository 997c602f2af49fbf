import { type Kysely, type RawBuilder, sql } from 'kysely';
import { releaseFiles } from '../chat/files.ts';
import type { Database } from '../database/schema.ts';

/** Users whose data is looked at together. */
export interface UserRange {
  readonly afterId: number;
  readonly lastId: number;
}

const USERS_AT_ONCE = 200;
/** Few enough that nobody waits for a transaction on SQLite, where texts are overwritten. */
const MESSAGES_AT_ONCE = 20;
const BYTES_AT_ONCE = 1_000_000;
const CONVERSATIONS_AT_ONCE = 50;
const ROWS_AT_ONCE = 200;

const ERASED = (atMs: number) => sql`content = '',
  reply = CASE WHEN reply IS NULL THEN NULL ELSE '' END, erased_at = ${atMs}`;

/** Finds what is older than it may be, and deletes it in small steps; never bookings. */
export class RetentionStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for finding, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /** The next users in the order of their ids; undefined after the last. */
  async usersAfter(afterId: number): Promise<UserRange | undefined> {
    const rows = await this.#db
      .selectFrom('users')
      .select('id')
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(USERS_AT_ONCE)
      .execute();
    const last = rows.at(-1);
    return last && { afterId, lastId: last.id };
  }

  /** Conversations that nobody has written to since; not all, if there are many. */
  async idleConversations(range: UserRange, beforeMs: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`SELECT id FROM conversations
      WHERE user_id IN (${usersIn(range)}) AND updated_at < ${beforeMs}
      LIMIT ${sql.lit(CONVERSATIONS_AT_ONCE)}`.execute(this.#reads);
    return rows.map(({ id }) => id);
  }

  /**
   * Erases the words of some messages of a conversation, or deletes it once there are none, unless
   * somebody has written to it meanwhile or a reply is being generated.
   * @returns `more` if there are more messages
   */
  eraseFrom(id: string, beforeMs: number, atMs: number): Promise<'more' | 'gone' | 'in_use'> {
    return this.#db.transaction().execute(async (transaction) => {
      // Locks it before its messages, as deleting a conversation does.
      const locked = await sql`UPDATE conversations SET share_token = NULL
        WHERE id = ${id} AND updated_at < ${beforeMs} AND NOT EXISTS (SELECT 1 FROM messages
          WHERE conversation_id = ${id} AND status = 'pending')`.execute(transaction);
      if (locked.numAffectedRows !== 1n) return 'in_use';
      const messages = some(sql`conversation_id = ${id}`);
      await releaseFiles(transaction, messages, atMs);
      await transaction.deleteFrom('shares').where('conversation_id', '=', id).execute();
      const { numAffectedRows } = await sql`UPDATE messages
        SET ${ERASED(atMs)}, conversation_id = NULL, parent_id = NULL
        WHERE id IN (${messages})`.execute(transaction);
      if (numAffectedRows !== 0n) return 'more';
      await transaction.deleteFrom('conversations').where('id', '=', id).execute();
      return 'gone';
    });
  }

  /**
   * Messages outside of conversations, such as those under `/v1/`; not all, if there are many.
   * @param beforeId a UUID version 7 of the oldest moment that is kept
   */
  async oldMessages(range: UserRange, beforeId: string): Promise<string[]> {
    const old = sql`user_id IN (${usersIn(range)}) AND is_relayed IN (0, 1)
      AND conversation_id IS NULL AND erased_at IS NULL AND id < ${beforeId}`;
    const { rows } = await sql<{ id: string }>`${some(old)}`.execute(this.#reads);
    return rows.map(({ id }) => id);
  }

  /** Erases their words. @returns how many there were */
  async eraseMessages(ids: readonly string[], atMs: number): Promise<number> {
    const { numAffectedRows } = await sql`UPDATE messages SET ${ERASED(atMs)}
      WHERE id IN (${sql.join(ids)}) AND conversation_id IS NULL AND erased_at IS NULL
        AND status <> 'pending'`.execute(this.#db);
    return Number(numAffectedRows);
  }

  /**
   * Deletes some entries of the audit log. @returns how many; none once there are no more
   * @param beforeId a UUID version 7 of the same moment
   */
  async deleteAuditLog(beforeMs: number, beforeId: string): Promise<number> {
    return this.#db.transaction().execute(async (transaction) => {
      // The database refuses to delete what is younger than this.
      await sql`INSERT INTO retention (id, audit_log_before) VALUES (1, ${beforeMs})
        ON CONFLICT (id) DO UPDATE SET audit_log_before = excluded.audit_log_before`.execute(
        transaction,
      );
      const { numAffectedRows } = await sql`DELETE FROM audit_log WHERE id IN (
        SELECT id FROM audit_log WHERE id < ${beforeId} AND at < ${beforeMs}
        ORDER BY id LIMIT ${sql.lit(ROWS_AT_ONCE)})`.execute(transaction);
      return Number(numAffectedRows);
    });
  }

  /**
   * Deletes some sums of usage by hour and by day; those by month stay.
   * @param before a day, such as `2026-11-23`
   * @returns how many; none once there are no more
   */
  async deleteUsage(before: string): Promise<number> {
    const old = sql`period < ${before} AND length(period) >= 10`;
    const users = await sql`DELETE FROM usage_users WHERE (user_id, period) IN (
      SELECT user_id, period FROM usage_users WHERE ${old}
      LIMIT ${sql.lit(ROWS_AT_ONCE)})`.execute(this.#db);
    const models = await sql`DELETE FROM usage_models WHERE (granularity, period, model) IN (
      SELECT granularity, period, model FROM usage_models
      WHERE granularity IN ('hour', 'day') AND period < ${before}
      LIMIT ${sql.lit(ROWS_AT_ONCE)})`.execute(this.#db);
    return Number((users.numAffectedRows ?? 0n) + (models.numAffectedRows ?? 0n));
  }
}

/** Some messages, whose text together is not very long; at least one, if there is any. */
function some(where: RawBuilder<unknown>): RawBuilder<unknown> {
  // The lengths are known without reading the texts.
  return sql`SELECT id FROM (
      SELECT id, bytes, sum(bytes) OVER (ORDER BY id) AS bytes_until FROM (
        SELECT id, octet_length(content) + coalesce(octet_length(reply), 0) AS bytes
        FROM messages WHERE ${where} LIMIT ${sql.lit(MESSAGES_AT_ONCE)}
      ) AS next_messages
    ) AS measured WHERE bytes_until - bytes < ${sql.lit(BYTES_AT_ONCE)}`;
}

function usersIn({ afterId, lastId }: UserRange) {
  return sql`SELECT id FROM users WHERE id > ${afterId} AND id <= ${lastId}`;
}
