import type { ModelStrings } from './en.ts';

/** Was die Seite über Modelle sagt. */
export const modelsDe: ModelStrings = {
  thinkingFor: (seconds) => `Denkt nach … ${seconds} s`,
  thoughtFor: (seconds) => `${seconds} s nachgedacht`,
  thought: 'Nachgedacht',
  thoughtMissing: 'Die Gedanken des Modells konnten nicht geladen werden.',
  costOfThinking: (cost) => `davon etwa ${cost} fürs Nachdenken`,
  about: (usual) => `etwa ${usual} Token`,
  perMessage: (price) => `${price} Token`,
  aboutAtMost: (usual, most) => `Etwa ${usual} Token, höchstens ${most}`,
  twoAnswers: (cost) => `${cost} für zwei Antworten`,
  stillAnswering: 'Gerade wird eine Antwort geschrieben. Warte darauf oder stoppe sie.',
  chooseAnother: 'Anderes Modell',
  allModels: 'Alle Modelle …',
  useInstead: 'Stattdessen:',
  regenerateWith: 'Neu generieren mit …',
  comparison: 'Zwei Antworten zum Vergleichen',
  continueWith: (model) => `Mit ${model} weitermachen`,
  modelLabel: 'Modell: ',
  efforts: {
    none: 'Aus',
    minimal: 'Minimal',
    low: 'Wenig',
    medium: 'Mittel',
    high: 'Viel',
    xhigh: 'Sehr viel',
    max: 'Maximal',
  },
};
