import type { enUsage } from '../en/usage.ts';
import { number } from './plurals.ts';

/** Texts about usage, in German. */
export const deUsage: typeof enUsage = {
  timeSpan: 'Zeitraum',
  lastDay: 'Letzte 24 Stunden',
  last30Days: 'Letzte 30 Tage',
  lastYear: 'Letzte 12 Monate',
  byGranularity: { hour: 'Nach Stunden', day: 'Nach Tagen', month: 'Nach Monaten' },
  allModels: 'Alle Modelle',
  usageLast30Days: 'Nutzung, letzte 30 Tage',

  charged: 'Berechnete Token',
  refundedTokens: 'Erstattet',
  input: 'Eingabe-Token',
  output: 'Ausgabe-Token',
  inputShort: 'Eingabe',
  outputShort: 'Ausgabe',
  modelTokens: 'Modell-Token',
  activeUsers: 'Aktive Konten',
  failures: 'Fehlgeschlagen',
  responseTime: 'Antwortzeit',
  median: 'Medianwert',
  p95: '95. Perzentil',
  medianApproximate: 'Median (ca.)',
  p95Approximate: '95. Perzentil (ca.)',
  messagesByModel: 'Nachrichten nach Modell',
  chargedByModel: 'Berechnete Token nach Modell',

  chart: 'Diagramm',
  chartHint: 'Mit den Pfeiltasten links und rechts lassen sich die Werte ablesen.',
  total: (count) => `insgesamt ${count}`,
  peak: (count) => `höchstens ${count}`,
  noneInSpan: 'Keine in diesem Zeitraum.',
  approximate: (seconds) => `etwa ${seconds}`,
  underShortest: 'unter 0,1 s',
  approximateText: 'Auf etwa 10 % genau',
  topModels: (count) => `Die ${count} Modelle mit den höchsten Kosten; in der Tabelle stehen alle.`,

  utc: 'Tage und Stunden in UTC.',
  stillRunning: {
    hour: 'Gestrichelt: die laufende Stunde.',
    day: 'Gestrichelt: der laufende Tag.',
    month: 'Gestrichelt: der laufende Monat.',
  },
  soFar: 'bisher',
  asOf: (when) => `Stand: ${when}; neuere Daten werden noch verarbeitet.`,

  inNumbers: 'In Zahlen',
  period: 'Zeitabschnitt (UTC)',
  day: 'Tag (UTC)',
  byModel: 'Nach Modell',
  providerCost: 'Anbieterkosten',
  earned: 'Ertrag',
  shortfall: 'Ungedeckt',
  notSpecified: 'nicht angegeben',
  earnedText: 'Ertrag: berechnete Token abzüglich Erstattungen und Anbieterkosten.',
  byUser: 'Nach Konto',
  topUsers: 'Meiste Nutzung',
  usersOfAllModels: 'Die Nutzung nach Konto gibt es nur für alle Modelle zusammen.',
  noUsageByUser: 'Keine Nutzung in diesem Zeitabschnitt.',
  showRows: (count) => `Alle ${number(count)} anzeigen`,

  noUsage: 'In diesem Zeitraum wurde kein Modell genutzt.',
  noUsageText:
    'Nach der ersten Nachricht zeigen Diagramme hier Nachrichten, Token, Konten, Fehlschläge ' +
    'und Antwortzeiten.',
  showLastYear: 'Die letzten 12 Monate anzeigen',
};
