import { type Kysely, sql } from 'kysely';
import { letterGroups } from '../../core/search-words.ts';
import type { Database } from '../database/schema.ts';
import type { SqlFlavour } from '../database/sql-flavour.ts';
import { IS_WHOLE } from './tool-rounds.ts';

/** Messages that are written together in some milliseconds, unless one is longer than that. */
const MESSAGES_AT_ONCE = 20;
const BYTES_AT_ONCE = 30_000;

/** How far the index has come. */
export interface IndexProgress {
  /** Whether there may be more to do at once. */
  readonly hasMore: boolean;
  /** How many messages were added. */
  readonly added: number;
}

interface ReadableMessage {
  readonly id: string;
  readonly userId: number;
  readonly content: string;
  readonly reply: string | null;
}

/**
 * Writes the index of searches: which groups of letters each message has. Everything up to a mark
 * is in it, but for what the queue names; a search reads what is beyond itself, so it is complete
 * at all times. The mark moves in the transaction that adds, so whoever crashes goes on there.
 */
export class SearchIndex {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;
  readonly #database: SqlFlavour['database'];
  /** Whether what was added may be in more pieces than it should be; so it is after a crash. */
  #isScattered = true;

  /** @param reads for texts, so that the connection that books does not read them */
  constructor(
    db: Kysely<Database>,
    reads: Kysely<Database>,
    { database }: Pick<SqlFlavour, 'database'>,
  ) {
    this.#db = db;
    this.#reads = reads;
    this.#database = database;
  }

  /**
   * Adds some messages that have ended, or merges a little of what was added. Several servers may
   * do it at the same time.
   * @param beforeId only what was sent before: ids of the last moments may not be visible yet
   */
  async step(beforeId: string): Promise<IndexProgress> {
    if (this.#isScattered) {
      this.#isScattered = await this.merge({ isFirst: false });
      if (this.#isScattered) return { hasMore: true, added: 0 };
    }
    const queued = await this.#queued();
    if (queued.length > 0) {
      const added = await this.#add(await this.#texts(queued), async (db) => {
        await sql`DELETE FROM search_queue WHERE message_id IN (${sql.join(queued)})`.execute(db);
        return true;
      });
      return { hasMore: true, added };
    }
    const mark = await this.mark();
    const { ids, last } = await this.#next(mark, beforeId);
    if (last === undefined) return { hasMore: false, added: 0 };
    const added = await this.#add(await this.#texts(ids), async (db) => {
      const { numAffectedRows } = await sql`UPDATE search_progress SET mark = ${last}
        WHERE mark = ${mark}`.execute(db);
      return numAffectedRows === 1n;
    });
    return { hasMore: true, added };
  }

  /** The last message up to which everything is in the index; empty if there is none. */
  async mark(): Promise<string> {
    const row = await this.#db.selectFrom('search_progress').select('mark').executeTakeFirst();
    return row?.mark ?? '';
  }

  /**
   * Merges a little of what SQLite's index has in pieces, so that nothing is left there of messages
   * that were erased (https://sqlite.org/fts5.html#the_merge_command).
   * @param isFirst whether to begin: then everything is merged into one
   * @returns whether there is more to merge
   */
  async merge({ isFirst }: { readonly isFirst: boolean }): Promise<boolean> {
    if (this.#database !== 'SQLite') return false;
    const pages = isFirst ? -MERGE_PAGES : MERGE_PAGES;
    return this.#db.connection().execute(async (db) => {
      const before = await changes(db);
      await sql`INSERT INTO search_index (search_index, rank)
        VALUES ('merge', ${sql.lit(pages)})`.execute(db);
      return (await changes(db)) - before >= 2;
    });
  }

  async #queued(): Promise<string[]> {
    const { rows } = await sql<{ id: string; bytes: number }>`SELECT q.message_id AS id,
        coalesce(octet_length(m.content) + coalesce(octet_length(m.reply), 0), 0) AS bytes
      FROM (SELECT message_id FROM search_queue
        ORDER BY message_id LIMIT ${sql.lit(MESSAGES_AT_ONCE)}) q
      LEFT JOIN messages m ON m.id = q.message_id
      ORDER BY q.message_id`.execute(this.#db);
    let all = 0;
    const fits = rows.filter(({ bytes }, index) => {
      all += bytes;
      return index === 0 || all <= BYTES_AT_ONCE;
    });
    return fits.map(({ id }) => id);
  }

  /** What follows the mark, up to the first that is still being answered. */
  async #next(mark: string, beforeId: string) {
    const { rows } = await sql<{ id: string; is_pending: number; bytes: number | null }>`
      SELECT m.id, CASE WHEN m.status = 'pending' AND m.erased_at IS NULL THEN 1 ELSE 0 END
        AS is_pending,
        CASE WHEN ${WANTED} THEN octet_length(m.content) + coalesce(octet_length(m.reply), 0) END
          AS bytes
      FROM messages m LEFT JOIN conversations c ON c.id = m.conversation_id
      WHERE m.id > ${mark} AND m.id < ${beforeId}
      ORDER BY m.id LIMIT ${sql.lit(MESSAGES_AT_ONCE * 4)}`.execute(this.#db);
    const ids: string[] = [];
    let last: string | undefined;
    let all = 0;
    for (const { id, is_pending: isPending, bytes } of rows) {
      if (isPending === 1) break;
      if (bytes !== null) {
        all += bytes;
        if (ids.length === MESSAGES_AT_ONCE || (ids.length > 0 && all > BYTES_AT_ONCE)) break;
        ids.push(id);
      }
      last = id;
    }
    return { ids, last };
  }

  async #texts(ids: readonly string[]): Promise<ReadableMessage[]> {
    if (ids.length === 0) return [];
    const { rows } = await sql<ReadableMessage>`
      SELECT m.id, m.user_id AS "userId", m.content, m.reply
      FROM messages m LEFT JOIN conversations c ON c.id = m.conversation_id
      WHERE m.id IN (${sql.join(ids)}) AND ${WANTED} AND m.status <> 'pending'
      ORDER BY m.id`.execute(this.#reads);
    return [...rows];
  }

  /** @param advance notes that they are in the index; false if another server has done so */
  async #add(
    messages: readonly ReadableMessage[],
    advance: (db: Kysely<Database>) => Promise<boolean>,
  ): Promise<number> {
    const documents: IndexedMessage[] = [];
    for (const { id, userId, content, reply } of messages) {
      documents.push({ id, userId, terms: await termsOf([content, reply ?? '']) });
    }
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await advance(transaction))) return 0;
      if (documents.length === 0) return 0;
      const readable = await this.#lockReadable(transaction, documents);
      const added = documents.filter(({ id }) => readable.has(id));
      if (added.length === 0) return 0;
      if (this.#database === 'SQLite') await addToSqlite(transaction, added);
      else await addToPostgres(transaction, added);
      this.#isScattered = true;
      return added.length;
    });
  }

  /** Those that nobody has erased meanwhile, or erases until the transaction ends. */
  async #lockReadable(
    transaction: Kysely<Database>,
    documents: readonly { readonly id: string }[],
  ): Promise<Set<string>> {
    const ids = documents.map(({ id }) => id);
    const lock = this.#database === 'SQLite' ? sql`` : sql`FOR SHARE`;
    const { rows } = await sql<{ id: string }>`SELECT id FROM messages
      WHERE id IN (${sql.join(ids)}) AND erased_at IS NULL ${lock}`.execute(transaction);
    return new Set(rows.map(({ id }) => id));
  }
}

/**
 * Pages that are written at once, in some milliseconds; more only for a group that nearly every
 * message has, since FTS5 does not stop within one.
 */
const MERGE_PAGES = 32;

/**
 * Messages under `/v1/` are not searched, temporary chats are not kept, and what is a round of
 * another message is in the reply of that one.
 */
const WANTED = sql`m.is_relayed = 0 AND m.erased_at IS NULL AND coalesce(c.is_temporary, 0) = 0
  AND ${IS_WHOLE}`;

async function changes(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT total_changes() AS count`.execute(db);
  return Number(rows[0]?.count);
}

async function termsOf(texts: readonly string[]): Promise<number[]> {
  const groups = new Set<number>();
  for (const text of texts) {
    let isFirst = true;
    for (const _part of letterGroups(text, groups)) {
      // A long text takes a turn of the event loop for each of its parts.
      if (!isFirst) await new Promise(setImmediate);
      isFirst = false;
    }
  }
  return [...groups];
}

interface IndexedMessage {
  readonly id: string;
  readonly userId: number;
  readonly terms: readonly number[];
}

/** Whatever is in the index of them already is taken out by a trigger. */
async function addToSqlite(db: Kysely<Database>, messages: readonly IndexedMessage[]) {
  const ids = messages.map(({ id }) => id);
  await sql`DELETE FROM search_documents WHERE message_id IN (${sql.join(ids)})`.execute(db);
  // All numbers first: FTS5 writes what it has gathered whenever another table is inserted into.
  const rows = ids.map((id) => sql`(${id})`);
  const numbered = await sql<{ doc: number; message_id: string }>`
    INSERT INTO search_documents (message_id) VALUES ${sql.join(rows)}
    RETURNING doc, message_id`.execute(db);
  const docs = new Map(numbered.rows.map((it) => [it.message_id, it.doc]));
  for (const { id, userId, terms } of messages) {
    const text = [ownerTerm(userId), ...terms].join(' ');
    await sql`INSERT INTO search_index (rowid, terms)
      VALUES (${docs.get(id)}, ${text})`.execute(db);
  }
}

async function addToPostgres(db: Kysely<Database>, messages: readonly IndexedMessage[]) {
  for (const { id, userId, terms } of messages) {
    await sql`INSERT INTO search_documents (message_id, user_id, terms)
      VALUES (${id}, ${userId}, ${smallints(terms)})
      ON CONFLICT (message_id) DO UPDATE SET terms = excluded.terms`.execute(db);
  }
}

/** The owner of a message is a term of it as well, so that others are not even looked at. */
function ownerTerm(userId: number): string {
  return `u${userId}`;
}

/** What the index of SQLite is asked for. */
export function sqliteTerms(userId: number, groups: readonly number[]): string {
  return [ownerTerm(userId), ...groups].map((term) => `"${term}"`).join(' ');
}

/** Groups are numbered from 0 to 65,535, and integers of two bytes begin below zero. */
export function smallints(groups: readonly number[]) {
  return sql`CAST(${`{${groups.map((it) => it - 32_768).join(',')}}`} AS smallint[])`;
}
