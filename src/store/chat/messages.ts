import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Turn } from '../../core/conversation.ts';
import type { AttachedFile } from '../../core/files.ts';
import { PERSONAL } from '../../core/paying-account.ts';
import { creditsOfOutput, priceFromJson } from '../../core/pricing.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { LoopState } from '../../core/tools.ts';
import type { Database } from '../database/schema.ts';
import { filesOfMessages } from './files.ts';
import { callsOf, IS_WHOLE, roundsOf, type StoredCall, type StoredRound } from './tool-rounds.ts';

/** A message of a user and its reply. */
export interface Message {
  readonly id: string;
  readonly conversationId: string | undefined;
  /** The message before it in its conversation. */
  readonly parentId: string | undefined;
  readonly content: string;
  readonly files: readonly AttachedFile[];
  /** null while it is pending and if it failed. */
  readonly reply: string | null;
  /** Whether it is one of a chat, and no request under `/v1/`. */
  readonly isOfChat: boolean;
  /** What the model thought before it; undefined if nothing of that is known. */
  readonly thinking: MessageThinking | undefined;
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  /** Why the reply is missing or incomplete; null if it is neither. */
  readonly failure: ReplyFailure | null;
  /** The model that was asked, or that answered in its place. */
  readonly model: string;
  /** Whether another product answered it, so that it cost nothing here. */
  readonly isImported: boolean;
  /** 0 while nothing was charged. */
  readonly chargedCredits: number;
  /** The account that paid: the group of a pool, or `personal`; undefined if none has. */
  readonly paidBy: { readonly id: string; readonly name: string | undefined } | undefined;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Its rounds, if its model has called tools; then what was charged is that of all of them. */
  readonly tools?: MessageTools | undefined;
}

/** The rounds of a message, and the calls between them. */
export interface MessageTools {
  readonly state: LoopState;
  /** While it waits for its user: until when. */
  readonly approveUntilMs: number | undefined;
  readonly rounds: readonly StoredRound[];
  readonly calls: readonly StoredCall[];
}

/** What a model thought before a reply. Its text is only read where it is needed. */
export interface MessageThinking {
  readonly hasText: boolean;
  /** Undefined where it was not asked for. */
  readonly text?: string | undefined;
  /** From the sending of the message to the first word of the reply; undefined if not known. */
  readonly ms: number | undefined;
  /** What its provider counted; undefined if it did not. */
  readonly tokens: number | undefined;
  /** What of the charge was for it, by the price of output; undefined if not known. */
  readonly credits: number | undefined;
}

/** Some messages of a list. */
export interface MessageSlice {
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** A turn without the content of its files. */
export interface StoredTurn extends Omit<Turn, 'files'> {
  readonly id: string;
  readonly hasFiles: boolean;
}

/** Some turns of a branch, newest first. */
export interface TurnSlice {
  readonly turns: readonly StoredTurn[];
  /** The message that the rest of the branch ends with. */
  readonly nextId: string | undefined;
}

/** A message can have 1 MB and more, so a slice ends where its text exceeds this, in bytes. */
const SLICE_BYTES = 1_000_000;
/** How many messages a model is told of are read at once. */
const SLICE_MESSAGES = 500;

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
    const [message] = row ? await toMessages(this.#db, [row]) : [];
    return message;
  }

  /** What the model thought before the reply to a message of a user; empty if nothing is kept. */
  async thinkingOf(userId: number, id: string): Promise<string> {
    const row = await this.#db
      .selectFrom('messages')
      .select('thinking')
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.thinking ?? '';
  }

  /** Erases the words of a message under `/v1/` to which there is no reply. */
  async eraseUnanswered(userId: number, id: string): Promise<void> {
    await this.#db
      .updateTable('messages')
      .set({ content: '' })
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .where('is_relayed', '=', 1)
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
    const from = sql`messages m WHERE m.conversation_id = ${conversationId} ${before}
      AND ${IS_WHOLE}`;
    return sliceOf(this.#db, { from, limit, direction: 'desc' });
  }

  /** The same, oldest first, from behind one of them on, with what the model thought. */
  all(
    conversationId: string,
    page: { readonly afterId: string | undefined; readonly limit: number },
  ): Promise<MessageSlice> {
    const { afterId = '', limit } = page;
    const from = sql`messages m WHERE m.conversation_id = ${conversationId} AND m.id > ${afterId}
      AND ${IS_WHOLE}`;
    return sliceOf(this.#reads, { from, limit, withThinking: true });
  }

  /**
   * Messages of a user outside of conversations, oldest first, from behind one of them on, with
   * what the model thought.
   */
  outside(
    userId: number,
    page: {
      readonly afterId: string | undefined;
      readonly limit: number;
      readonly isRelayed: boolean;
    },
  ): Promise<MessageSlice> {
    const { afterId = '', limit, isRelayed } = page;
    const from = sql`messages m WHERE m.user_id = ${userId} AND m.is_relayed = ${isRelayed ? 1 : 0}
      AND m.conversation_id IS NULL AND m.erased_at IS NULL AND m.id > ${afterId}`;
    return sliceOf(this.#reads, { from, limit, withThinking: true });
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

  /** Whether a message is the leaf of a branch, or one of its ancestors. */
  async isInBranch(
    messageId: string,
    { conversationId, leafId }: { readonly conversationId: string; readonly leafId: string },
  ): Promise<boolean> {
    // Ids grow along a branch, so that what is before the message is not looked at.
    const { rows } = await sql<{ id: string }>`WITH RECURSIVE branch (id, parent_id) AS (
        SELECT id, parent_id FROM messages WHERE id = ${leafId}
          AND conversation_id = ${conversationId} AND id >= ${messageId}
        UNION ALL
        SELECT b.id, b.parent_id FROM messages b JOIN branch ON b.id = branch.parent_id
        WHERE b.id >= ${messageId}
      ) SELECT id FROM branch WHERE id = ${messageId}`.execute(this.#reads);
    return rows.length > 0;
  }

  /**
   * The last message of a branch before the first that is still being answered, so that nothing up
   * to it changes any more.
   * @returns the leaf itself if none is; undefined if the very first one is
   */
  async lastEnded({
    conversationId,
    leafId,
  }: {
    readonly conversationId: string;
    readonly leafId: string;
  }): Promise<string | undefined> {
    const { rows } = await sql<{ parent_id: string | null }>`WITH RECURSIVE
      branch (id, parent_id, status, depth) AS (
        SELECT id, parent_id, status, 0 FROM messages
        WHERE id = ${leafId} AND conversation_id = ${conversationId}
        UNION ALL
        SELECT b.id, b.parent_id, b.status, branch.depth + 1
        FROM messages b JOIN branch ON b.id = branch.parent_id
      ) SELECT parent_id FROM branch WHERE status = 'pending'
        ORDER BY depth DESC LIMIT 1`.execute(this.#reads);
    const [first] = rows;
    return first ? (first.parent_id ?? undefined) : leafId;
  }

  /**
   * The turns that lead to a message and its own, newest first; messages without a reply are left
   * out. Fewer if they are long.
   */
  turns(leaf: { readonly conversationId: string; readonly leafId: string }): Promise<TurnSlice> {
    return turnsTo(this.#db, leaf);
  }

  /** The same where it goes on with a long conversation. */
  turnsOfLong(leaf: {
    readonly conversationId: string;
    readonly leafId: string;
  }): Promise<TurnSlice> {
    return turnsTo(this.#reads, leaf);
  }
}

interface BranchRow {
  readonly id: string;
  readonly parent_id: string | null;
  /** Whether it no longer fits; then its words were not read. */
  readonly is_beyond: 0 | 1;
  readonly content: string | null;
  readonly reply: string | null;
  readonly has_files: 0 | 1;
}

/** Walks back from a message by its parents, as far as a slice goes, reading at least one. */
async function turnsTo(
  db: Kysely<Database>,
  { conversationId, leafId }: { readonly conversationId: string; readonly leafId: string },
): Promise<TurnSlice> {
  // The lengths are known without reading the texts.
  const bytes = sql`CASE WHEN octet_length(m.reply) > 0
    THEN octet_length(m.content) + octet_length(m.reply) ELSE 0 END`;
  const { rows } = await sql<BranchRow>`WITH RECURSIVE branch (id, parent_id, bytes, depth) AS (
      SELECT m.id, m.parent_id, ${bytes}, 1 FROM messages m
      WHERE m.id = ${leafId} AND m.conversation_id = ${conversationId}
      UNION ALL
      SELECT m.id, m.parent_id, b.bytes + ${bytes}, b.depth + 1
      FROM branch b JOIN messages m ON m.id = b.parent_id
      WHERE b.bytes <= ${SLICE_BYTES} AND b.depth < ${SLICE_MESSAGES}
    ), fitting AS (
      SELECT id, parent_id, depth,
        CASE WHEN depth > 1 AND bytes > ${SLICE_BYTES} THEN 1 ELSE 0 END AS is_beyond
      FROM branch
    )
    SELECT f.id, f.parent_id, f.is_beyond, m.content, m.reply,
      CASE WHEN EXISTS (SELECT 1 FROM message_files WHERE message_id = f.id)
        THEN 1 ELSE 0 END AS has_files
    FROM fitting f LEFT JOIN messages m ON m.id = f.id AND f.is_beyond = 0
    ORDER BY f.depth`.execute(db);
  const turns = rows.flatMap(({ id, content, reply, has_files: hasFiles }) =>
    content !== null && reply ? { id, content, reply, hasFiles: hasFiles === 1 } : [],
  );
  const last = rows.at(-1);
  const next = last?.is_beyond === 1 ? last.id : last?.parent_id;
  return { turns, nextId: next ?? undefined };
}

/** As many messages as fit, and at least one if there is any. */
async function sliceOf(
  db: Kysely<Database>,
  wanted: {
    readonly from: RawBuilder<unknown>;
    readonly limit: number;
    readonly direction?: 'asc' | 'desc';
    readonly withThinking?: boolean;
  },
): Promise<MessageSlice> {
  const { from, limit, direction = 'asc', withThinking = false } = wanted;
  const thinking = withThinking ? sql`+ coalesce(octet_length(m.thinking), 0)` : sql``;
  // The lengths are known without reading the texts.
  const { rows } = await sql<{ id: string; bytes: number }>`SELECT m.id,
      octet_length(m.content) + coalesce(octet_length(m.reply), 0) ${thinking} AS bytes
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
  const thoughts = withThinking ? await thoughtsOf(db, ids) : undefined;
  return { messages: await toMessages(db, found, thoughts), hasMore: rows.length > ids.length };
}

async function thoughtsOf(db: Kysely<Database>, ids: readonly string[]) {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'thinking'])
    .where('id', 'in', ids)
    .where('thinking', 'is not', null)
    .execute();
  return new Map(rows.map(({ id, thinking }) => [id, thinking ?? '']));
}

function withCharges(db: Kysely<Database>) {
  return (
    db
      .selectFrom('messages as m')
      .leftJoin('transfers as t', 't.id', 'm.id')
      .leftJoin('groups as g', (join) =>
        join.onRef('g.pool_id', '=', 't.account_id').on('t.user_id', 'is not', null),
      )
      .leftJoin('tool_loops as l', 'l.message_id', 'm.id')
      .select(['l.state as loop_state', 'l.approve_until'])
      .select(['m.id', 'm.user_id', 'm.conversation_id', 'm.parent_id', 'm.is_relayed', 'm.model'])
      .select(['m.content', 'm.reply', 'm.status', 'm.failure', 'm.created_at', 'm.ended_at'])
      .select(['m.thinking_ms', 'm.thinking_tokens'])
      .select(
        sql<0 | 1 | null>`CASE WHEN m.thinking = '' THEN 0 WHEN m.thinking IS NULL THEN NULL
      ELSE 1 END`.as('has_thinking'),
      )
      // The price is long, and seldom needed.
      .select(
        sql<string | null>`CASE WHEN m.thinking_tokens IS NULL THEN NULL ELSE t.price END`.as(
          'price',
        ),
      )
      .select(['t.credits as credits', 't.model as answering'])
      .select(['g.id as group_id', 'g.name as group_name'])
  );
}

type MessageWithCharge = Awaited<ReturnType<ReturnType<typeof withCharges>['execute']>>[number];

/** The rounds of those that have any are read as well. */
async function toMessages(
  db: Kysely<Database>,
  rows: readonly MessageWithCharge[],
  thoughts?: ReadonlyMap<string, string>,
): Promise<Message[]> {
  const files = await filesOfMessages(
    db,
    rows.map(({ id }) => id),
  );
  const ids = rows.filter((row) => row.loop_state !== null).map(({ id }) => id);
  if (ids.length === 0) return rows.map((row) => toMessage(row, files, thoughts?.get(row.id)));
  const rounds = await roundsOf(db, ids);
  const calls = await callsOf(db, ids);
  return rows.map((row) => {
    const message = toMessage(row, files, thoughts?.get(row.id));
    const { loop_state: state, approve_until: until } = row;
    if (state === null) return message;
    const ofMessage = rounds.get(row.id) ?? [];
    const tools = {
      state,
      approveUntilMs: until ?? undefined,
      rounds: ofMessage,
      calls: calls.get(row.id) ?? [],
    };
    const chargedCredits = ofMessage.reduce((sum, it) => sum + it.chargedCredits, 0);
    if (state === 'ended') return { ...message, tools, chargedCredits };
    const pending = { status: 'pending', reply: null, failure: null } as const;
    return { ...message, ...pending, endedAtMs: undefined, tools, chargedCredits };
  });
}

function toMessage(
  row: MessageWithCharge,
  files: ReadonlyMap<string, readonly AttachedFile[]>,
  thinking?: string,
): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id ?? undefined,
    parentId: row.parent_id ?? undefined,
    content: row.content,
    files: files.get(row.id) ?? [],
    reply: row.reply,
    thinking: thinkingIn(row, thinking),
    isOfChat: row.is_relayed === 0,
    // Readers need not know that another program answered it.
    status: row.status === 'imported' ? 'complete' : row.status,
    failure: row.failure,
    isImported: row.status === 'imported',
    model: row.answering ?? row.model,
    chargedCredits: 0 - (row.credits ?? 0),
    paidBy: row.credits === null ? undefined : payerOf(row),
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at ?? undefined,
  };
}

function thinkingIn(row: MessageWithCharge, text?: string): MessageThinking | undefined {
  const { has_thinking: has, thinking_ms: ms, thinking_tokens: tokens, credits, price } = row;
  if (has === null) return undefined;
  const counted = tokens ?? undefined;
  const cost = counted && price ? creditsOfOutput(priceFromJson(price), counted) : undefined;
  return {
    hasText: has === 1,
    text,
    ms: ms ?? undefined,
    tokens: counted,
    credits: cost === undefined ? undefined : Math.min(cost, 0 - (credits ?? 0)),
  };
}

function payerOf({ group_id: id, group_name: name }: MessageWithCharge): Message['paidBy'] {
  return id === null ? { id: PERSONAL, name: undefined } : { id, name: name ?? undefined };
}
