import type { toolErrorsEn, toolFailuresEn, toolsEn } from './en.ts';

export const toolsDe: typeof toolsEn = {
  button: 'Werkzeuge',
  buttonOn: (count) => `Werkzeuge: ${count} an`,
  title: 'Werkzeuge in diesem Chat',
  none: 'Hier gibt es keine Werkzeuge.',
  modelCannot: 'Dieses Modell kann keine Werkzeuge nutzen.',
  perCall: (price) => `${price} Token pro Aufruf`,
  free: 'Kostenlos',
  asks: 'fragt vor jedem Aufruf',
  away: 'Zurzeit nicht erreichbar',
  costsAtMost: (price, rounds) =>
    `Höchstens ${price} Token in bis zu ${rounds} ${rounds === 1 ? 'Runde' : 'Runden'}`,
  searching: 'Sucht im Web …',
  searched: 'Im Web gesucht',
  using: (name, tool) => `Nutzt ${name} (${tool}) …`,
  used: (name, tool) => `${name} (${tool}) genutzt`,
  wantsSearch: 'Im Web suchen?',
  wants: (name, tool) => `${name} (${tool}) nutzen?`,
  cost: (price) => `${price} Token`,
  denied: 'abgelehnt',
  failed: 'keine Antwort, nicht berechnet',
  refused: 'nicht möglich',
  round: (which: number) => `Runde ${which}`,
  sent: 'Gesendet',
  answer: 'Antwort',
  allow: 'Einmal erlauben',
  deny: 'Ablehnen',
  allowLabel: (question) => `Einmal erlauben: ${question}`,
  denyLabel: (question) => `Ablehnen: ${question}`,
  untilLabel: (time) => `Wartet bis ${time} auf dich`,
};

export const toolFailuresDe: typeof toolFailuresEn = {
  tools_unpaid: 'Für den nächsten Schritt reichten die Token nicht.',
  tools_cost_reached: 'Die Antwort hat ihr Kostenlimit erreicht.',
  tools_unapproved: 'Das Werkzeug wurde nicht rechtzeitig erlaubt.',
  tools_broke_off: 'Nach seinen Werkzeugen hat das Modell nicht weitergeschrieben.',
};

export const toolErrorsDe: typeof toolErrorsEn = {
  tool_unavailable: ({ tool }) =>
    `Das Werkzeug „${tool}“ ist nicht erreichbar. Nichts wurde berechnet; schalte es ab ` +
    'oder versuche es später.',
  cost_limit_reached: 'Diese Nachricht kostet mehr, als sie darf. Nichts wurde berechnet.',
  nothing_to_approve: 'Das ist schon entschieden, oder es ist zu spät.',
};
