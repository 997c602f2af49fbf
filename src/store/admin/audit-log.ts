import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry, AuditedFacts } from '../../core/audit-log.ts';
import { rowsForPage } from '../../core/page.ts';
import type { Matching } from '../database/matching.ts';
import { type Found, searchWindow } from '../database/scan-window.ts';
import type { AuditLogRow, Database } from '../database/schema.ts';

/** An entry as it is kept; the actor is one of the kinds of `Actor`. */
export interface LoggedEntry extends Omit<AuditEntry, 'actor' | 'action'> {
  readonly actor: string;
  readonly action: string;
}

/** Which entries are wanted. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** What the reason has in it, whatever the case of its letters. */
  readonly search?: string | undefined;
  /** None before this one. */
  readonly fromId?: string | undefined;
  /** Begin after this one; newest come first. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** So many are looked through for one page of a search. */
const STRETCH = 10_000;

/** What staff and the command line did. The database refuses to change or delete any of it. */
export class AuditLogStore {
  readonly #db: Kysely<Database>;
  readonly #matching: Matching;

  constructor(db: Kysely<Database>, matching: Matching) {
    this.#db = db;
    this.#matching = matching;
  }

  async add(entry: AuditEntry): Promise<void> {
    await addToAuditLog(this.#db, entry);
  }

  /** A page of entries, newest first; of a search, what a stretch has of it. */
  async page(filter: AuditFilter): Promise<Found<LoggedEntry>> {
    const { fromId, beforeId, search, limit } = filter;
    const wanted = (['actor', 'action', 'target'] as const).flatMap((column) =>
      filter[column] === undefined ? [] : [sql`${sql.ref(column)} = ${filter[column]}`],
    );
    if (fromId !== undefined) wanted.push(sql`id >= ${fromId}`);
    if (beforeId !== undefined) wanted.push(sql`id < ${beforeId}`);
    const most = search === undefined ? rowsForPage(limit) : STRETCH;
    const rows = sql`SELECT * FROM audit_log
      WHERE ${wanted.length === 0 ? sql`1 = 1` : sql.join(wanted, sql` AND `)}
      ORDER BY id DESC LIMIT ${most}`;
    const found = await searchWindow<Selectable<AuditLogRow>>(this.#db, {
      rows,
      most,
      limit,
      select: sql`m.* FROM (${rows}) m`,
      where: search === undefined ? sql`1 = 1` : this.#matching('m.reason', search),
    });
    return { ...found, rows: found.rows.map(toEntry) };
  }
}

/** Adds an entry, in the transaction that does what it tells. */
export async function addToAuditLog(db: Kysely<Database>, entry: AuditEntry): Promise<void> {
  const { id, atMs, actor, address, action, target, reason, before, after } = entry;
  await db
    .insertInto('audit_log')
    .values({
      id,
      at: atMs,
      actor,
      address: address ?? null,
      action,
      target,
      reason: reason ?? null,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
    })
    .execute();
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
