import type { enInvitations } from '../en/invitations.ts';
import { counted, number, tokens } from './plurals.ts';

const invitationsIn = (count: number) => counted(count, 'Einladung', 'Einladungen');
const people = (count: number) => counted(count, 'Person', 'Personen');

/** Texts about invitations, in German. */
export const deInvitations: typeof enInvitations = {
  invitations: 'Einladungen',
  invitationsText:
    'Wer eingeladen ist, bekommt einen Code, auf einem Zettel oder als Link, und wählt damit ein ' +
    'Passwort. Erst dann entsteht das Konto, mit Gruppen, Tarif und Token.',
  invitationNew: 'Leute einladen',
  invitationNone: 'Es wurde noch niemand eingeladen.',
  invitationNoneFound: 'Keine Einladung passt zu diesen Filtern.',
  invitationSearch: 'Name oder E-Mail-Adresse suchen',
  invitationStates: {
    open: 'offen',
    expired: 'abgelaufen',
    ended: 'zurückgezogen',
    accepted: 'angenommen',
  },
  invitationAnyState: 'Alle',
  invitationEmail: 'E-Mail',
  invitationGroups: 'Gruppen',
  invitationState: 'Status',
  invitationLast: 'Zuletzt eingeladen',
  invitationUntil: 'Gültig bis',
  invitationCame: (when) => `angenommen ${when}`,
  invitationGives: (amount, plan) =>
    plan === null ? tokens(amount) : `${tokens(amount)}, Tarif ${plan}`,
  invitationSelect: (name) => `${name} auswählen`,
  invitationSelectAll: 'Alle angezeigten auswählen',
  invitationSelectFound: (count) => `Alle ${number(count)} auswählen`,
  invitationPrint: 'Zettel drucken',
  invitationPrintBatch: 'Diese Zettel drucken',
  invitationExtend: 'Verlängern',
  invitationExtendTitle: (count) => `${invitationsIn(count)} verlängern?`,
  invitationExtendText:
    'Sie gelten von jetzt an neu, auch die abgelaufenen. Die Codes bleiben dieselben.',
  invitationExtendDone: (count) => `${invitationsIn(count)} verlängert.`,
  invitationMail: 'Den Link an alle mit E-Mail-Adresse schicken',
  invitationSend: 'Per E-Mail schicken',
  invitationSendDone: (count) => `${invitationsIn(count)} per E-Mail auf den Weg gebracht.`,
  invitationEnd: 'Zurückziehen',
  invitationEndTitle: (count) => `${invitationsIn(count)} zurückziehen?`,
  invitationEndText:
    'Diese Codes kann niemand mehr benutzen. Für sie reservierte Benutzernamen werden wieder frei.',
  invitationEndDone: (count) => `${invitationsIn(count)} zurückgezogen.`,
  invitationOfGroup: 'Nur diese Gruppe',
  invitationOfBatch: 'Zusammen eingeladen',
  invitationTogether: 'zusammen eingeladen',
  invitationCheck: 'Prüfen',
  invitationBack: 'Zurück zum Formular',
  invitationOne: 'Eine Person',
  invitationMany: 'Aus einer CSV-Datei',
  invitationForName: 'Name, wie er auf dem Zettel steht',
  invitationUsername: 'Benutzername (optional)',
  invitationUsernameHint: 'Bleibt das Feld leer, wählt die Person ihn selbst.',
  invitationEmailOptional: 'E-Mail-Adresse (optional)',
  invitationGroupsOptional: 'Gruppen, durch Semikolons getrennt (optional)',
  invitationPlanOptional: 'Tarif (optional)',
  invitationNoPlan: 'Kein Tarif',
  invitationTokens: 'Anfangsguthaben (optional)',
  invitationLasts: 'Gültig für',
  invitationUntilDay: 'Bis zu einem Tag …',
  invitationLastDay: 'Letzter Tag',
  invitationSpans: {
    24: '1 Tag',
    168: '1 Woche',
    336: '2 Wochen',
    720: '30 Tage',
    2160: '90 Tage',
    8760: '1 Jahr',
  },
  invitationInvite: 'Einladen',
  invitationFileText:
    'Eine CSV-Datei mit einer Kopfzeile: Name, Benutzername oder E-Mail, mindestens eins davon; ' +
    'dazu, wenn du willst, Gruppen (mehrere durch Semikolons getrennt), Tarif und Guthaben (am ' +
    'Anfang). Wer keinen Benutzernamen hat, wählt ihn selbst. Du siehst zuerst, was ' +
    'geschehen würde.',
  invitationExample: 'Name,Benutzername,Klasse\nAda Lovelace,ada,7a\nGrace Hopper,,7b',
  invitationWould: 'Die Datei ist fehlerfrei. Das wird geschehen:',
  invitationNothing:
    'Alle in der Datei haben schon ein Konto oder eine Einladung. Es gibt nichts zu tun.',
  invitationFaultCount: (count) =>
    `${counted(count, 'Fehler', 'Fehler')}. Solange die Datei nicht berichtigt ist, kann niemand ` +
    'eingeladen werden.',
  invitationRun: (count) => `${people(count)} einladen`,
  invitationRunning: 'Wird erledigt …',
  invitationLost:
    'Der Server hat nicht geantwortet, deshalb ist nicht bekannt, ob sie eingeladen wurden. ' +
    'Versuche es erneut: Niemand wird zweimal eingeladen.',
  invitationDone: (count) => `${people(count)} eingeladen.`,
  invitationAnother: 'Weitere Leute einladen',
  invitationAll: 'Alle Einladungen',
  invitationLinkText: 'Gib der Person diesen Code oder Link. Er gilt einmal.',
  invitationDownload: 'Als CSV herunterladen',
  invitationCounts: {
    invitations: 'Einladungen',
    here: 'Haben ein Konto',
    invited: 'Schon eingeladen',
    emails: 'Mit E-Mail-Adresse',
    mails: 'E-Mails, die verschickt werden',
    new_groups: 'Neue Gruppen',
    new_pools: 'davon mit Gruppenkonto',
    joins: 'Gruppenmitglieder, sobald alle da sind',
    plans: 'Tarife, sobald alle da sind',
    tokens: 'Token, sobald alle da sind',
  },
  inviteeStates: {
    new: 'wird eingeladen',
    here: 'hat ein Konto',
    invited: 'schon eingeladen',
  },
  invitationChooses: 'wählt selbst',
  invitationSheetText: (count) => `${counted(count, 'Zettel', 'Zettel')}, einer für jede Person.`,
  invitationSlipFor: 'Dein Zugang',
  invitationSlipName: (username) => `Dein Benutzername: ${username}`,
  invitationSlipOpen: 'Öffne diese Seite oder scanne das Bild:',
  invitationSlipType: 'Wähle „Ich habe einen Einladungscode“ und tippe:',
  invitationSlipChooseBoth:
    'Wähle dann einen Benutzernamen und ein Passwort, und zeig diesen Zettel niemandem.',
  invitationSlipChoose: 'Wähle dann ein Passwort, und zeig diesen Zettel niemandem.',
  invitationSlipUntil: (when) => `Gültig bis ${when}`,
  invitationQr: (name) => `QR-Code für ${name}`,
  invitationFaultTexts: {
    not_csv:
      'Das ist kein CSV: Ein Anführungszeichen fehlt oder steht mitten in einer Zelle. Setze die ' +
      'ganze Zelle in Anführungszeichen und verdopple die darin.',
    workbook:
      'Das ist eine Arbeitsmappe, kein CSV. Wähle in der Tabellenkalkulation „Speichern unter“ ' +
      'und den Typ „CSV UTF-8“.',
    no_rows: 'Es gibt keine Zeile mit einer Person. Füge unter der Kopfzeile eine hinzu.',
    too_many_rows: 'Eine Datei darf höchstens 2.000 Zeilen haben. Teile sie auf.',
    no_person_column:
      'Keine Spalte sagt, um wen es geht. Die erste Zeile muss Überschriften haben, darunter ' +
      'Name, Benutzername oder E-Mail.',
    unknown_column:
      'Diese Spalte ist nicht bekannt. Lösche sie oder nenne sie wie eine von diesen: Name (oder ' +
      'Vorname und Nachname), Benutzername, E-Mail, Gruppen, Tarif, Guthaben.',
    column_twice: 'Eine andere Spalte bedeutet dasselbe. Lösche eine von beiden.',
    cell_without_column:
      'Hier steht etwas unter keiner Überschrift. Setze Zellen mit Komma oder Semikolon in ' +
      'Anführungszeichen oder gib der Spalte eine Überschrift:',
    nobody: 'Hier steht nicht, um wen es geht: Gib Namen, Benutzernamen oder E-Mail-Adresse an.',
    not_storable:
      'Die Zelle enthält ein Zeichen, das sich nicht speichern lässt. Tippe sie neu ein.',
    too_long:
      'Die Zelle ist zu lang. Kürze sie: Namen haben höchstens 100 Zeichen, Benutzernamen 50.',
    not_a_username:
      'So kann kein Konto heißen. Nimm Buchstaben einer Schrift, Ziffern, Punkte und Striche, ' +
      'keinen Doppelpunkt; „system“ ist vergeben.',
    named_twice:
      'Dieser Name oder ein zu ähnlicher kommt weiter oben schon vor. Ändere einen von beiden.',
    name_taken: 'Wähle einen anderen Namen. Ein Konto oder eine Einladung hat einen zu ähnlichen:',
    not_an_email: 'Das ist keine E-Mail-Adresse. Berichtige sie oder lass die Zelle leer.',
    email_twice:
      'Diese Adresse kommt weiter oben schon vor. Lösche eine der Zeilen oder eine der Adressen.',
    not_tokens: 'Das ist keine ganze Zahl von Token. Schreibe nur Ziffern, zum Beispiel 500.',
    unknown_plan:
      'Es gibt keinen Tarif mit diesem Namen. Berichtige ihn, lege ihn zuerst an oder lass die ' +
      'Zelle leer.',
  },
  invitationEarlierRow: (row, text) => `Wie in Zeile ${number(row)}. ${text}`,
};
