import type { SecurityTexts } from './en.ts';

/** What happens to an account, and its sessions, in German. */
export const securityDe: SecurityTexts = {
  parts: {
    page: 'Darstellung und Chats',
    tokens: 'Token und API-Schlüssel',
    security: 'Anmeldung und Sicherheit',
    notices: 'E-Mail und Benachrichtigungen',
    data: 'Dateien und Daten',
  },
  title: 'Kontoaktivität',
  text: 'Die letzten 90 Tage, das Neueste zuerst.',
  none: 'Bisher nichts.',
  more: 'Ältere anzeigen',
  from: (place) => `von ${place}`,
  notYou: 'Stammt etwas davon nicht von dir? Melde dich überall sonst ab und ändere dein Passwort.',
  wasMe: 'Das war ich',
  check: 'Das war ich nicht',
  signIn: (device) => `Neue Anmeldung: ${device}`,
  passwordBy: {
    you: 'Dein Passwort wurde geändert',
    link: 'Dein Passwort wurde über einen Link gesetzt',
    staff: 'Die Betreiber dieser Seite haben dir ein neues Passwort gegeben',
  },
  passwordLink: (until) =>
    'Die Betreiber dieser Seite haben einen Link für ein neues Passwort erstellt, gültig bis ' +
    until,
  passwordForgotten:
    'Jemand hat einen Link für ein neues Passwort angefordert; er ging per E-Mail an dich',
  key: (name) => `Neuer API-Schlüssel: „${name}“`,
  adminKey: (name) => `Neuer Admin-Schlüssel: „${name}“`,
  factors: {
    passkey: 'Passkey',
    totp: 'Authenticator-App',
    recovery_codes: 'Wiederherstellungscodes',
  },
  factorNamed: (factor, name) => `${factor} „${name}“`,
  factorChanges: {
    added: (factor) => `Hinzugefügt: ${factor}`,
    removed: (factor) => `Entfernt: ${factor}`,
    renewed: (factor) => `Ersetzt: ${factor}`,
  },
  identityBy: {
    provider: (name) => `In dein Konto kommt man jetzt auch mit „${name}“`,
    ldap: 'Du meldest dich jetzt mit deinem Passwort aus dem Verzeichnis an',
    scim: 'Ein Verzeichnis verwaltet jetzt dein Konto',
  },
  identities: {
    title: 'Konten, mit denen du dich anmeldest',
    directory: 'Verzeichnis deiner Organisation',
    remove: 'Trennen',
    removeNamed: (name) => `„${name}“ trennen`,
    question: (name) =>
      `„${name}“ ist dann nicht mehr mit deinem Konto verbunden. Verwaltet deine Organisation ` +
      'dein Konto, kann es bei der nächsten Anmeldung auf diesem Weg wieder verbunden werden.',
    removed:
      'Getrennt. Angemeldete Geräte bleiben angemeldet; unter „Aktive Sitzungen“ kannst du sie ' +
      'abmelden.',
  },
  identityRemoved: {
    provider: (name) => `„${name}“ wurde von deinem Konto getrennt`,
    ldap: 'Das Verzeichnis wurde von deinem Konto getrennt',
  },
  email: (address) => `Deine E-Mail-Adresse ist jetzt ${address}`,
  noEmail: 'Deine E-Mail-Adresse wurde entfernt',
  balanceLow: (below) => `Dein Guthaben ist unter ${below} Token gefallen`,
  poolLow: (group, below) => `Das Gruppenkonto von ${group} ist unter ${below} Token gefallen`,
  renewed: (amount) => `Dein Tarif hat dir ${amount} Token gutgeschrieben`,
  sessions: {
    lastUsed: (when) => `zuletzt benutzt ${when}`,
    endOthers: 'Überall sonst abmelden',
    othersEnded: 'Du bist jetzt nur noch hier angemeldet.',
  },
};
