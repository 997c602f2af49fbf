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
};
