import type { FactorsTexts } from './en.ts';

/** Proofs and second factors, in German. */
export const factorsDe: FactorsTexts = {
  proof: {
    title: 'Bist du es?',
    text:
      'Dafür musst du dich noch einmal ausweisen. Noch ist nichts geschehen; nach der ' +
      'Bestätigung geht es weiter.',
    confirm: 'Bestätigen',
  },
};
