import type { ModelStrings } from './en.ts';

/** Was die Seite über Modelle sagt. */
export const modelsDe: ModelStrings = {
  thinkingFor: (seconds) => `Denkt nach … ${seconds} s`,
  thoughtFor: (seconds) => `${seconds} s nachgedacht`,
  thought: 'Nachgedacht',
  thoughtMissing: 'Was das Modell gedacht hat, lässt sich gerade nicht lesen.',
  costOfThinking: (cost) => `davon etwa ${cost} fürs Nachdenken`,
};
