/**
 * Brings users and chats of a Django site over. Ids stay, so tokens that it issued stay valid where
 * the key is the same. Everything has an id that follows from the old one: what is there already is
 * left as it is, so an import can be broken off and done again.
 */
import { setImmediate } from 'node:timers/promises';
import type { AuditedFacts } from '../../core/audit-log.ts';
import type { DjangoSource } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { Arrivals } from './import-accounts.ts';
import { importChats } from './import-chats.ts';
import { ImportLog, type ImportReport } from './import-log.ts';
import { importSuperusers } from './import-superusers.ts';
import { importUsers } from './import-users.ts';

/** How an import is to go. */
export interface ImportOptions {
  /** Writes nothing, and reports what would be done. */
  readonly isDryRun: boolean;
  /** Stops before the next page, with its reason as the cause. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** An import ended in the middle. What it did so far stays, and is in the report. */
export class ImportBrokenOff extends Error {
  readonly report: ImportReport;

  constructor(report: ImportReport, cause: unknown) {
    super('The import was broken off', { cause });
    this.report = report;
  }
}

/**
 * Carries an import out, or tries it. Its beginning is logged before anything is done, since it
 * may not come to its end.
 * @throws ImportBrokenOff
 */
export async function importDjango(
  context: Context,
  principal: Principal,
  source: DjangoSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const log = new ImportLog();
  const note = async (after: AuditedFacts) => {
    if (options.isDryRun) return;
    const deed = { action: 'import.django', target: 'site', after } as const;
    await context.auditLog.add(auditEntry(context, principal, deed));
  };
  try {
    const { users, chats } = source.counts();
    await note({ step: 'begun', users_there: users, chats_there: chats });
    await importAll(context, principal, source, log, options, { users, chats });
    await note({ step: 'done', ...totalsOf(log) });
    return log;
  } catch (error) {
    // What broke the import off may be that nothing can be written.
    await note({ step: 'broken off', ...totalsOf(log) }).catch(() => undefined);
    throw new ImportBrokenOff(log, error);
  }
}

async function importAll(
  context: Context,
  principal: Principal,
  source: DjangoSource,
  log: ImportLog,
  { isDryRun, signal, onProgress }: ImportOptions,
  { users, chats }: { readonly users: number; readonly chats: number },
): Promise<void> {
  const arrivals = new Arrivals();
  const progressFrom = (before: number) => async (done: number) => {
    onProgress(before + done, users + chats);
    // SQLite answers without a turn of the event loop, so a signal would not be heard to the end.
    await setImmediate();
    signal.throwIfAborted();
  };
  await importUsers(context, source, log, { isDryRun, arrivals, onProgress: progressFrom(0) });
  await importSuperusers(context, principal, source, log, { isDryRun, arrivals });
  const { userIds } = arrivals;
  await importChats(context, source, log, { isDryRun, userIds, onProgress: progressFrom(users) });
  log.skipUnread('users', users);
  log.skipUnread('chats', chats);
}

function totalsOf({ users, superusers, chats }: ImportReport): AuditedFacts {
  return {
    users: users.imported,
    superusers: superusers.imported,
    chats: chats.imported,
    users_skipped: users.skipped,
    superusers_skipped: superusers.skipped,
    chats_skipped: chats.skipped,
  };
}
