import type { enImport } from '../en/import.ts';
import { accounts, counted, number } from './plurals.ts';

/** Texts about importing users from a file, in German. */
export const deImport: typeof enImport = {
  importUsers: 'Konten importieren',
  importText:
    'Eine CSV-Datei mit einer Zeile Überschriften: Benutzername; und wenn du willst Passwort, ' +
    'Gruppen (mehrere durch Semikolon getrennt), Tarif und Token (das Anfangsguthaben; ohne ' +
    'diese Spalte das jedes neuen Kontos). Zuerst siehst du, was passieren würde. Gruppen, die ' +
    'es noch nicht gibt, werden erstellt; wer schon ein Konto hat, bekommt nur, was fehlt.',
  importFile: 'CSV-Datei',
  importContent: 'Oder den Inhalt einfügen',
  importExample: 'Benutzername;Gruppen;Tarif\nada;Klasse 7a;Schule\ngrace;Klasse 7b;Schule',
  importAccess: 'Zugang',
  importByLink: 'Ein Link, um ein Passwort zu wählen',
  importByPassword: 'Ein zufälliges Passwort',
  importPools: 'Neue Gruppen bekommen ein Gruppenkonto, das zuerst leer ist',
  importRenew: 'Auch für alle in der Datei, die ein Konto haben, aber noch nie hier waren',
  importCheck: 'Datei prüfen',
  importWould: 'Die Datei ist in Ordnung. Das wird passieren:',
  importNothing: 'Alle in der Datei haben das schon. Es gibt nichts zu tun.',
  importFaultCount: (count) =>
    `${counted(count, 'Fehler', 'Fehler')}. Erst wenn das korrigiert ist, kann importiert werden.`,
  importFaults: 'Fehler',
  importRow: 'Zeile',
  importColumn: 'Spalte',
  importFault: 'Fehler',
  importRun: 'Importieren',
  importRunning: 'Wird importiert …',
  importBack: 'Zurück zur Datei',
  importLost:
    'Der Server hat nicht geantwortet, deshalb ist nicht bekannt, wie weit er gekommen ist. Geh ' +
    'zurück und prüfe die Datei noch einmal: Es passiert nur, was noch fehlt.',
  importDone: (users) => `Fertig: ${accounts(users)}.`,
  importStopped: (row, users, why) =>
    `In Zeile ${number(row)} abgebrochen, nach ${counted(users, 'Konto', 'Konten')}: ${why} ` +
    'Prüfe die Datei noch einmal, dann geht es mit dem Rest weiter.',
  importOnce:
    'Die Links und Passwörter werden nicht wieder angezeigt. Lade sie herunter, bevor du gehst.',
  importDownload: 'Links und Passwörter herunterladen',
  importAnother: 'Noch eine Datei importieren',
  importGroups: 'Kommt in',
  importTokens: 'Anfangsguthaben',
  importExists: 'hat ein Konto',
  importNewGroups: (names) => `Neue Gruppen: ${names}`,
  importCounts: {
    new_users: 'Neue Konten',
    existing_users: 'Haben ein Konto',
    unchanged_users: 'davon unverändert',
    new_groups: 'Neue Gruppen',
    new_pools: 'davon mit Gruppenkonto',
    joins: 'Neue Gruppenmitglieder',
    plans_given: 'Tarife vergeben',
    plans_changed: 'Tarife gewechselt',
    links: 'Links',
    passwords: 'Neue Passwörter',
    tokens: 'Vergebene Token',
  },
  importAccessOf: {
    given: 'Passwort aus der Datei',
    link: 'Link',
    password: 'neues Passwort',
    none: 'wie bisher',
  },
  importFaultTexts: {
    not_csv: 'Das ist kein CSV: Ein Anführungszeichen fehlt oder steht mitten in einer Zelle.',
    no_rows: 'Es gibt keine Zeile mit einem Konto.',
    too_many_rows: 'Eine Datei kann höchstens 2.000 Zeilen haben. Teile sie auf.',
    no_username_column: 'Die Spalte „Benutzername“ fehlt.',
    unknown_column:
      'Diese Spalte ist unbekannt. Möglich sind Benutzername, Passwort, Gruppen, Tarif, Token.',
    column_twice: 'Eine andere Spalte bedeutet dasselbe.',
    missing: 'Die Zelle ist leer.',
    not_storable: 'Die Zelle enthält ein Zeichen, das sich nicht speichern lässt.',
    too_long: 'Der Inhalt der Zelle ist zu lang.',
    too_short: 'Das Passwort ist zu kurz.',
    common_password: 'Das Passwort gehört zu den häufigsten.',
    password_has_username: 'Das Passwort enthält den Benutzernamen.',
    password_has_site_name: 'Das Passwort ist kaum mehr als der Name dieser Seite.',
    not_a_username: 'So kann kein Konto heißen.',
    named_twice: 'Dieser oder ein zu ähnlicher Name steht schon weiter oben.',
    name_taken: 'Es gibt ein Konto mit einem zu ähnlichen Namen:',
    not_tokens: 'Das ist keine ganze Zahl.',
    unknown_plan: 'Einen Tarif mit diesem Namen gibt es nicht.',
    untouchable: 'Konten von Superusern können nur Superuser ändern.',
  },
};
