import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Turn } from '../../core/conversation.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Database } from '../database/schema.ts';

/** A message of a user and its reply. */
export interface Message {
  readonly id: string;
  readonly conversationId: string | undefined;
  /** The message before it in its conversation. */
  readonly parentId: string | undefined;
  readonly content: string;
  /** null while it is pending and if it failed. */
  readonly reply: string | null;
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  /** Why the reply is missing or incomplete; null if it is neither. */
  readonly failure: ReplyFailure | null;
  /** The model that was asked, or that answered in its place. */
  readonly model: string;
  /** 0 while nothing was charged. */
  readonly chargedCredits: number;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** Some messages of a list. */
export interface MessageSlice {
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** A message can have 1 MB and more, so a slice ends where its text exceeds this, in bytes. */
const SLICE_BYTES = 1_000_000;

/** Reads messages; the ledger writes them, together with what they cost, and this erases words. */
export class MessageStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for long lists */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /** A message of a user. */
  async find(userId: number, id: string): Promise<Message | undefined> {
    const row = await withCharges(this.#db)
      .where('m.user_id', '=', userId)
      .where('m.id', '=', id)
      .executeTakeFirst();
    return row && toMessage(row);
  }

  /** Erases the words of a message to which there is no reply. */
  async eraseUnanswered(userId: number, id: string): Promise<void> {
    await this.#db
      .updateTable('messages')
      .set({ content: '' })
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .where('status', '=', 'failed')
      .execute();
  }

  /** Messages of a conversation, all branches, newest first; fewer if they are long. */
  page(
    conversationId: string,
    page: { readonly beforeId: string | undefined; readonly limit: number },
  ): Promise<MessageSlice> {
    const { beforeId, limit } = page;
    const before = beforeId === undefined ? sql`` : sql`AND m.id < ${beforeId}`;
    const from = sql`messages m WHERE m.conversation_id = ${conversationId} ${before}`;
    return sliceOf(this.#db, { from, limit, direction: 'desc' });
  }

  /** Messages of a conversation, all branches, oldest first, from behind one of them on. */
  all(
    conversationId: string,
    page: { readonly afterId: string | undefined; readonly limit: number },
  ): Promise<MessageSlice> {
    const { afterId = '', limit } = page;
    const from = sql`messages m WHERE m.conversation_id = ${conversationId} AND m.id > ${afterId}`;
    return sliceOf(this.#reads, { from, limit, direction: 'asc' });
  }

  /** A message and its ancestors, oldest first, from behind one of them on. */
  branch(
    leaf: { readonly conversationId: string; readonly leafId: string },
    page: { readonly afterId: string | undefined; readonly limit: number },
  ): Promise<MessageSlice> {
    const { conversationId, leafId } = leaf;
    const { afterId = '', limit } = page;
    const ids = sql`(WITH RECURSIVE branch (id, parent_id) AS (
        SELECT id, parent_id FROM messages
        WHERE id = ${leafId} AND conversation_id = ${conversationId}
        UNION ALL
        SELECT b.id, b.parent_id FROM messages b JOIN branch ON b.id = branch.parent_id
        WHERE b.id > ${afterId}
      ) SELECT id FROM branch WHERE id > ${afterId})`;
    return sliceOf(this.#reads, { from: sql`messages m WHERE m.id IN ${ids}`, limit });
  }

  /** The turns of a branch, oldest first; messages without a reply are left out. */
  async turns(conversationId: string, leafId: string): Promise<Turn[]> {
    const { rows } = await sql<Turn & { depth: number }>`WITH RECURSIVE
      branch (id, parent_id, content, reply, depth) AS (
        SELECT id, parent_id, content, reply, 0 FROM messages
        WHERE id = ${leafId} AND conversation_id = ${conversationId}
        UNION ALL
        SELECT m.id, m.parent_id, m.content, m.reply, b.depth + 1
        FROM messages m JOIN branch b ON m.id = b.parent_id
      ) SELECT content, reply FROM branch WHERE reply <> '' ORDER BY depth DESC`.execute(this.#db);
    return rows.map(({ content, reply }) => ({ content, reply }));
  }
}

/** As many messages as fit, and at least one if there is any. */
async function sliceOf(
  db: Kysely<Database>,
  wanted: {
    readonly from: RawBuilder<unknown>;
    readonly limit: number;
    readonly direction?: 'asc' | 'desc';
  },
): Promise<MessageSlice> {
  const { from, limit, direction = 'asc' } = wanted;
  // The lengths are known without reading the texts.
  const { rows } = await sql<{ id: string; bytes: number }>`SELECT m.id,
      octet_length(m.content) + coalesce(octet_length(m.reply), 0) AS bytes
    FROM ${from} ORDER BY m.id ${sql.raw(direction)} LIMIT ${limit + 1}`.execute(db);
  const ids: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.bytes;
    if (ids.length > 0 && (ids.length === limit || bytes > SLICE_BYTES)) break;
    ids.push(row.id);
  }
  if (ids.length === 0) return { messages: [], hasMore: false };
  const found = await withCharges(db).where('m.id', 'in', ids).orderBy('m.id', direction).execute();
  return { messages: found.map(toMessage), hasMore: rows.length > ids.length };
}

function withCharges(db: Kysely<Database>) {
  return db
    .selectFrom('messages as m')
    .leftJoin('transfers as t', 't.id', 'm.id')
    .selectAll('m')
    .select(['t.credits as credits', 't.model as answering']);
}

type MessageWithCharge = Awaited<ReturnType<ReturnType<typeof withCharges>['execute']>>[number];

function toMessage(row: MessageWithCharge): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id ?? undefined,
    parentId: row.parent_id ?? undefined,
    content: row.content,
    reply: row.reply,
    // Readers need not know that another program answered it.
    status: row.status === 'imported' ? 'complete' : row.status,
    failure: row.failure,
    model: row.answering ?? row.model,
    chargedCredits: 0 - (row.credits ?? 0),
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at ?? undefined,
  };
}
