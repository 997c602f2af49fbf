import { counted } from './plurals.ts';

/** Texts about backups. */
export const enBackups = {
  backups: 'Backups',
  backupsText: (folder: string) =>
    `Each backup is one file in ${folder} on the server. It contains the secret key, so it can’t ` +
    'be downloaded here. Keep copies on another machine.',
  backupSchedule: (hours: number) =>
    hours === 24
      ? 'One is made every day and before each upgrade.'
      : `One is made every ${counted(hours, 'hour')} and before each upgrade.`,
  backupScheduleOff: 'None is made by itself: CHIT_BACKUP_EVERY_HOURS is 0.',
  backupKept:
    'Kept are those of 7 days, 4 weeks and 12 months, and for 30 days those that you made.',
  backupRestore: 'To restore one, stop the server and run chit restore with the name of the file.',
  backupLastGood: (when: string) => `Last good backup: ${when}.`,
  backupNone: 'There are no backups yet.',
  backupOverdue: 'The last good backup is more than two days old.',
  backupNoneOverdue: 'There is no good backup.',
  backupFailed: (when: string) => `The backup of ${when} failed:`,
  backupImpossible: 'This server can’t make backups:',
  backupNow: 'Make a backup now',
  backupRunning: (since: string) => `A backup is being made, since ${since}.`,
  backupBegun: 'The backup is being made.',
  backupMade: 'Made',
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
  backupFaults: (count: number) => counted(count, 'fault'),
  backupUnreadable: 'These files are not whole backups:',
};
