import type { LimitKind, LimitWindow } from '../../state/machines/payers.ts';
import { nounsOf } from '../plurals.ts';

const noun = nounsOf('en');
/** @param count as it is written */
const tokens = (count: string) => `${count} ${noun(count, 'token', 'tokens')}`;

/** In what time a limit counts. */
const per = ({ kind, hours }: LimitWindow): string =>
  ({
    none: 'in total',
    hours: `in ${hours} ${noun(hours ?? 0, 'hour', 'hours')}`,
    day: 'a day',
    week: 'a week',
    month: 'a month',
    term: 'a term',
  })[kind];

const SHORT: Readonly<Record<LimitKind, string>> = {
  key: 'The API key’s budget is used up.',
  member: 'You have used up your share of the group’s tokens.',
  plan: 'You have reached a limit of your plan.',
  user: 'You have reached the limit that was set for you.',
  own: 'You have reached the limit that you set for yourself.',
};

/** What the page says of accounts that pay, and of limits. */
export const limitsEn = {
  title: 'Your tokens',
  personal: 'Your own account',
  key: (name: string) => `API key “${name}”`,
  kinds: {
    key: 'API key',
    member: 'Your share',
    plan: 'Limit of the plan',
    user: 'Limit set for you',
    own: 'Your own limit',
  } satisfies Record<LimitKind, string>,
  /** The same as staff see them. */
  kindsForStaff: {
    key: 'API key',
    member: 'Share of the group’s tokens',
    plan: 'Limit of the plan',
    user: 'Limit set by staff',
    own: 'The user’s own limit',
  } satisfies Record<LimitKind, string>,
  per,
  plan: (name: string, amount: string, window: LimitWindow) =>
    `${name}: ${tokens(amount)} ${per(window)}`,
  nextPlan: (name: string, when: string) => `then ${name}, from ${when}`,
  planEnds: (when: string) => `ends on ${when}`,
  renews: (when: string) => `renews on ${when}`,
  expiring: (amount: string) => `${amount} of it until then`,
  held: (amount: string) => `${amount} in use`,
  left: (amount: string) => `${tokens(amount)} left`,
  usedOf: (spent: string, limit: string, window: LimitWindow) =>
    `${spent} of ${limit} ${per(window)} used`,
  paysFirst: 'pays first',
  whoPays: 'Who pays',
  whoPaid: 'Who paid',
  paidBy: (name: string) => `${name} pays`,
  youPay: 'You pay',
  automatic: (name: string) => `${name} (automatic)`,
  toOwnLimit: 'Limit what you spend',
  /** What is missing, and what to do about it. */
  nothingLeftOf: (name: string) => `${name} has no tokens left.`,
  tooFewOf: (name: string) => `${name} doesn’t have enough tokens for this.`,
  short: SHORT,
  renewsThen: (when: string) => `It renews on ${when}.`,
  askForMore: (whom: string) => `Ask ${whom} for more.`,
  changeOwn: 'You can change it on the account page.',
  letOtherPay: 'Let another account pay.',
  ownTitle: 'Spending limit',
  ownText: 'You never spend more than this, whichever account pays.',
  amount: 'Tokens',
  window: 'Period',
  windows: { day: 'a day', week: 'a week', month: 'a month', none: 'in total' },
  setLimit: 'Set limit',
  removeLimit: 'Remove limit',
  limitSet: 'Limit set.',
  limitRemoved: 'Limit removed.',
  anyAccount: 'Any account',
};
