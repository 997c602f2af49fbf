import { sessions as countedSessions, tokens as countedTokens, number } from './de-plurals.ts';
import type { enUsers } from './en-users.ts';
import { shortened } from './shortened.ts';

/** What the panel says of users and of what is booked for them, in German. */
export const deUsers: typeof enUsers = {
  tryAgain: 'Noch einmal',
  toList: 'Zur Liste',
  toContent: 'Zum Inhalt',
  allUsers: 'Alle Konten',
  noSuchPlace: 'Diese Seite gibt es nicht',
  noSuchPlaceText: (address) =>
    `Unter der Adresse ${address} ist nichts. Vielleicht ist sie vertippt.`,
  noSuchUser: 'Dieses Konto gibt es nicht',
  noSuchUserText: (id) =>
    `Kein Konto hat die Nummer ${id}: es wurde gelöscht, oder es gab nie eines.`,
  actions: 'Aktionen',
  id: 'Nummer',
  day: 'Tag (UTC)',
  account: 'Konto',
  auditOf: 'Im Protokoll',
  unit: () => 'Token',
  wholeNumber: 'Eine ganze Zahl mit bis zu 15 Ziffern',
  grantShort: 'Token geben',
  grantTo: (name) => `Token geben: ${name}`,
  disableOne: (name) => `${name} sperren`,
  enableOne: (name) => `${name} entsperren`,
  disableTitle: (name) => `${name} sperren?`,
  enableTitle: (name) => `${name} entsperren?`,
  isDisabled: (name) => `${name} ist gesperrt.`,
  isEnabled: (name) => `${name} ist entsperrt.`,
  nobodyToDisable: 'Da ist kein Konto zu sperren.',
  deleteTitle: (name) => `${name} endgültig löschen?`,
  typeToGoOn: (phrase) => `Zum Fortfahren ${phrase} eintippen`,
  isDeleted: (name) => `${name} wurde gelöscht.`,
  heldSince: (tokens, when) => `${tokens} Token zurückgelegt, seit ${when}`,
  spent: (tokens) => `${tokens} Token verbraucht`,
  spentOf: (tokens, budget) => `${tokens} von ${budget} Token verbraucht`,
  lastUsed: (when) => `zuletzt benutzt ${when}`,
  endKey: 'Schlüssel beenden',
  endKeyTitle: (key) => `Den Schlüssel ${key} beenden?`,
  endKeyText: (name, prefix, spent) =>
    `Der Schlüssel ${prefix} von ${name}, mit dem ${spent} Token verbraucht wurden, gilt sofort ` +
    'nicht mehr. Er lässt sich nicht zurückholen.',
  keyEnded: (key, name) => `Der Schlüssel ${key} von ${name} ist beendet.`,
  signedIn: (when) => `Angemeldet ${when}`,
  endSessionsTitle: (name) => `${name} überall abmelden?`,
  endSessionsText: (sessions) =>
    `${countedSessions(sessions)} ${sessions === 1 ? 'endet' : 'enden'}; offene Seiten fragen ` +
    'binnen Minuten nach dem Passwort. API-Schlüssel gelten weiter.',
  sessionsEnded: (sessions, name) => `Abgemeldet: ${countedSessions(sessions)} von ${name}.`,
  refunded: 'erstattet',
  refundTitle: (name) => `Eine Nachricht erstatten: ${name}?`,
  refundText: (tokens, name, when, model) =>
    `${name} bekommt ${countedTokens(tokens)} für die Nachricht vom ${when} (${model}) zurück.`,
  refundDeed: (tokens) => `${countedTokens(tokens)} erstatten`,
  refundDone: (tokens, name) => `Erstattet: ${countedTokens(tokens)} an ${name}.`,
  accountMade: (name) => `Das Konto ${name} ist angelegt.`,
  openUser: (name) => `${name} öffnen`,
  makeAnother: 'Noch eines anlegen',
  line: (line) => `Zeile ${number(line)}`,
  noLines: 'Die Liste ist leer. Schreib ein Konto je Zeile.',
  tooManyLines: (count, most) =>
    `Das sind ${number(count)} Zeilen; ${number(most)} lassen sich auf einmal buchen. Buche sie ` +
    'in Teilen.',
  lineFaults: {
    no_number: (text) =>
      `hier steht kein Name mit einer ganzen Zahl von Token dahinter: ${shortened(text)}`,
    ambiguous: (text) =>
      `${text} hinter einem Komma lässt sich auf zwei Arten lesen. Schreib es ohne Kommas.`,
    too_large: (text) => `${shortened(text)} ist zu groß, das sind mehr als 15 Ziffern.`,
  },
  moreFaults: (count) => `und ${number(count)} weitere`,
  showAll: (count) => `Alle ${count} zeigen`,
  unanswered:
    'Es kam keine Antwort, darum ist nicht bekannt, ob gebucht wurde. Versuche es noch einmal: ' +
    'so oft dieselbe Liste von hier gesendet wird, gebucht wird sie einmal.',
  unansweredBefore:
    'Auf eine Liste, die zuvor gesendet wurde, kam keine Antwort, darum ist nicht bekannt, ob ' +
    'sie gebucht wurde. Dieselbe Liste mit demselben Grund wird, noch einmal gesendet, nur ' +
    'einmal gebucht. Sieh ins Protokoll, bevor du eine andere schreibst.',
  settled: 'Ich habe nachgesehen',
};
