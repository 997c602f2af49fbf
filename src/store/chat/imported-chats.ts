import { type Kysely, sql } from 'kysely';
import { lockActiveUser } from '../accounts/users.ts';
import type { Database } from '../database/schema.ts';

/** A message of another product, with the ids that it has here. */
export interface ForeignMessage {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly content: string;
  readonly reply: string;
  readonly model: string;
  readonly createdAtMs: number;
}

/** A chat of another product, or a part of it. */
export interface ForeignChat {
  readonly id: string;
  readonly title: string;
  readonly systemPrompt: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly leafId: string | undefined;
  readonly messages: readonly ForeignMessage[];
}

/** Chats that users bring with them. Nothing is charged for them here. */
export class ForeignChatStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for what can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /** Which of these conversations a user has. */
  async knownAmong(userId: number, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('conversations')
      .select('id')
      .where('user_id', '=', userId)
      .where('id', 'in', ids)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** How many bytes of text of a user were imported and are still there. */
  async bytesOf(userId: number): Promise<number> {
    const { rows } = await sql<{ bytes: number | string | null }>`
      SELECT sum(octet_length(content) + coalesce(octet_length(reply), 0)) AS bytes
      FROM messages WHERE status = 'imported' AND conversation_id IN
        (SELECT id FROM conversations WHERE user_id = ${userId})`.execute(this.#reads);
    return Number(rows[0]?.bytes ?? 0);
  }

  /**
   * Adds what is not there yet, in one transaction; what was deleted meanwhile comes back. A
   * message whose parent is missing begins a branch. Where the user has gone on with a chat, it
   * stays at its place and shows the same branch.
   * @returns how many messages were added; undefined, with nothing added, if the user is disabled
   */
  add(userId: number, chats: readonly ForeignChat[]): Promise<number | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return undefined;
      let added = 0;
      for (const chat of chats) added += await addChat(transaction, userId, chat);
      return added;
    });
  }
}

async function addChat(db: Kysely<Database>, userId: number, chat: ForeignChat): Promise<number> {
  const { id, title, systemPrompt, createdAtMs, updatedAtMs, leafId, messages } = chat;
  await db
    .insertInto('conversations')
    .values({
      id,
      user_id: userId,
      title,
      model: null,
      leaf_id: null,
      share_token: null,
      system_prompt: systemPrompt,
      adopts_orphans: 0,
      created_at: createdAtMs,
      updated_at: updatedAtMs,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const parents = await knownParents(db, chat);
  const rows = messages.map((it) => ({
    id: it.id,
    user_id: userId,
    conversation_id: id,
    parent_id: it.parentId !== undefined && parents.has(it.parentId) ? it.parentId : null,
    model: it.model,
    content: it.content,
    reply: it.reply,
    status: 'imported' as const,
    created_at: it.createdAtMs,
    ended_at: it.createdAtMs,
  }));
  if (rows.length === 0) return 0;
  // Searches find what comes back; what is new is found as any other message.
  await sql`INSERT INTO search_queue (message_id)
    SELECT id FROM messages WHERE id IN (${sql.join(rows.map((it) => it.id))})
      AND erased_at IS NOT NULL AND status = 'imported'
    ON CONFLICT DO NOTHING`.execute(db);
  const result = await db
    .insertInto('messages')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((of) => ({
          conversation_id: of.ref('excluded.conversation_id'),
          parent_id: of.ref('excluded.parent_id'),
          content: of.ref('excluded.content'),
          reply: of.ref('excluded.reply'),
          erased_at: null,
        }))
        .where('messages.erased_at', 'is not', null)
        .where('messages.status', '=', 'imported'),
    )
    .executeTakeFirst();
  const isLeafKnown =
    leafId !== undefined && (parents.has(leafId) || rows.some((it) => it.id === leafId));
  if (isLeafKnown) {
    await db
      .updateTable('conversations')
      .set({ leaf_id: leafId, updated_at: updatedAtMs })
      .where('id', '=', id)
      .where('updated_at', '<=', updatedAtMs)
      .execute();
  }
  return Number(result.numInsertedOrUpdatedRows ?? 0n);
}

/** Of what the messages follow, what is in the chat: before, or among them. */
async function knownParents(db: Kysely<Database>, chat: ForeignChat): Promise<Set<string>> {
  const own = new Set(chat.messages.map(({ id }) => id));
  const wanted = [chat.leafId, ...chat.messages.map(({ parentId }) => parentId)];
  const before = [...new Set(wanted)].filter((it) => it !== undefined && !own.has(it)) as string[];
  if (before.length > 0) {
    const rows = await db
      .selectFrom('messages')
      .select('id')
      .where('conversation_id', '=', chat.id)
      .where('id', 'in', before)
      .execute();
    for (const { id } of rows) own.add(id);
  }
  return own;
}
