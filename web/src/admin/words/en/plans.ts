import { counted, number } from './plurals.ts';

/** What an action on plans will do; days as people read them. */
export interface EffectWords {
  readonly accounts: number;
  readonly untouched: number;
  readonly from: 'now' | 'renewal';
  readonly expired: number;
  readonly given: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

function planEffect(effect: EffectWords): string[] {
  const { accounts, untouched, from, expired, given, first, last } = effect;
  if (accounts + untouched === 0) return ['No account has this plan, so none is affected.'];
  const about = `This affects ${counted(accounts, 'account')}.`;
  const now =
    expired + given === 0
      ? 'Nothing expires and nothing is given now.'
      : `Now: ${counted(expired, 'token')} will expire, ${counted(given, 'token')} will be given.`;
  const when = from === 'now' ? 'The next renewal is' : 'It takes effect at the next renewal:';
  const renewal =
    first === undefined
      ? []
      : first === last
        ? [`${when} on ${first}.`]
        : [`${when} from ${first} to ${last}, depending on the account.`];
  const kept =
    untouched === 0
      ? []
      : [`Unchanged until their own end date: ${counted(untouched, 'account')}.`];
  return [about, now, ...renewal, ...kept];
}

/** Texts about plans. */
export const enPlans = {
  plans: 'Plans',
  plan: 'Plan',
  newPlan: 'New plan',
  createPlan: 'Create plan',
  noPlans: 'No plans yet. A plan gives accounts tokens each day, week, month or term.',
  onlyActivePlans: 'Active plans',
  endedPlansToo: 'Include ended plans',
  planIsEnded: 'ended',
  allowance: 'Allowance',
  accountsWithPlan: 'Accounts',
  nextRenewal: 'Next renewal',
  planNotFound: 'Plan not found',
  planNotFoundText: 'There is no such plan.',
  planName: 'Name',
  tokensEach: 'Tokens per period',
  renewsEvery: 'Renews every',
  periodKinds: { day: 'day', week: 'week', month: 'month', term: 'term, with dates' },
  onWeekday: 'On',
  onDayOfMonth: 'On day (31 is the last of each month)',
  terms: 'Terms, both days included',
  firstDay: 'First day',
  lastDay: 'Last day',
  addTerm: 'Add a term',
  removeOne: 'Remove',
  timeZone: 'Days begin at midnight in',
  planLimits: 'Limits',
  planWindows: 'Limits on spending',
  atMost: 'At most (tokens)',
  within: 'Within',
  windowKinds: {
    hours: 'hours from first use',
    day: 'a day',
    week: 'a week',
    month: 'a month',
  },
  hours: 'Hours',
  addWindow: 'Add a limit',
  planModels: 'Models it pays for, separated by commas (empty: all)',
  requestsPerMinute: 'Messages per minute (empty: no limit)',
  usagePerMinute: 'Model tokens per minute (empty: no limit)',
  takesEffect: 'Takes effect',
  fromRenewal: 'At the next renewal',
  fromNow: 'Now',
  changePlan: 'Change plan',
  changePlanTitle: (name: string) => `Change the plan ${name}?`,
  planInProgress: (done: number, accounts: number) =>
    `Being changed for ${counted(accounts, 'account')}: ${number(done)} done.`,
  planGoesOn: 'Started. It continues in the background.',
  planChanged: (name: string) => `The plan ${name} was changed.`,
  replacePlan: 'Replace plan',
  replaceText:
    'When a plan renews can’t be changed. This creates a new plan, moves all accounts of the ' +
    'old one to it, and ends the old one.',
  endPlan: 'End plan',
  endPlanTitle: (name: string) => `End the plan ${name}?`,
  planEnded: (name: string) => `The plan ${name} was ended.`,
  planEffect,
  hasNoPlan: 'This user has no plan.',
  changeUserPlan: 'Change plan',
  givePlan: 'Give plan',
  givePlanTitle: (user: string, plan: string) => `Give ${user} the plan ${plan}?`,
  givePlanTo: (count: number) => `Give a plan to ${counted(count, 'user')}`,
  givePlanToTitle: (count: number, plan: string) =>
    `Give ${counted(count, 'user')} the plan ${plan}?`,
  planGivenTo: (count: number, plan: string) => `${counted(count, 'user')} got the plan ${plan}.`,
  nobodyChosen: 'Nobody is selected. Select users in the list first.',
  takePlan: 'End this user’s plan',
  takePlanTitle: (user: string) => `End ${user}’s plan?`,
  userPlanChanged: (user: string) => `${user}’s plan was changed.`,
  choosePlan: 'Choose a plan',
  noPlan: 'No plan',
  planUntil: 'Until the start of (empty: no end)',
};
