import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { SearchWords } from '../../core/search-words.ts';
import type { Matching } from '../database/matching.ts';
import type { Database } from '../database/schema.ts';
import type { ConversationRow } from '../database/schema-chat.ts';
import type { SqlFlavour } from '../database/sql-flavour.ts';
import {
  type Conversation,
  type ConversationCursor,
  sharedAs,
  toConversation,
} from './conversations.ts';
import { smallints, sqliteTerms } from './search-index.ts';
import { IS_WHOLE } from './tool-rounds.ts';

/** A conversation that may have the words. */
export interface Candidate {
  readonly conversation: Conversation;
  /** The newest message that the index names; undefined if only the title may have them. */
  readonly messageId: string | undefined;
  /** How long that message and its reply are. */
  readonly bytes: number;
}

/** The words of a message and its reply. */
export interface MessageText {
  readonly id: string;
  readonly content: string;
  readonly reply: string;
}

/** What the search of a user looks at. */
export interface SearchScope {
  readonly userId: number;
  readonly words: SearchWords;
  /** Up to which message everything is in the index, and when that was sent. */
  readonly mark: string;
  readonly markMs: number;
}

/** Older by so much than its last message is no conversation. */
const SLACK_MS = 3_600_000;
/** Conversations, and bytes of text in them, that are compared before the index is asked. */
const RECENT = 100;
const RECENT_BYTES = 4_000_000;
/** Messages of one conversation that the index names in vain; more are not looked at. */
const MOST_IN_VAIN = 50;

/**
 * Finds what may match in the index, and reads what is not in it yet. The index knows groups of
 * letters, so what it names has to be compared.
 */
export class ConversationSearch {
  readonly #reads: Kysely<Database>;
  readonly #matching: Matching;
  readonly #database: SqlFlavour['database'];
  readonly #now: () => number;

  /** @param now the time, by which links to shared conversations expire */
  constructor(
    reads: Kysely<Database>,
    matching: Matching,
    database: SqlFlavour['database'],
    now: () => number,
  ) {
    this.#reads = reads;
    this.#matching = matching;
    this.#database = database;
    this.#now = now;
  }

  /**
   * Conversations of a user that may have the words, the last used first. The last used are
   * compared at once: they are enough for words that are so common that the index would name most
   * of all messages, each of which would have to be compared.
   * @throws ChitError `read_too_long`
   */
  async candidates(
    scope: SearchScope,
    page: { readonly after: ConversationCursor | undefined; readonly limit: number },
  ): Promise<Candidate[]> {
    const recent = await this.#candidates(scope, page, this.#recent(scope, page.after));
    if (recent.length === page.limit) return recent;
    return this.#candidates(scope, page, undefined);
  }

  /** @param recent selects the only conversations to look at; undefined for all */
  async #candidates(
    scope: SearchScope,
    { after, limit }: { readonly after: ConversationCursor | undefined; readonly limit: number },
    recent: RawBuilder<unknown> | undefined,
  ): Promise<Candidate[]> {
    const found = recent ? this.#recentMessages(scope) : await this.#indexedMessages(scope);
    const looked = recent
      ? sql`recent w JOIN conversations c ON c.id = w.id`
      : sql`conversations c`;
    const title = this.#allIn(scope, (word) => this.#matching('c.title', word));
    const behind = after
      ? sql`AND (c.updated_at, c.id) < (${after.updatedAtMs}, ${after.id})`
      : sql``;
    const { rows } = await sql<
      Selectable<ConversationRow> & {
        shared_as: string | null;
        hit_id: string | null;
        hit_bytes: number | null;
      }
    >`
      WITH ${recent ? sql`recent AS MATERIALIZED (${recent}),` : sql``}
        found AS (${found}),
        newest AS (
          SELECT conversation_id, max(id) AS id FROM found GROUP BY conversation_id
        )
      SELECT c.*, ${sharedAs(this.#now())}, m.id AS hit_id,
        octet_length(m.content) + coalesce(octet_length(m.reply), 0) AS hit_bytes
      FROM ${looked}
      LEFT JOIN newest n ON n.conversation_id = c.id
      LEFT JOIN messages m ON m.id = n.id
      WHERE c.user_id = ${scope.userId} AND c.is_temporary = 0
        AND (n.id IS NOT NULL OR (${title})) ${behind}
      ORDER BY c.updated_at DESC, c.id DESC LIMIT ${limit}`.execute(this.#reads);
    return rows.map((row) => ({
      conversation: toConversation(row),
      messageId: row.hit_id ?? undefined,
      bytes: row.hit_bytes ?? 0,
    }));
  }

  /** The conversations that were used last, as far as a comparison of all their texts goes. */
  #recent({ userId }: SearchScope, after: ConversationCursor | undefined): RawBuilder<unknown> {
    const behind = after
      ? sql`AND (c.updated_at, c.id) < (${after.updatedAtMs}, ${after.id})`
      : sql``;
    return sql`SELECT r.id FROM (
        SELECT n.id, sum(n.bytes) OVER (ORDER BY n.updated_at DESC, n.id DESC) AS bytes FROM (
          SELECT c.id, c.updated_at, (
            SELECT coalesce(sum(octet_length(m.content) + coalesce(octet_length(m.reply), 0)), 0)
            FROM messages m WHERE m.conversation_id = c.id
          ) AS bytes
          FROM conversations c WHERE c.user_id = ${userId} AND c.is_temporary = 0 ${behind}
          ORDER BY c.updated_at DESC, c.id DESC LIMIT ${sql.lit(RECENT)}
        ) n
      ) r WHERE r.bytes <= ${sql.lit(RECENT_BYTES)}`;
  }

  #recentMessages({ words }: SearchScope): RawBuilder<unknown> {
    return this.#matchingIn(words, sql`recent w JOIN messages m ON m.conversation_id = w.id`);
  }

  /** Older messages of a conversation that may have the words, newest first. */
  async olderIn(scope: SearchScope, conversationId: string, beforeId: string): Promise<string[]> {
    const found = this.#matchingIn(
      scope.words,
      sql`conversations c JOIN messages m ON m.conversation_id = c.id
        WHERE c.user_id = ${scope.userId} AND c.id = ${conversationId} AND m.id < ${beforeId}`,
    );
    const { rows } = await sql<{ id: string }>`WITH found AS (${found})
      SELECT id FROM found
      ORDER BY id DESC LIMIT ${sql.lit(MOST_IN_VAIN)}`.execute(this.#reads);
    return rows.map(({ id }) => id);
  }

  /** @param ids of messages of one user, with little text in all */
  async texts(userId: number, ids: readonly string[]): Promise<Map<string, MessageText>> {
    if (ids.length === 0) return new Map();
    const { rows } = await sql<MessageText>`
      SELECT id, content, coalesce(reply, '') AS reply FROM messages
      WHERE id IN (${sql.join(ids)}) AND user_id = ${userId} AND erased_at IS NULL`.execute(
      this.#reads,
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /**
   * Selects `id` and `conversation_id` of the messages that may have the words. What is erased has
   * no conversation; SQLite would read all of a text to find `erased_at` behind it.
   */
  async #indexedMessages({
    userId,
    words,
    mark,
    markMs,
  }: SearchScope): Promise<RawBuilder<unknown>> {
    const { rows: queue } = await sql`SELECT 1 FROM search_queue LIMIT 1`.execute(this.#reads);
    const matchingOf = (from: RawBuilder<unknown>) => this.#matchingIn(words, from);
    const matching = (where: RawBuilder<unknown>) =>
      matchingOf(sql`conversations c JOIN messages m ON m.conversation_id = c.id
        WHERE c.user_id = ${userId} AND ${where}`);
    if (words.groups.length === 0) return matching(sql`1 = 1`);
    const beyond = matchingOf(sql`conversations c CROSS JOIN ${this.#beyond(mark)}
      WHERE c.user_id = ${userId} AND c.updated_at >= ${markMs - SLACK_MS}`);
    const queued = matching(sql`EXISTS (
      SELECT 1 FROM search_queue q WHERE q.message_id = m.id)`);
    const rest = queue.length > 0 ? sql`${beyond} UNION ALL ${queued}` : beyond;
    // What the index names is compared here: most of it may only have the same groups.
    const indexed = matchingOf(this.#indexed(userId, words.groups));
    return sql`${indexed} UNION ALL ${rest}`;
  }

  /** Those of some messages `m` that have the words. */
  #matchingIn(words: SearchWords, from: RawBuilder<unknown>): RawBuilder<unknown> {
    const all = this.#allIn(
      { words },
      (word) =>
        sql<boolean>`(${this.#matching('m.content', word)} OR ${this.#matching('m.reply', word)})`,
    );
    // PostgreSQL would compare the texts of all users first: it takes that for cheap.
    const fence = this.#database === 'SQLite' ? sql`` : sql`OFFSET 0`;
    return sql`SELECT m.id, m.conversation_id FROM (
        SELECT m.id, m.conversation_id, m.content, m.reply FROM ${from} ${fence}
      ) m WHERE ${all} AND ${IS_WHOLE}`;
  }

  /**
   * The messages of `c` behind the mark. PostgreSQL does not know how few they are, and would read
   * those of all users unless it has to go by conversation.
   */
  #beyond(mark: string): RawBuilder<unknown> {
    return this.#database === 'SQLite'
      ? sql`messages m ON m.conversation_id = c.id AND m.id > ${mark}`
      : sql`LATERAL (SELECT * FROM messages b
          WHERE b.conversation_id = c.id AND b.id > ${mark} OFFSET 0) m`;
  }

  #indexed(userId: number, groups: readonly number[]): RawBuilder<unknown> {
    const named =
      this.#database === 'SQLite'
        ? sql`search_index JOIN search_documents d ON d.doc = search_index.rowid`
        : sql`search_documents d`;
    const matches =
      this.#database === 'SQLite'
        ? sql`search_index MATCH ${sqliteTerms(userId, groups)}`
        : sql`d.user_id = ${userId} AND d.terms @> ${smallints(groups)}`;
    return sql`${named}
      JOIN messages m ON m.id = d.message_id
      WHERE ${matches} AND m.user_id = ${userId} AND m.conversation_id IS NOT NULL`;
  }

  #allIn(
    { words }: Pick<SearchScope, 'words'>,
    has: (word: string) => RawBuilder<boolean>,
  ): RawBuilder<boolean> {
    return sql<boolean>`(${sql.join(words.words.map(has), sql` AND `)})`;
  }
}
