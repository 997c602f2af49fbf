/**
 * Brings users and chats of a Django site over. Ids stay, so tokens that it issued stay valid where
 * the key is the same. Everything has an id that follows from the old one: what is there already is
 * left as it is, so an import can be broken off and done again.
 */
import type { DjangoSource } from '../store/django-source.ts';
import { type By, entryOf } from './admin/by.ts';
import type { Context } from './context.ts';
import { importChats } from './import-chats.ts';
import { ImportLog, type ImportReport } from './import-log.ts';
import { importSuperusers, importUsers } from './import-users.ts';

/** How an import is to go. */
export interface ImportOptions {
  /** Writes nothing, and reports what would be done. */
  readonly isDryRun: boolean;
  readonly onProgress: (done: number, total: number) => void;
}

/** Carries an import out, or tries it. */
export async function importDjango(
  context: Context,
  by: By,
  source: DjangoSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const { isDryRun, onProgress } = options;
  const log = new ImportLog();
  const { users, chats } = source.counts();
  const total = users + chats;
  const arrived = await importUsers(context, source, log, {
    ...{ isDryRun, onProgress: (done) => onProgress(done, total) },
  });
  await importSuperusers(context, source, log, { isDryRun, names: arrived.names });
  await importChats(context, source, log, {
    ...{ isDryRun, userIds: arrived.ids, onProgress: (done) => onProgress(users + done, total) },
  });
  if (!isDryRun) {
    const after = {
      ...{ users: log.users.imported, superusers: log.superusers.imported },
      chats: log.chats.imported,
    };
    const deed = { action: 'import.django', target: 'site', after } as const;
    await context.auditLog.add(entryOf(context, by, deed));
  }
  return log;
}
