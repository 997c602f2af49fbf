import type { LimitKind, LimitWindow } from '../../state/machines/payers.ts';
import { nounsOf } from '../plurals.ts';
import type { limitsEn } from './en.ts';

const noun = nounsOf('de');

/** In what time a limit counts. */
const per = ({ kind, hours }: LimitWindow): string =>
  ({
    none: 'insgesamt',
    hours: `in ${hours} ${noun(hours ?? 0, 'Stunde', 'Stunden')}`,
    day: 'pro Tag',
    week: 'pro Woche',
    month: 'pro Monat',
    term: 'pro Zeitraum',
  })[kind];

const SHORT: Readonly<Record<LimitKind, string>> = {
  key: 'Das Budget des API-Schlüssels ist aufgebraucht.',
  member: 'Dein Anteil an den Token der Gruppe ist aufgebraucht.',
  plan: 'Ein Limit deines Tarifs ist erreicht.',
  user: 'Das Limit, das für dich gilt, ist erreicht.',
  own: 'Das Limit, das du dir gesetzt hast, ist erreicht.',
};

/** What the page says of accounts that pay, and of limits, in German. */
export const limitsDe: typeof limitsEn = {
  title: 'Deine Token',
  personal: 'Dein eigenes Konto',
  key: (name) => `API-Schlüssel „${name}“`,
  kinds: {
    key: 'API-Schlüssel',
    member: 'Dein Anteil',
    plan: 'Limit des Tarifs',
    user: 'Limit, das für dich gilt',
    own: 'Dein eigenes Limit',
  },
  kindsForStaff: {
    key: 'API-Schlüssel',
    member: 'Anteil am Gruppenkonto',
    plan: 'Limit des Tarifs',
    user: 'Limit vom Team',
    own: 'Eigenes Limit',
  },
  per,
  plan: (name, amount, window) => `${name}: ${amount} Token ${per(window)}`,
  nextPlan: (name, when) => `ab ${when} ${name}`,
  planEnds: (when) => `endet am ${when}`,
  renews: (when) => `erneuert sich am ${when}`,
  expiring: (amount) => `${amount} davon bis dahin`,
  held: (amount) => `${amount} in Benutzung`,
  left: (amount) => `noch ${amount} Token`,
  usedOf: (spent, limit, window) => `${spent} von ${limit} ${per(window)} verbraucht`,
  paysFirst: 'zahlt zuerst',
  whoPays: 'Wer zahlt',
  whoPaid: 'Wer gezahlt hat',
  paidBy: (name) => `${name} zahlt`,
  youPay: 'Du zahlst',
  automatic: (name) => `${name} (automatisch)`,
  toOwnLimit: 'Ausgaben begrenzen',
  nothingLeftOf: (name) => `Keine Token mehr: ${name}.`,
  tooFewOf: (name) => `Dafür reichen die Token nicht: ${name}.`,
  short: SHORT,
  renewsThen: (when) => `Erneuert sich am ${when}.`,
  askForMore: (whom) => `Wende dich an ${whom}.`,
  changeOwn: 'Du kannst es auf der Kontoseite ändern.',
  letOtherPay: 'Lass ein anderes Konto zahlen.',
  ownTitle: 'Ausgabenlimit',
  ownText: 'Mehr gibst du nicht aus, egal welches Konto zahlt.',
  amount: 'Token',
  window: 'Zeitraum',
  windows: { day: 'pro Tag', week: 'pro Woche', month: 'pro Monat', none: 'insgesamt' },
  setLimit: 'Limit setzen',
  removeLimit: 'Limit aufheben',
  limitSet: 'Limit gesetzt.',
  limitRemoved: 'Limit aufgehoben.',
  anyAccount: 'Jedes Konto',
};
