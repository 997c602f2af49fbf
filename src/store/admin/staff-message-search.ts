/** Searches the messages of all users, for staff where the operator allows it; newest first. */
import { type Kysely, sql } from 'kysely';
import { rowsForPage } from '../../core/page.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import { IS_WHOLE } from '../chat/tool-rounds.ts';
import type { Matching } from '../database/matching.ts';
import { type Found, searchWindow } from '../database/scan-window.ts';
import type { Database } from '../database/schema.ts';

/** A message of any user and its reply. */
export interface FoundMessage {
  readonly id: string;
  readonly userId: number;
  readonly username: string | undefined;
  readonly model: string;
  readonly content: string;
  readonly reply: string | null;
  /** Why the reply is missing or incomplete. */
  readonly failure: ReplyFailure | null;
  readonly createdAtMs: number;
}

/** Filters a page of messages. */
export interface StaffMessageQuery {
  readonly userId: number | undefined;
  /** Matched against messages and replies, ignoring case. */
  readonly search: string | undefined;
  readonly beforeId: string | undefined;
  readonly limit: number;
}

/** Rows scanned per page, at most: no request may read every message. */
const SCAN_LIMIT = 4_000;
/** Text of a page; a single message may have more. */
const MAX_CHARACTERS = 1_000_000;

/** Reads messages of all users. */
export class StaffMessageSearch {
  readonly #db: Kysely<Database>;
  readonly #matching: Matching;

  /** @param reads for queries that can take long */
  constructor(reads: Kysely<Database>, matching: Matching) {
    this.#db = reads;
    this.#matching = matching;
  }

  /** A page of messages; with a search, the matches in one scan window. */
  async page(query: StaffMessageQuery): Promise<Found<FoundMessage>> {
    const { userId, search, limit } = query;
    const most = search === undefined ? rowsForPage(limit) : SCAN_LIMIT;
    const rows = userId === undefined ? ofAll(query, most) : ofUser(query, userId, most);
    const found = await searchWindow<FoundRow>(this.#db, {
      rows,
      most,
      limit,
      select: sql`m.*, u.username FROM (${rows}) m JOIN users u ON u.id = m.user_id`,
      where: search === undefined ? sql`1 = 1` : this.#contains(search),
    });
    return fitting({ ...found, rows: found.rows.map(toFoundMessage) });
  }

  #contains(search: string) {
    const has = this.#matching;
    return sql`(${has('m.content', search)} OR ${has('m.reply', search)})`;
  }
}

/** A page that ends where its texts are too long; the next one begins there. */
function fitting(found: Found<FoundMessage>): Found<FoundMessage> {
  let characters = 0;
  const end = found.rows.findIndex(({ content, reply }, index) => {
    characters += content.length + (reply?.length ?? 0);
    return index > 0 && characters > MAX_CHARACTERS;
  });
  if (end === -1) return found;
  const rows = found.rows.slice(0, end);
  return { rows, nextId: rows.at(-1)?.id, searchedBackToMs: undefined };
}

interface FoundRow {
  readonly id: string;
  readonly user_id: number;
  readonly username: string | null;
  readonly model: string;
  readonly content: string;
  readonly reply: string | null;
  readonly failure: ReplyFailure | null;
  readonly at: number;
}

const COLUMNS = sql.raw(
  'm.id, m.user_id, m.model, m.content, m.reply, m.failure, m.created_at AS at',
);

function before({ beforeId }: StaffMessageQuery) {
  return beforeId === undefined ? sql`1 = 1` : sql`m.id < ${beforeId}`;
}

function ofAll(query: StaffMessageQuery, most: number) {
  return sql`SELECT ${COLUMNS} FROM messages m
    WHERE m.erased_at IS NULL AND ${before(query)} AND ${IS_WHOLE}
    ORDER BY m.id DESC LIMIT ${most}`;
}

/** One query for each index by which messages of a user are found. */
function ofUser(query: StaffMessageQuery, userId: number, most: number) {
  const alone = (isRelayed: 0 | 1) => sql`SELECT * FROM (
    SELECT ${COLUMNS} FROM messages m
    WHERE m.user_id = ${userId} AND m.is_relayed = ${isRelayed} AND m.conversation_id IS NULL
      AND m.erased_at IS NULL AND ${before(query)}
    ORDER BY m.id DESC LIMIT ${most}) x${sql.raw(String(isRelayed))}`;
  // Sorted by an expression that no index has, or PostgreSQL would scan everybody's messages by id.
  const inConversations = sql`SELECT * FROM (
    SELECT ${COLUMNS} FROM conversations c JOIN messages m ON m.conversation_id = c.id
    WHERE c.user_id = ${userId} AND ${before(query)} AND ${IS_WHOLE}
    ORDER BY m.id || '' DESC LIMIT ${most}) x2`;
  return sql`SELECT * FROM (${alone(0)} UNION ALL ${alone(1)} UNION ALL ${inConversations}) x3
    ORDER BY id DESC LIMIT ${most}`;
}

function toFoundMessage(row: FoundRow): FoundMessage {
  return {
    id: row.id,
    userId: row.user_id,
    username: row.username ?? undefined,
    model: row.model,
    content: row.content,
    reply: row.reply,
    failure: row.failure,
    createdAtMs: row.at,
  };
}
