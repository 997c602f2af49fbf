import type { enOperations } from '../en/operations.ts';
import { counted, tokens } from './plurals.ts';

/** Texts about models, providers and settings, in German. */
export const deOperations: typeof enOperations = {
  provider: 'Anbieter',
  providers: 'Anbieter',
  price: 'Preis',
  providerPrice: 'Preis des Anbieters',
  perMessage: (price) => `${price} pro Nachricht`,
  ratePerMillion: (unit, price) => `${unit}: ${price} pro\u{A0}Mio.`,
  rateEach: (unit, price) => `${unit}: je ${price}`,
  ratesAbove: (limit) => `Bei mehr als ${limit} Eingabe-Token:`,
  tierFactor: (tier, factor) => `Stufe ${tier}: × ${factor}`,
  unpriced: 'In den letzten 7 Tagen ohne Preis genutzt:',
  unpricedUnit: (unit, count, charges) =>
    `${unit}: ${count} in ${counted(charges, 'Abbuchung', 'Abbuchungen')}`,
  availableTo: 'Verfügbar für',
  audiences: { everyone: 'alle', staff: 'das Team' },
  fallbacks: 'Ersatz',
  health: 'Zustand, letzte Stunde',
  healthStates: { answering: 'in Ordnung', failing: 'gestört', quiet: 'keine Anfragen' },
  failedOf: (failed, all) => `${failed} von ${all} fehlgeschlagen`,
  byFallback: (replies) => `${replies} vom Ersatz beantwortet`,
  byDearerFallback: (replies) => `${replies} davon zu einem höheren Preis`,
  endpoint: (position) => `Endpunkt ${position}`,
  restReasons: {
    account: 'Schlüssel oder Konto abgelehnt: bitte beim Anbieter prüfen',
    limited: 'Anfragelimit erreicht',
    failing: 'Antwortet nicht',
  },
  restsFor: (time) => `pausiert noch ${time}`,
  builtIn: 'eingebaut',
  noProviders: 'Es sind keine Anbieter eingerichtet: nur die in Chit eingebauten Modelle.',
  tryModel: 'Modell ausprobieren',
  tryModelText: 'Sendet eine Nachricht in deinem Namen, bezahlt aus deinem Guthaben.',
  replyCost: (cost, time) => `${tokens(cost)} · ${time}`,

  configurationFile: 'Konfigurationsdatei',
  fileReadAt: (file, when) => `${file}, gelesen am ${when}`,
  noFile: (when) =>
    'Es gibt keine chit.json: Die Modelle ergeben sich aus den Einstellungen, ' +
    `gelesen am ${when}.`,
  rereadRefused: (when) =>
    `Die Datei wurde am ${when} neu gelesen und hat Fehler. ` +
    'Die bisherige Konfiguration gilt weiter.',
  fileFaults: (count) =>
    `Die Datei hat ${counted(count, 'Fehler', 'Fehler')}. Die bisherige Konfiguration gilt weiter.`,
  checkFile: 'Auf Änderungen prüfen',
  fileUnchanged: 'Die Datei entspricht der geltenden Konfiguration.',
  fileChanges: (count) => `Die Datei würde ${counted(count, 'Wert', 'Werte')} ändern.`,
  applyFile: 'Übernehmen',
  fileApplied: 'Übernommen. Für laufende Antworten gelten die bisherigen Preise.',
  entry: 'Eintrag',
  aliases: 'Weitere Namen',
  rateLimits: 'Nutzungslimits',
  limit: 'Limit',
  limitScopes: { account: 'pro Konto', key: 'pro API-Schlüssel' },
  limitNames: {
    requests_per_minute: 'Anfragen pro Minute',
    concurrent_generations: 'Gleichzeitige Antworten',
    usage_tokens_per_minute: 'Modell-Token pro Minute',
  },
  unlimited: 'kein Limit',
  limitSources: { file: 'Konfigurationsdatei', none: 'nicht gesetzt' },

  undeclaredProxy: (address: string) =>
    `Anfragen kommen über einen Proxy (${address}), der nicht in CHIT_TRUSTED_PROXIES steht. ` +
    'Alle seine Nutzer gelten als eine Adresse: Vertippt sich einer zu oft, sind alle ausgesperrt.',
  setting: 'Einstellung',
  value: 'Wert',
  source: 'Quelle',
  hidden: 'verborgen',
  sources: { default: 'Standard', environment: 'Umgebung', '.env': '.env' },
  descriptionsNote: 'Die Beschreibungen der Einstellungen sind auf Englisch.',
  display: 'Darstellung',
  noSettings: 'Keine Einstellung passt dazu.',

  servers: 'Server',
  server: 'Server',
  thisServer: 'dieser hier',
  version: 'Version',
  runsSince: 'Läuft seit',
  differences: 'Abweichungen',
  noDifferences: 'keine',
  differencesOf: {
    secret_key:
      'Ein anderer geheimer Schlüssel: Anmeldungen und Gutscheincodes des einen gelten beim ' +
      'anderen nicht.',
    deployment:
      'Andere Modelle, Preise oder Limits: Dieselbe Anfrage kann auf einem davon mehr kosten.',
  },
  clockAhead: (seconds) => `Die Uhr geht gegenüber der Datenbank ${seconds}\u{A0}s vor.`,
  clockBehind: (seconds) => `Die Uhr geht gegenüber der Datenbank ${seconds}\u{A0}s nach.`,
  limitsNotShared:
    'Die Datenbank ist zurzeit nicht erreichbar: Jeder Server zählt Anfragen für sich.',
};
