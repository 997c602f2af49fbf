/**
 * Imports users and chats of a Django site. User ids stay, so tokens of the site stay valid if the
 * secret key is the same. All new ids are derived from the old ones, and what was imported before
 * is left as it is, so an import can be interrupted and run again.
 */
import { setImmediate } from 'node:timers/promises';
import type { AuditedFacts } from '../../core/audit-log.ts';
import type { DjangoSource } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { ImportedUsers } from './import-accounts.ts';
import { importChats } from './import-chats.ts';
import { ImportLog, type ImportReport } from './import-log.ts';
import { importSuperusers } from './import-superusers.ts';
import { importUsers } from './import-users.ts';

/** Options of an import. */
export interface ImportOptions {
  /** Writes nothing, and reports what would be imported. */
  readonly isDryRun: boolean;
  /** Stops before the next page, with its reason as the cause. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** An import was interrupted. What it did so far stays, and is in the report. */
export class ImportInterrupted extends Error {
  readonly report: ImportReport;

  constructor(report: ImportReport, cause: unknown) {
    super('The import was interrupted', { cause });
    this.report = report;
  }
}

/**
 * Runs an import or a dry run. The start is logged before anything is done, since the import may be
 * killed before its end.
 * @throws ImportInterrupted
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
    await context.auditLog.add(
      auditEntry(principal, { action: 'import.django', target: 'site', after }),
    );
  };
  try {
    const { users, chats } = source.counts();
    await note({ step: 'begun', users_there: users, chats_there: chats });
    await importAll(context, principal, source, log, options, { users, chats });
    await note({ step: 'done', ...totalsOf(log) });
    return log;
  } catch (error) {
    // The import may have been interrupted because nothing can be written.
    await note({ step: 'broken off', ...totalsOf(log) }).catch(() => undefined);
    throw new ImportInterrupted(log, error);
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
  const importedUsers = new ImportedUsers();
  const progressFrom = (before: number) => async (done: number) => {
    onProgress(before + done, users + chats);
    // SQLite never yields to the event loop, so signals would not be handled before the end.
    await setImmediate();
    signal.throwIfAborted();
  };
  await importUsers(context, source, log, { isDryRun, importedUsers, onProgress: progressFrom(0) });
  await importSuperusers(context, principal, source, log, { isDryRun, importedUsers });
  const { userIds } = importedUsers;
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
