import { deAccounts } from './de/accounts.ts';
import { deBackups } from './de/backups.ts';
import { deCredits } from './de/credits.ts';
import { deDirectory } from './de/directory.ts';
import { deDoctor } from './de/doctor.ts';
import { deErrors } from './de/errors.ts';
import { deFactors } from './de/factors.ts';
import { deGroups } from './de/groups.ts';
import { deImport } from './de/import.ts';
import { deInvitations } from './de/invitations.ts';
import { deKeys } from './de/keys.ts';
import { deLook } from './de/look.ts';
import { deNotices } from './de/notices.ts';
import { deOperations } from './de/operations.ts';
import { dePlans } from './de/plans.ts';
import { deSignIn } from './de/sign-in.ts';
import { deStaff } from './de/staff.ts';
import { deUsage } from './de/usage.ts';
import { deVouchers } from './de/vouchers.ts';
import type { Words } from './en.ts';

/** The panel's texts in German. */
export const de: Words = {
  title: 'Verwaltung',
  toChat: 'Zurück zum Chat',
  notStaff: 'Diese Seite ist nur für das Team. Dein Konto gehört nicht dazu.',
  pageGroups: { people: 'Personen', tokens: 'Token', operation: 'Betrieb', site: 'Website' },
  users: 'Konten',
  credits: 'Guthaben',
  chats: 'Chats',
  usage: 'Nutzung',
  models: 'Modelle',
  settings: 'Einstellungen',
  audit: 'Protokoll',
  skipToList: 'Zur Liste springen',
  skipToContent: 'Zum Inhalt springen',
  pageNotFound: 'Seite nicht gefunden',
  pageNotFoundText: (address) =>
    `Unter ${address} gibt es keine Seite. Prüfe die Adresse auf Tippfehler.`,
  allUsers: 'Alle Konten',

  loadFailed: 'Das konnte nicht geladen werden.',
  showAll: (count) => `Alle ${count} anzeigen`,
  searchedBackTo: (when) => `Bis ${when} durchsucht.`,
  searchFurtherBack: 'Weiter zurück suchen',
  downloadCsv: 'Als CSV herunterladen',
  typeToConfirm: (phrase) => `Zur Bestätigung ${phrase} eingeben`,
  reason: 'Grund',
  reasonOptional: 'Grund (optional, steht im Protokoll)',
  filters: (count) => (count === 0 ? 'Filter' : `Filter (${count} gesetzt)`),
  fromDay: 'Von',
  toDay: 'Bis',
  clearDates: 'Zeitraum löschen',

  user: 'Konto',
  message: 'Nachricht',
  messages: 'Nachrichten',
  deletedUser: 'gelöscht',

  ...deAccounts,
  ...deCredits,
  ...dePlans,
  ...deFactors,
  ...deGroups,
  ...deUsage,
  ...deOperations,
  ...deStaff,
  ...deKeys,
  ...deLook,
  ...deErrors,
  ...deVouchers,
  ...deImport,
  ...deInvitations,
  ...deBackups,
  ...deDoctor,
  ...deNotices,
  ...deDirectory,
  ...deSignIn,
};
