import type { SecurityTexts } from './en.ts';

/** What happens to an account, and its sessions, in German. */
export const securityDe: SecurityTexts = {
  title: 'Was mit deinem Konto geschah',
  text: 'In den letzten 90 Tagen, das Neueste zuerst.',
  none: 'Noch nichts.',
  more: 'Frühere anzeigen',
  from: (place) => `von ${place}`,
  notYou: 'Ist eine davon nicht deine? Melde dich überall sonst ab und ändere dann dein Passwort.',
  wasMe: 'Das war ich',
  check: 'Das war ich nicht',
  signIn: (device) => `Neue Anmeldung: ${device}`,
  passwordBy: {
    you: 'Dein Passwort wurde geändert',
    link: 'Dein Passwort wurde über einen Link gesetzt',
    staff: 'Der Betreiber dieser Seite hat dir ein neues Passwort gesetzt',
  },
  passwordLink: (until) =>
    `Das Team hat einen Link erstellt, mit dem sich bis ${until} dein Passwort wählen lässt`,
  passwordForgotten:
    'Jemand hat einen Link angefordert, um dein Passwort zu wählen; er wurde dir geschickt',
  key: (name) => `Neuer API-Schlüssel: „${name}“`,
  factors: { passkey: 'Passkey', totp: 'Authenticator-App', recovery_codes: 'Ersatzcodes' },
  factorChanges: {
    added: (factor) => `Neu für die Anmeldung: ${factor}`,
    removed: (factor) => `Nicht mehr für die Anmeldung: ${factor}`,
    renewed: (factor) => `Neu erstellt: ${factor}`,
  },
  email: (address) => `Deine E-Mail-Adresse ist jetzt ${address}`,
  noEmail: 'Deine E-Mail-Adresse wurde entfernt',
  balanceLow: (below) => `Dein Guthaben ist unter ${below} Tokens gefallen`,
  renewed: (amount) => `Dein Tarif hat dir ${amount} Tokens gutgeschrieben`,
  sessions: {
    lastUsed: (when) => `zuletzt benutzt ${when}`,
    endOthers: 'Überall sonst abmelden',
    othersEnded: 'Du bist jetzt nur noch hier angemeldet.',
  },
};
