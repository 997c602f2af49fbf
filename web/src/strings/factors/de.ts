import type { FactorsTexts } from './en.ts';

/** Proofs and second factors, in German. */
export const factorsDe: FactorsTexts = {
  proof: {
    title: 'Bist du es?',
    text: 'Bestätige, dass du es bist, dann geht es weiter. Bisher wurde nichts geändert.',
    confirm: 'Bestätigen',
  },
  second: {
    text: 'Noch ein Schritt: Zeig, dass du es wirklich bist.',
    goOn: 'Weiter',
    back: 'Zurück zur Anmeldung',
  },
  usePasskey: 'Passkey verwenden',
  code: 'Code aus deiner Authenticator-App',
  recoveryCode: 'Wiederherstellungscode',
  insteadRecovery: 'Wiederherstellungscode verwenden',
  insteadCode: 'Authenticator-App verwenden',
  passkeyStopped: 'Der Passkey wurde nicht verwendet. Bitte versuch es noch einmal.',
  title: 'Passkeys und zweite Faktoren',
  intro:
    'Mit einem zweiten Faktor kommt niemand hinein, der nur dein Passwort kennt. Mit einem ' +
    'Passkey meldest du dich ganz ohne Passwort an.',
  required: 'Weil du zum Team dieser Seite gehörst, brauchst du einen zweiten Faktor.',
  none: 'Du meldest dich nur mit deinem Passwort an.',
  app: 'Authenticator-App',
  appSince: (when: string) => `Seit ${when}`,
  addApp: 'Authenticator-App einrichten',
  replaceApp: 'Neu einrichten',
  scan:
    'Scanne diesen Code mit einer Authenticator-App oder gib den Schlüssel von Hand ein. Tippe ' +
    'dann den Code, den sie zeigt.',
  qr: 'QR-Code mit dem Schlüssel',
  key: 'Schlüssel',
  codeShown: 'Code, den die App zeigt',
  turnOn: 'Einschalten',
  passkeys: 'Passkeys',
  addPasskey: 'Passkey hinzufügen',
  passkeyName: 'Name des Passkeys, etwa das Gerät',
  create: 'Passkey erstellen',
  passkeyElsewhere: 'Unter dieser Adresse funktionieren keine Passkeys.',
  neverUsed: (made: string) => `Hinzugefügt ${made}, noch nicht benutzt`,
  lastUsed: (when: string) => `Zuletzt benutzt ${when}`,
  remove: 'Entfernen',
  removeNamed: (name: string) => `${name} entfernen`,
  removeQuestion: (name: string) => `Mit „${name}“ kannst du dich dann nicht mehr anmelden.`,
  codes: 'Wiederherstellungscodes',
  codesLeft: (count: number) =>
    count === 1
      ? 'Noch ein Code. Er lässt dich hinein, wenn du alles andere verloren hast.'
      : `Noch ${count} Codes. Jeder lässt dich einmal hinein, wenn du alles andere verloren hast.`,
  renewCodes: 'Neue Wiederherstellungscodes erstellen',
  newCodes: 'Deine Wiederherstellungscodes',
  newCodesText:
    'Bewahre sie sicher auf, zum Beispiel auf Papier. Sie werden nur jetzt gezeigt, und jeder ' +
    'gilt einmal.',
  copyCodes: 'Codes kopieren',
  saveCodes: 'Herunterladen',
  codesFile: 'wiederherstellungscodes.txt',
  kept: 'Ich habe sie aufbewahrt',
  others: {
    text: 'Andere Geräte sind noch ohne den neuen Faktor angemeldet. Sollen sie abgemeldet werden?',
    end: 'Andere Geräte abmelden',
    keep: 'Angemeldet lassen',
    ended: 'Du bist jetzt nur noch hier angemeldet.',
  },
};
