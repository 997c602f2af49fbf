import { type Kysely, type Selectable, sql } from 'kysely';
import { EFFORTS, type Effort, type ModelOptions } from '../../core/model-options.ts';
import { lockActiveUser } from '../accounts/users.ts';
import { longerIfNeeded } from '../database/longer-if-needed.ts';
import type { Database } from '../database/schema.ts';
import type { ConversationRow } from '../database/schema-chat.ts';
import { beginWithFiles } from './assistant-files.ts';
import { releaseFiles } from './files.ts';

/** A conversation of one user. Its messages form a tree. */
export interface Conversation {
  readonly id: string;
  readonly userId: number;
  /** Empty until the first message. */
  readonly title: string;
  /** The model for messages that name none; undefined for the default model. */
  readonly model: string | undefined;
  readonly systemPrompt: string;
  /** How its model works. */
  readonly options: ModelOptions;
  /** The message at the end of the branch that is shown. */
  readonly leafId: string | undefined;
  /** Whoever has it can read of the conversation what is shared; undefined if nothing is. */
  readonly shareToken: string | undefined;
  /** The names of the tools that are turned on. */
  readonly tools: readonly string[];
  /** undefined if it is not pinned. */
  readonly pinnedAtMs: number | undefined;
  /** undefined if it is not archived. */
  readonly archivedAtMs: number | undefined;
  readonly folderId: string | undefined;
  /** Whether it is not kept: it is in no list, and is deleted when it ends. */
  readonly isTemporary: boolean;
  /** The name of the assistant that it was begun with, as it was then. */
  readonly assistant: string | undefined;
  readonly createdAtMs: number;
  /** When the last message was sent. */
  readonly updatedAtMs: number;
}

/** The fields to change; the others stay. */
export interface ConversationChanges {
  readonly title?: string | undefined;
  readonly model?: string | null | undefined;
  readonly systemPrompt?: string | undefined;
  readonly effort?: Effort | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly leafId?: string | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly updatedAtMs?: number | undefined;
  readonly pinnedAtMs?: number | null | undefined;
  readonly archivedAtMs?: number | null | undefined;
  readonly folderId?: string | null | undefined;
  readonly assistant?: string | null | undefined;
}

/** Which conversations a list has; `recent` are those that are in none of the others. */
export type Shelf = 'all' | 'recent' | 'pinned' | 'archived' | { readonly folderId: string };

/** The last conversation of a page, sorted by the time of the last message. */
export interface ConversationCursor {
  readonly updatedAtMs: number;
  readonly id: string;
}

const HUNDRED = 100;
/** Messages that are moved in one transaction, which nobody can book beside on SQLite. */
const ADOPTED_AT_ONCE = 100;
const MAX_ADOPTED_SLICES = 50;
const TEMPORARY_AT_ONCE = 100;
/** The generation of a title is no message of its user. */
const IS_NO_TITLE = sql<boolean>`NOT EXISTS (SELECT 1 FROM title_generations t
  WHERE t.id = messages.id)`;

/** Conversations. All but shared ones are found only with the id of their owner. */
export class ConversationStore {
  readonly #db: Kysely<Database>;
  readonly #forLongWork: Kysely<Database>;
  readonly #now: () => number;

  /**
   * @param forLongWork for deleting, which takes long where there are very many messages
   * @param now the time, by which links to shared conversations expire
   */
  constructor(db: Kysely<Database>, forLongWork: Kysely<Database>, now: () => number) {
    this.#db = db;
    this.#forLongWork = forLongWork;
    this.#now = now;
  }

  /**
   * @param assistantId of the assistant that it is begun with, whose files it keeps
   * @returns false, with nothing added, if its user is disabled
   */
  add(conversation: Conversation, assistantId?: string): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, conversation.userId))) return false;
      await insert(transaction, conversation, { adoptsOrphans: false });
      if (assistantId !== undefined) {
        await beginWithFiles(transaction, conversation.id, assistantId);
      }
      return true;
    });
  }

  async find(userId: number, id: string): Promise<Conversation | undefined> {
    const row = await this.#db
      .selectFrom('conversations as c')
      .selectAll('c')
      .select(sharedAs(this.#now()))
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toConversation(row);
  }

  /** A page of a user's conversations, the most recently used first. */
  async list(
    userId: number,
    page: {
      readonly after: ConversationCursor | undefined;
      readonly limit: number;
      readonly shelf?: Shelf | undefined;
    },
  ): Promise<Conversation[]> {
    const { after, limit, shelf = 'all' } = page;
    let query = this.#db
      .selectFrom('conversations as c')
      .selectAll('c')
      .select(sharedAs(this.#now()))
      .where('c.user_id', '=', userId)
      .where('c.is_temporary', '=', 0)
      .orderBy('c.updated_at', 'desc')
      .orderBy('c.id', 'desc')
      .limit(limit);
    if (after) {
      const { updatedAtMs, id } = after;
      query = query.where(sql<boolean>`(c.updated_at, c.id) < (${updatedAtMs}, ${id})`);
    }
    if (shelf === 'recent') {
      query = query
        .where('c.archived_at', 'is', null)
        .where('c.pinned_at', 'is', null)
        .where('c.folder_id', 'is', null);
    }
    if (shelf === 'pinned') {
      query = query.where('c.archived_at', 'is', null).where('c.pinned_at', 'is not', null);
    }
    if (shelf === 'archived') query = query.where('c.archived_at', 'is not', null);
    if (typeof shelf === 'object') {
      query = query.where('c.folder_id', '=', shelf.folderId).where('c.archived_at', 'is', null);
    }
    return (await query.execute()).map(toConversation);
  }

  /** Some temporary ones without a message since; the longest idle ones first. */
  async idleTemporary(beforeMs: number): Promise<{ id: string; userId: number }[]> {
    const rows = await this.#db
      .selectFrom('conversations')
      .select(['id', 'user_id as userId'])
      .where('is_temporary', '=', 1)
      .where('updated_at', '<', beforeMs)
      .orderBy('updated_at')
      .limit(TEMPORARY_AT_ONCE)
      .execute();
    return rows;
  }

  /** Changes a conversation of a user; false if there is no such conversation. */
  async change(userId: number, id: string, changes: ConversationChanges): Promise<boolean> {
    const { title, model, systemPrompt, leafId, tools, updatedAtMs } = changes;
    const { effort, temperature } = changes;
    const { pinnedAtMs, archivedAtMs, folderId, assistant } = changes;
    const { numUpdatedRows } = await this.#db
      .updateTable('conversations')
      .set({
        ...(title === undefined ? {} : { title }),
        ...(model === undefined ? {} : { model }),
        ...(systemPrompt === undefined ? {} : { system_prompt: systemPrompt }),
        ...(effort === undefined ? {} : { effort }),
        ...(temperature === undefined ? {} : { temperature_hundredths: hundredthsOf(temperature) }),
        ...(leafId === undefined ? {} : { leaf_id: leafId }),
        ...(tools === undefined ? {} : { tools: toolsJson(tools) }),
        ...(updatedAtMs === undefined ? {} : { updated_at: updatedAtMs }),
        ...(pinnedAtMs === undefined ? {} : { pinned_at: pinnedAtMs }),
        ...(archivedAtMs === undefined ? {} : { archived_at: archivedAtMs }),
        ...(folderId === undefined ? {} : { folder_id: folderId }),
        ...(assistant === undefined ? {} : { assistant }),
      })
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Begins a conversation of a user anew with the files of an assistant; null for none. */
  async setAssistantFiles(userId: number, id: string, assistantId: string | null): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      if (!(await lock(transaction, { id, userId }))) return;
      await transaction
        .deleteFrom('conversation_files')
        .where('conversation_id', '=', id)
        .execute();
      if (assistantId !== null) await beginWithFiles(transaction, id, assistantId);
    });
  }

  /**
   * Moves a conversation to the top of the list, showing the branch of a message; names it, unless
   * it has a title.
   * @param shown `onlyForward` leaves it if a later message was sent to it
   */
  async showLatest(
    { userId, id }: Pick<Conversation, 'userId' | 'id'>,
    shown: {
      readonly leafId: string;
      readonly title: string;
      readonly atMs: number;
      readonly onlyForward: boolean;
    },
  ): Promise<void> {
    const { leafId, title, atMs, onlyForward } = shown;
    let query = this.#db
      .updateTable('conversations')
      .set({
        leaf_id: leafId,
        updated_at: atMs,
        title: sql<string>`CASE WHEN title = '' THEN ${title} ELSE title END`,
      })
      .where('user_id', '=', userId)
      .where('id', '=', id);
    if (onlyForward) query = query.where('updated_at', '<', atMs);
    await query.execute();
  }

  /**
   * Deletes a conversation and the text of its messages; their charges stay in the ledger.
   * @returns the ids of its pending messages; undefined if there is no such conversation
   */
  remove(userId: number, id: string, atMs: number): Promise<string[] | undefined> {
    const databases = { limited: this.#db, unlimited: this.#forLongWork };
    return longerIfNeeded(databases, (db) =>
      db.transaction().execute((transaction) => remove(transaction, { userId, id }, atMs)),
    );
  }

  /**
   * Moves messages of a user that belong to no conversation, which `/api/chat/` creates, into the
   * conversation for them, in the order in which they were sent. Of very many, the rest is left for
   * the next call.
   * @param make creates that conversation from the first message, if there is none yet
   */
  async adoptOrphanMessages(
    userId: number,
    make: (first: { readonly content: string; readonly createdAtMs: number }) => Conversation,
  ): Promise<void> {
    for (let slice = 0; slice < MAX_ADOPTED_SLICES; slice += 1) {
      if (!(await this.#firstOrphan(this.#db, userId))) return;
      await this.#adoptSlice(userId, make);
      // Others have the connection and the event loop in between.
      await new Promise(setImmediate);
    }
  }

  async #adoptSlice(
    userId: number,
    make: Parameters<ConversationStore['adoptOrphanMessages']>[1],
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      // So that no other request does the same for this user at the same time.
      if (!(await lockActiveUser(transaction, userId))) return;
      const first = await this.#firstOrphan(transaction, userId);
      if (!first) return;
      const { content, created_at: createdAtMs } = first;
      const existing = await transaction
        .updateTable('conversations')
        .set({ adopts_orphans: 1 })
        .where('user_id', '=', userId)
        .where('adopts_orphans', '=', 1)
        .returning(['id', 'leaf_id'])
        .executeTakeFirst();
      const created = existing ? undefined : make({ content, createdAtMs });
      if (created) await insert(transaction, created, { adoptsOrphans: true });
      const id = existing?.id ?? created?.id ?? '';
      const { rows } = await sql<{ id: string; created_at: number }>`UPDATE messages
        SET conversation_id = ${id}, parent_id = chain.before
        FROM (
          SELECT id AS message_id,
            lag(id, 1, ${existing?.leaf_id ?? null}) OVER (ORDER BY id) AS before
          FROM (
            SELECT id FROM messages
            WHERE user_id = ${userId} AND conversation_id IS NULL AND is_relayed = 0
              AND erased_at IS NULL AND ${IS_NO_TITLE}
            ORDER BY id LIMIT ${ADOPTED_AT_ONCE}
          ) AS orphans
        ) AS chain
        WHERE messages.id = chain.message_id
        RETURNING messages.id, messages.created_at`.execute(transaction);
      const last = rows.reduce((a, b) => (a.id > b.id ? a : b));
      await transaction
        .updateTable('conversations')
        .set({ leaf_id: last.id, updated_at: last.created_at })
        .where('id', '=', id)
        .execute();
    });
  }

  #firstOrphan(db: Kysely<Database>, userId: number) {
    return db
      .selectFrom('messages')
      .select(['content', 'created_at'])
      .where('user_id', '=', userId)
      .where('conversation_id', 'is', null)
      .where('is_relayed', '=', 0)
      .where('erased_at', 'is', null)
      .where(IS_NO_TITLE)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
  }
}

/** As `ConversationStore.remove`, in a transaction. */
async function remove(
  transaction: Kysely<Database>,
  { userId, id }: { readonly userId: number; readonly id: string },
  atMs: number,
): Promise<string[] | undefined> {
  if (!(await lock(transaction, { id, userId }))) return undefined;
  const pending = await transaction
    .selectFrom('messages')
    .select('id')
    .where('conversation_id', '=', id)
    .where('status', '=', 'pending')
    .orderBy('id')
    .execute();
  const ids = pending.map((message) => message.id);
  // In the same transaction, so that replies that nobody will see stop soon, on any server.
  if (ids.length > 0) {
    await transaction
      .updateTable('holds')
      .set({ stop_requested_at: atMs })
      .where('id', 'in', ids)
      .where('state', '=', 'open')
      .execute();
  }
  const messages = sql`SELECT id FROM messages
    WHERE conversation_id = ${id} AND user_id = ${userId}`;
  await releaseFiles(transaction, messages, atMs, id);
  await sql`UPDATE messages
    SET content = '', reply = CASE WHEN reply IS NULL THEN NULL ELSE '' END,
      conversation_id = NULL, parent_id = NULL, erased_at = ${atMs}
    WHERE conversation_id = ${id} AND user_id = ${userId}`.execute(transaction);
  await transaction.deleteFrom('conversations').where('id', '=', id).execute();
  return ids;
}

/**
 * Locks a conversation until the transaction ends: nobody changes or deletes it or adds a message.
 * @returns false if there is no such conversation
 */
async function lock(
  db: Kysely<Database>,
  { id, userId }: { readonly id: string; readonly userId: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('conversations')
    .set((of) => ({ adopts_orphans: of.ref('adopts_orphans') }))
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function insert(
  db: Kysely<Database>,
  conversation: Conversation,
  { adoptsOrphans }: { readonly adoptsOrphans: boolean },
): Promise<void> {
  const { id, userId, title, model, options, leafId } = conversation;
  await db
    .insertInto('conversations')
    .values({
      id,
      user_id: userId,
      title,
      model: model ?? null,
      leaf_id: leafId ?? null,
      share_token: null,
      system_prompt: conversation.systemPrompt,
      effort: options.effort ?? null,
      temperature_hundredths: hundredthsOf(options.temperature ?? null),
      adopts_orphans: adoptsOrphans ? 1 : 0,
      tools: toolsJson(conversation.tools),
      folder_id: conversation.folderId ?? null,
      is_temporary: conversation.isTemporary ? 1 : 0,
      assistant: conversation.assistant ?? null,
      created_at: conversation.createdAtMs,
      updated_at: conversation.updatedAtMs,
    })
    .execute();
}

function toolsJson(tools: readonly string[]): string | null {
  return tools.length === 0 ? null : JSON.stringify(tools);
}

function hundredthsOf(temperature: number | null): number | null {
  return temperature === null ? null : Math.round(temperature * HUNDRED);
}

function optionsIn(row: Selectable<ConversationRow>): ModelOptions {
  const { effort, temperature_hundredths: hundredths } = row;
  return {
    // A later version may have other names.
    effort: EFFORTS.find((it) => it === effort),
    temperature: hundredths === null ? undefined : hundredths / HUNDRED,
  };
}

/** The token in `shares`, unless it has expired. */
export function sharedAs(nowMs: number) {
  return sql<string | null>`(SELECT s.token FROM shares s WHERE s.conversation_id = c.id
    AND (s.expires_at IS NULL OR s.expires_at > ${nowMs}))`.as('shared_as');
}

/** @param row `shared_as` is the token of a share, if it was read */
export function toConversation(
  row: Selectable<ConversationRow> & { readonly shared_as?: string | null },
): Conversation {
  return {
    id: row.id,
    userId: row.user_id,
    title: row.title,
    model: row.model ?? undefined,
    systemPrompt: row.system_prompt,
    options: optionsIn(row),
    leafId: row.leaf_id ?? undefined,
    shareToken: row.shared_as ?? row.share_token ?? undefined,
    tools: row.tools === null ? [] : (JSON.parse(row.tools) as string[]),
    pinnedAtMs: row.pinned_at ?? undefined,
    archivedAtMs: row.archived_at ?? undefined,
    folderId: row.folder_id ?? undefined,
    isTemporary: row.is_temporary === 1,
    assistant: row.assistant ?? undefined,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}
