import type { enFactors } from '../en/factors.ts';

/** Second factors of users and of staff. */
export const deFactors: typeof enFactors = {
  factorFirst:
    'Wer zum Team gehört, braucht neben dem Passwort einen zweiten Faktor. Richte ihn zuerst in ' +
    'deinem Konto ein und komm dann wieder.',
  toFactors: 'Zweiten Faktor einrichten',
  resetFactors: 'Zweite Faktoren entfernen',
  resetFactorsTitle: (name: string) => `Zweite Faktoren von ${name} entfernen?`,
  resetFactorsText: (name: string) => [
    `${name} meldet sich dann nur mit dem Passwort an und wird überall abgemeldet.`,
    'Vergewissere dich, dass wirklich diese Person fragt: Das Passwort könnte auch jemand ' +
      'anders haben.',
  ],
  factorsReset: (name: string) => `Die zweiten Faktoren von ${name} sind entfernt.`,
  identities: 'Meldet sich an mit',
  identityDirectory: 'Verzeichnis (LDAP)',
  identitySince: (when: string) => `verbunden ${when}`,
  untie: 'Trennen',
  untieTitle: (way: string, name: string) => `${way} von ${name} trennen?`,
  untieText: (name: string) => [
    `${name} kann sich dann nicht mehr so anmelden und wird überall abgemeldet. Bleibt kein ` +
      'anderer Weg, erstelle einen Link zum Wählen eines Passworts.',
    'Wer in einem Verzeichnis steht oder eine Adresse hat, für die der Anmeldedienst bürgt, kann ' +
      'bei der nächsten Anmeldung wieder verbunden werden.',
  ],
  untied: (way: string, name: string) => `${way} ist von ${name} getrennt.`,
};
