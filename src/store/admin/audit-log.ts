import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditAction, AuditEntry, AuditedFacts } from '../../core/audit-log.ts';
import { rowsForPage } from '../../core/page.ts';
import type { Matching } from '../database/matching.ts';
import { type Found, searchWindow } from '../database/scan-window.ts';
import type { AuditLogRow, Database } from '../database/schema.ts';

/** An entry as it is stored, where actor and action are any text. */
export interface LoggedEntry extends Omit<AuditEntry, 'actor' | 'action'> {
  readonly actor: string;
  readonly action: string;
}

/** Filters a page of entries. */
export interface AuditFilter {
  /** Any of these. */
  readonly actors?: readonly string[] | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** Matched against the reason, ignoring case. */
  readonly search?: string | undefined;
  /** The oldest entry to return. */
  readonly fromId?: string | undefined;
  /** Returns entries older than this one. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** Rows scanned for one page of a search, at most. */
const SCAN_LIMIT = 10_000;

/** The audit log. The database refuses to change or delete entries. */
export class AuditLogStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;
  readonly #matching: Matching;

  /** @param reads for searches, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>, matching: Matching) {
    this.#db = db;
    this.#reads = reads;
    this.#matching = matching;
  }

  async add(entry: AuditEntry): Promise<void> {
    await addToAuditLog(this.#db, entry);
  }

  /** The newest entries of one action on one target; a short read of an index. */
  async newestOf(
    which: { readonly action: AuditAction; readonly target: string },
    limit: number,
  ): Promise<LoggedEntry[]> {
    const rows = await this.#db
      .selectFrom('audit_log')
      .selectAll()
      .where('target', '=', which.target)
      .where('action', '=', which.action)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toEntry);
  }

  /** A page of entries, newest first; with a search, the matches in one scan window. */
  async page(filter: AuditFilter): Promise<Found<LoggedEntry>> {
    const { actors, fromId, beforeId, search, limit } = filter;
    const conditions = (['action', 'target'] as const).flatMap((column) =>
      filter[column] === undefined ? [] : [sql`${sql.ref(column)} = ${filter[column]}`],
    );
    if (actors?.length === 1) conditions.push(sql`actor = ${actors[0]}`);
    else if (actors) conditions.push(sql`actor IN (${sql.join(actors)})`);
    if (fromId !== undefined) conditions.push(sql`id >= ${fromId}`);
    if (beforeId !== undefined) conditions.push(sql`id < ${beforeId}`);
    const most = search === undefined ? rowsForPage(limit) : SCAN_LIMIT;
    const rows = sql`SELECT * FROM audit_log
      WHERE ${conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` AND `)}
      ORDER BY id DESC LIMIT ${most}`;
    const found = await searchWindow<Selectable<AuditLogRow>>(this.#reads, {
      rows,
      most,
      limit,
      select: sql`m.* FROM (${rows}) m`,
      where: search === undefined ? sql`1 = 1` : this.#matching('m.reason', search),
    });
    return { ...found, rows: found.rows.map(toEntry) };
  }
}

/** Adds an entry, in the transaction of the action that it records. */
export async function addToAuditLog(db: Kysely<Database>, entry: AuditEntry): Promise<void> {
  await addAllToAuditLog(db, [entry]);
}

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 500;

/** Adds entries, in the transaction of the actions that they record. */
export async function addAllToAuditLog(
  db: Kysely<Database>,
  entries: readonly AuditEntry[],
): Promise<void> {
  for (let from = 0; from < entries.length; from += CHUNK) {
    const rows = entries.slice(from, from + CHUNK).map(toRow);
    await db.insertInto('audit_log').values(rows).execute();
  }
}

/**
 * Ends what can be ended once, together with the entry that says so.
 * @returns false, with nothing changed, if it has ended already
 */
export function endLogged(
  db: Kysely<Database>,
  { table, id }: { readonly table: 'groups' | 'voucher_batches'; readonly id: string },
  entry: AuditEntry,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable(table)
      .set({ ended_at: entry.atMs })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await addToAuditLog(transaction, entry);
    return true;
  });
}

function toRow(entry: AuditEntry): Selectable<AuditLogRow> {
  const { id, atMs, actor, address, action, target, reason, before, after } = entry;
  return {
    id,
    at: atMs,
    actor,
    address: address ?? null,
    action,
    target,
    reason: reason ?? null,
    before: before === undefined ? null : JSON.stringify(before),
    after: after === undefined ? null : JSON.stringify(after),
  };
}

function toEntry(row: Selectable<AuditLogRow>): LoggedEntry {
  const facts = (text: string | null) =>
    text === null ? undefined : (JSON.parse(text) as AuditedFacts);
  return {
    id: row.id,
    atMs: row.at,
    actor: row.actor,
    address: row.address ?? undefined,
    action: row.action,
    target: row.target,
    reason: row.reason ?? undefined,
    before: facts(row.before),
    after: facts(row.after),
  };
}
