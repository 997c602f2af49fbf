import { counted } from './plurals.ts';

function everyText(hours: number): string {
  if (hours === 24) return 'day';
  return hours === 1 ? 'hour' : counted(hours, 'hour');
}

/** Texts about backups. */
export const enBackups = {
  backups: 'Backups',
  backupsText: (folder: string) =>
    `Each backup is one file in ${folder} on the server. It contains the secret key, so it can’t ` +
    'be downloaded here. Keep copies on another machine.',
  backupSchedule: (hours: number) =>
    `A backup is made every ${everyText(hours)} and before each upgrade.`,
  backupScheduleOff: 'No backups are made automatically: CHIT_BACKUP_EVERY_HOURS is 0.',
  backupKept:
    'Kept are daily ones for 7 days, weekly ones for 4 weeks, monthly ones for 12 months, and ' +
    'those made by hand for 30 days.',
  backupRestore: 'To restore one, stop the server and run chit restore with the name of the file.',
  backupLastGood: (when: string) => `Last good backup: ${when}.`,
  backupNone: 'There are no backups yet.',
  backupOverdue: 'The last good backup is more than two days old.',
  backupNoneOverdue: 'There is no good backup.',
  backupFailed: (when: string) => `The backup of ${when} failed:`,
  backupImpossible: 'This server can’t make backups:',
  backupNow: 'Back up now',
  backupRunning: (since: string) => `A backup has been in progress since ${since}.`,
  backupBegun: 'The backup has started.',
  backupMade: 'Created',
  backupBy: 'By',
  backupSize: 'Size',
  backupTransfers: 'Transactions',
  backupLast: 'Last transaction',
  backupCheck: 'Check',
  backupFile: 'File',
  backupMakers: {
    schedule: 'schedule',
    upgrade: 'before an upgrade',
    command: 'command line',
    panel: 'panel',
  },
  backupChecks: { ledger: 'ledger verified', file: 'file checked' },
  backupFaults: (count: number) => counted(count, 'error'),
  backupUnreadable: 'These files are not complete backups:',
};
