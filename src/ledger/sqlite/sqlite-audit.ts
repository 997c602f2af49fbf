import type { Audited } from '../../core/ledger.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/** Writes what was done into the audit log, in the transaction in which it is done. */
export function noteAudit(statements: SqliteStatements, entries: Audited): void {
  for (const { id, atMs, actor, address, action, target, reason, before, after } of entries ?? []) {
    const facts = [before, after].map((it) => (it === undefined ? null : JSON.stringify(it)));
    const what = [action, target, reason ?? null] as const;
    statements.insertAudit.run(id, atMs, actor, address ?? null, ...what, ...facts);
  }
}
