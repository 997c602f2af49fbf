import type { enCredits, ListTotals } from '../en/credits.ts';
import { shorten } from '../shorten.ts';
import { accounts, counted, number, tokens } from './plurals.ts';

function totalsText(totals: ListTotals): string {
  const parts = [
    ...(totals.added > 0 ? [`${tokens(totals.added)} hinzugefügt`] : []),
    ...(totals.removed > 0 ? [`${tokens(totals.removed)} abgezogen`] : []),
  ];
  return `${accounts(totals.accounts)}: ${parts.join(', ')}.`;
}

function appliedText(totals: ListTotals, username: string | undefined): string {
  if (username === undefined) return `Gebucht. ${totalsText(totals)}`;
  return totals.added > 0
    ? `${username} hat ${tokens(totals.added)} bekommen.`
    : `${username} wurden ${tokens(totals.removed)} abgezogen.`;
}

/** Texts about balances, statements and refunds, in German. */
export const deCredits: typeof enCredits = {
  creditsText:
    'Ein Konto pro Zeile: ein Benutzername, dann wie viele Token dazukommen (oder mit Minus ' +
    'abgehen). Zuerst siehst du eine Vorschau; dann wird alles gebucht oder nichts.',
  list: 'Konten und Token',
  listPlaceholder: 'ada 500\ngrace -20',
  sameForAll: 'Gleicher Betrag für alle',
  setAll: 'Einsetzen',
  reasonHint: 'Bitte keine Namen nennen: Der Text bleibt, wenn ein Konto gelöscht wird.',
  reasonPlaceholder: 'Steht in den Kontoauszügen und im Protokoll',
  preview: 'Vorschau',
  problems: (count) => `${counted(count, 'Problem', 'Probleme')}.`,
  problemsText: 'So kann nichts gebucht werden. Geh zurück und korrigiere die Liste.',
  planProblems: {
    account_unknown: 'Dieses Konto gibt es nicht.',
    balance_limit: 'Das Guthaben würde den Höchstwert überschreiten.',
    insufficient_credits: 'Das Guthaben reicht nicht.',
    named_twice: 'Dieses Konto steht doppelt in der Liste.',
    nothing: 'Der Betrag ist 0.',
    untouchable: 'Das Guthaben von Superusern können nur Superuser ändern.',
  },
  apply: (count) => `Für ${accounts(count)} buchen`,
  before: 'Vorher',
  after: 'Nachher',
  backToList: 'Zurück zur Liste',
  line: (line) => `Zeile ${number(line)}`,
  emptyList: 'Die Liste ist leer. Gib ein Konto pro Zeile ein.',
  tooManyLines: (count, max) =>
    `Die Liste hat ${counted(count, 'Zeile', 'Zeilen')}; auf einmal gebucht werden höchstens ` +
    `${number(max)}. Teile sie auf.`,
  lineFaults: {
    no_number: (text) =>
      `erwartet wird ein Benutzername, gefolgt von einer ganzen Zahl: ${shorten(text)}`,
    ambiguous: (text) =>
      `${text} nach einem Komma lässt sich auf zwei Arten lesen. Schreib es ohne Kommas.`,
    too_large: (text) => `${shorten(text)} ist zu groß, das sind mehr als 15 Ziffern.`,
  },
  moreFaults: (count) => `und ${number(count)} weitere`,
  outcomeUnknown:
    'Der Server hat nicht geantwortet, deshalb ist nicht bekannt, ob gebucht wurde. Versuche es ' +
    'erneut: Dieselbe Liste wird nur einmal gebucht, egal wie oft du sie von hier sendest.',
  outcomeUnknownBefore:
    'Auf eine früher gesendete Liste hat der Server nicht geantwortet, deshalb ist nicht ' +
    'bekannt, ob sie gebucht wurde. Wenn du dieselbe Liste mit demselben Grund noch einmal ' +
    'sendest, wird sie nur einmal gebucht. Prüfe das Protokoll, bevor du eine andere schreibst.',
  outcomeChecked: 'Ich habe es geprüft',
  totalsText,
  appliedText,

  noTransactions: 'Noch keine Buchungen.',
  by: (name) => `von ${name}`,
  refund: 'Erstatten',
  refunded: 'erstattet',
  refundTitle: (name) => `${name} eine Nachricht erstatten?`,
  refundText: (amount, name, when, model) =>
    `${name} bekommt ${tokens(amount)} für die Nachricht vom ${when} (${model}) zurück.`,
  refundTokens: (amount) => `${tokens(amount)} erstatten`,
  refundDone: (amount, name) => `${name} wurden ${tokens(amount)} erstattet.`,
};
