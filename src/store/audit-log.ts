import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry, AuditedFacts } from '../core/audit-log.ts';
import type { AuditLogRow, Database } from './schema.ts';

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
  /** Begin after this one; newest come first. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** What staff and the command line did. The database refuses to change or delete any of it. */
export class AuditLogStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async add(entry: AuditEntry): Promise<void> {
    await addToAuditLog(this.#db, entry);
  }

  /** A page of entries, newest first. */
  async list(filter: AuditFilter): Promise<LoggedEntry[]> {
    let query = this.#db
      .selectFrom('audit_log')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(filter.limit);
    for (const column of ['actor', 'action', 'target'] as const) {
      const wanted = filter[column];
      if (wanted !== undefined) query = query.where(column, '=', wanted);
    }
    if (filter.search !== undefined) {
      const pattern = `%${filter.search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      query = query.where(sql<boolean>`lower(reason) LIKE ${pattern} ESCAPE '\\'`);
    }
    if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId);
    return (await query.execute()).map(toEntry);
  }
}

/** Adds an entry, in the transaction that does what it tells. */
export async function addToAuditLog(db: Kysely<Database>, entry: AuditEntry): Promise<void> {
  const { id, atMs, actor, address, action, target, reason, before, after } = entry;
  await db
    .insertInto('audit_log')
    .values({
      ...{ id, at: atMs, actor, address: address ?? null, action, target },
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
