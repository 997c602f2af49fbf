import { type Kysely, sql } from 'kysely';
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

/** Reads messages; the ledger writes them, together with what they cost, and this erases words. */
export class MessageStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
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

  /** A page of the messages of a conversation, all branches, newest first. */
  async page(
    conversationId: string,
    page: { readonly beforeId: string | undefined; readonly limit: number },
  ): Promise<Message[]> {
    let query = withCharges(this.#db)
      .where('m.conversation_id', '=', conversationId)
      .orderBy('m.id', 'desc')
      .limit(page.limit);
    if (page.beforeId !== undefined) query = query.where('m.id', '<', page.beforeId);
    return (await query.execute()).map(toMessage);
  }

  /** All messages of a conversation, all branches, oldest first. */
  async all(conversationId: string): Promise<Message[]> {
    const found = await withCharges(this.#db)
      .where('m.conversation_id', '=', conversationId)
      .orderBy('m.id')
      .execute();
    return found.map(toMessage);
  }

  /** A message and all its ancestors, oldest first. */
  async branch(conversationId: string, leafId: string): Promise<Message[]> {
    const ids = sql<string>`(WITH RECURSIVE branch (id, parent_id) AS (
        SELECT id, parent_id FROM messages
        WHERE id = ${leafId} AND conversation_id = ${conversationId}
        UNION ALL
        SELECT b.id, b.parent_id FROM messages b JOIN branch ON b.id = branch.parent_id
      ) SELECT id FROM branch)`;
    const found = await withCharges(this.#db).where('m.id', 'in', ids).orderBy('m.id').execute();
    return found.map(toMessage);
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
