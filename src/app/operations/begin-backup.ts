import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';

/**
 * Begins to make a backup, since a superuser asked for it; `Backups.state` says what becomes of it.
 * @throws ChitError `backup_running`, `backup_impossible`; errors of the database
 */
export async function beginBackup(context: Context, by: Principal): Promise<void> {
  const { backups, auditLog } = context;
  await backups.begin('panel', () =>
    auditLog.add(auditEntry(by, { action: 'backup.make', target: 'backup:panel' })),
  );
}
