import type { EffectWords, enPlans } from '../en/plans.ts';
import { accounts as accountsText, number, tokens } from './plurals.ts';

function planEffect(effect: EffectWords): string[] {
  const { accounts, untouched, from, expired, given, first, last } = effect;
  if (accounts + untouched === 0)
    return ['Kein Konto hat diesen Tarif, also ändert sich für niemanden etwas.'];
  const about = `Das betrifft ${accountsText(accounts)}.`;
  const now =
    expired + given === 0
      ? 'Jetzt verfällt nichts, und es wird nichts gutgeschrieben.'
      : `Jetzt verfallen: ${tokens(expired)}. Jetzt gutgeschrieben: ${tokens(given)}.`;
  const when =
    from === 'now' ? 'Die nächste Erneuerung ist' : 'Es gilt ab der nächsten Erneuerung:';
  const renewal =
    first === undefined
      ? []
      : first === last
        ? [`${when} am ${first}.`]
        : [`${when} je nach Konto vom ${first} bis zum ${last}.`];
  const kept =
    untouched === 0
      ? []
      : [`Unverändert bis zu ihrem eigenen Enddatum: ${accountsText(untouched)}.`];
  return [about, now, ...renewal, ...kept];
}

/** Texts about plans, in German. */
export const dePlans: typeof enPlans = {
  plans: 'Tarife',
  plan: 'Tarif',
  newPlan: 'Neuer Tarif',
  createPlan: 'Tarif erstellen',
  noPlans:
    'Noch keine Tarife. Ein Tarif gibt Konten jeden Tag, jede Woche, jeden Monat oder in ' +
    'festen Zeiträumen Token.',
  onlyActivePlans: 'Laufende Tarife',
  endedPlansToo: 'Beendete Tarife einschließen',
  planIsEnded: 'beendet',
  allowance: 'Kontingent',
  accountsWithPlan: 'Konten',
  nextRenewal: 'Nächste Erneuerung',
  planNotFound: 'Tarif nicht gefunden',
  planNotFoundText: 'Diesen Tarif gibt es nicht.',
  planName: 'Name des Tarifs',
  tokensEach: 'Token pro Zeitraum',
  renewsEvery: 'Erneuert sich',
  periodKinds: {
    day: 'jeden Tag',
    week: 'jede Woche',
    month: 'jeden Monat',
    term: 'in Zeiträumen mit Datum',
  },
  onWeekday: 'Am',
  onDayOfMonth: 'Am Tag (31 ist immer der letzte des Monats)',
  terms: 'Zeiträume, beide Tage eingeschlossen',
  firstDay: 'Erster Tag',
  lastDay: 'Letzter Tag',
  addTerm: 'Zeitraum hinzufügen',
  removeOne: 'Entfernen',
  timeZone: 'Tage beginnen um Mitternacht in',
  planLimits: 'Weitere Limits',
  planWindows: 'Limits für Ausgaben',
  atMost: 'Höchstens (Token)',
  within: 'Innerhalb von',
  windowKinds: {
    hours: 'Stunden ab der ersten Nutzung',
    day: 'einem Tag',
    week: 'einer Woche',
    month: 'einem Monat',
  },
  hours: 'Stunden',
  addWindow: 'Limit hinzufügen',
  planModels: 'Modelle, für die er zahlt, durch Kommas getrennt (leer: alle)',
  requestsPerMinute: 'Nachrichten pro Minute (leer: kein Limit)',
  usagePerMinute: 'Modell-Token pro Minute (leer: kein Limit)',
  takesEffect: 'Gilt',
  fromRenewal: 'Ab der nächsten Erneuerung',
  fromNow: 'Ab sofort',
  changePlan: 'Tarif ändern',
  changePlanTitle: (name) => `Den Tarif ${name} ändern?`,
  planInProgress: (done, total) =>
    `Wird gerade für ${accountsText(total)} geändert: ${number(done)} fertig.`,
  planGoesOn: 'Gestartet. Es läuft im Hintergrund weiter.',
  planChanged: (name) => `Der Tarif ${name} wurde geändert.`,
  replacePlan: 'Tarif ersetzen',
  replaceText:
    'Wann ein Tarif sich erneuert, lässt sich nicht ändern. Es entsteht ein neuer Tarif, den ' +
    'alle Konten mit dem alten bekommen, und der alte wird beendet.',
  endPlan: 'Tarif beenden',
  endPlanTitle: (name) => `Den Tarif ${name} beenden?`,
  planEnded: (name) => `Der Tarif ${name} wurde beendet.`,
  planEffect,
  hasNoPlan: 'Dieses Konto hat keinen Tarif.',
  changeUserPlan: 'Tarif ändern',
  givePlan: 'Tarif zuweisen',
  givePlanTitle: (user, plan) => `${user} den Tarif ${plan} zuweisen?`,
  givePlanTo: (count) => `Tarif zuweisen: ${accountsText(count)}`,
  givePlanToTitle: (count, plan) => `Den Tarif ${plan} zuweisen: ${accountsText(count)}?`,
  planGivenTo: (count, plan) => `Den Tarif ${plan} bekommen: ${accountsText(count)}.`,
  nobodyChosen: 'Niemand ist ausgewählt. Wähle zuerst Konten in der Liste aus.',
  takePlan: 'Tarif dieses Kontos beenden',
  takePlanTitle: (user) => `Den Tarif von ${user} beenden?`,
  userPlanChanged: (user) => `Der Tarif von ${user} wurde geändert.`,
  choosePlan: 'Tarif wählen',
  noPlan: 'Kein Tarif',
  planUntil: 'Bis zum Beginn des (leer: unbefristet)',
};
