import type { enBackups } from '../en/backups.ts';
import { counted, number } from './plurals.ts';

function everyText(hours: number): string {
  if (hours === 24) return 'Täglich';
  return hours === 1 ? 'Stündlich' : `Alle ${number(hours)} Stunden`;
}

/** Texts about backups, in German. */
export const deBackups: typeof enBackups = {
  backups: 'Sicherungen',
  backupsText: (folder) =>
    `Jede Sicherung ist eine Datei in ${folder} auf dem Server. Sie enthält den geheimen ` +
    'Schlüssel und kann deshalb hier nicht heruntergeladen werden. Bewahre Kopien auf einem ' +
    'anderen Rechner auf.',
  backupSchedule: (hours) =>
    `${everyText(hours)} und vor jeder Aktualisierung wird eine Sicherung erstellt.`,
  backupScheduleOff: 'Von selbst wird keine erstellt: CHIT_BACKUP_EVERY_HOURS ist 0.',
  backupKept:
    'Aufbewahrt werden die von 7 Tagen, 4 Wochen und 12 Monaten, von Hand erstellte 30 Tage lang.',
  backupRestore:
    'Zum Wiederherstellen den Server anhalten und chit restore mit dem Namen der Datei ausführen.',
  backupLastGood: (when) => `Letzte einwandfreie Sicherung: ${when}.`,
  backupNone: 'Es gibt noch keine Sicherungen.',
  backupOverdue: 'Die letzte einwandfreie Sicherung ist mehr als zwei Tage alt.',
  backupNoneOverdue: 'Es gibt keine einwandfreie Sicherung.',
  backupFailed: (when) => `Die Sicherung vom ${when} ist fehlgeschlagen:`,
  backupImpossible: 'Dieser Server kann keine Sicherungen erstellen:',
  backupNow: 'Jetzt sichern',
  backupRunning: (since) => `Seit ${since} wird eine Sicherung erstellt.`,
  backupBegun: 'Die Sicherung wird erstellt.',
  backupMade: 'Erstellt',
  backupBy: 'Von',
  backupSize: 'Größe',
  backupTransfers: 'Buchungen',
  backupLast: 'Letzte Buchung',
  backupCheck: 'Prüfung',
  backupFile: 'Datei',
  backupMakers: {
    schedule: 'Zeitplan',
    upgrade: 'vor einer Aktualisierung',
    command: 'Kommandozeile',
    panel: 'Verwaltung',
  },
  backupChecks: { ledger: 'Buchungen geprüft', file: 'Datei geprüft' },
  backupFaults: (count) => counted(count, 'Fehler', 'Fehler'),
  backupUnreadable: 'Diese Dateien sind keine vollständigen Sicherungen:',
};
