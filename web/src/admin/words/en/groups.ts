import { counted, number } from './plurals.ts';

/** The time in which the charges of a limit add up. */
export type LimitPeriod = 'none' | 'hours' | 'day' | 'week' | 'month' | 'term';

/** @param hours only for `hours` */
function groupLimitText(tokens: number, period: LimitPeriod, hours: number): string {
  const amount = counted(tokens, 'token');
  switch (period) {
    case 'hours':
      return `${amount} in ${counted(hours, 'hour')} from first use`;
    case 'day':
      return `${amount} a day`;
    case 'week':
      return `${amount} a week`;
    case 'month':
      return `${amount} a month`;
    case 'term':
      return `${amount} a term`;
    default:
      return `${amount} in total`;
  }
}

/** Texts about groups, their members and pools. */
export const enGroups = {
  groups: 'Groups',
  searchGroups: 'Group name contains',
  groupState: 'Which groups',
  groupsActive: 'Active groups',
  groupsEnded: 'Ended groups',
  noGroups: 'No groups here yet.',
  groupsText: 'The groups that you manage: who is in them, what they use, and what they may use.',
  groupsUsed: 'Used in 30 days',
  groupsUsageCsv: 'Usage as CSV',
  newGroup: 'New group',
  groupName: 'Group name',
  groupWithPool: 'With a pool that pays for its members',
  groupCreate: 'Create group',
  groupNotFound: 'Group not found',
  groupNotFoundText: 'There is no such group, or you don’t manage it.',
  groupMembers: 'Members',
  groupMemberCount: (count: number) => counted(count, 'member'),
  groupPool: 'Pool',
  groupNoPool: 'no pool',
  groupCreated: 'Created',
  groupEndedAt: 'Ended on',
  groupEndedChip: 'Ended',
  groupManager: 'Manager',
  groupModels: 'Models that the pool pays for',
  groupAllModels: 'all models',
  groupOnlyModels: 'Only these models (names, separated by commas; all if empty)',
  groupSave: 'Save',
  groupSaved: 'Saved.',
  groupEdit: 'Name and models',
  groupEnd: 'End group',
  groupEndTitle: (name: string) => `End the group ${name}?`,
  groupEndConsequences: (members: number, tokens: number) => [
    `The pool stops paying for ${counted(members, 'member')} at once; answers in progress are ` +
      'finished and charged.',
    tokens === 0
      ? 'The pool is empty.'
      : `What is in it (${counted(tokens, 'token')}) stays there until you move it. An allowance ` +
        'is not renewed.',
    'This can’t be undone.',
  ],
  groupEnded: (name: string) => `The group ${name} has ended.`,

  // Its pool.
  poolAdd: 'Add tokens to the pool or remove them',
  poolAmount: 'Tokens (minus removes)',
  poolApply: 'Apply to the pool',
  poolApplied: (tokens: number) => `Done. The pool has ${counted(tokens, 'token')}.`,
  poolHeld: 'On hold in the pool',
  poolExpiring: 'Ends with the allowance',
  poolPlan: 'Plan of the pool',
  poolNoPlan: 'The pool has no plan: what is in it stays until it is used.',
  poolRenews: (plan: string, when: string) => `${plan}, renews on ${when}`,
  poolGivePlan: 'Give the pool a plan',

  // Its members.
  groupSearchMembers: 'Username contains',
  groupNoMembers: 'Nobody is in this group yet.',
  groupThisMonth: 'Used this month',
  groupAddMembers: 'Add members',
  groupAddText: 'Usernames, one per line',
  groupAddAsManagers: 'As managers: they see the group’s usage and give out its pool',
  groupAdded: (count: number) =>
    count === 0 ? 'They were all in the group already.' : `Added ${counted(count, 'member')}.`,
  groupRemove: 'Remove from group',
  groupRemoveTitle: (count: number) => `Remove ${counted(count, 'member')} from the group?`,
  groupRemoveText: 'The pool will no longer pay for their messages. Their accounts stay.',
  groupRemoved: (count: number) => `Removed ${counted(count, 'member')}.`,
  groupMakeManager: 'Make manager',
  groupEndManager: 'Remove as manager',
  groupToGive: (tokens: number, ending: number) =>
    ending === 0
      ? `${counted(tokens, 'token')} can be given out.`
      : `${counted(tokens, 'token')} can be given out. ${counted(ending, 'token')} of the ` +
        'allowance can only be used from the pool.',
  groupGiveEach: 'Tokens per member',
  groupGiveReason: 'Reason, shown in their statements',
  groupGive: (count: number) => `Give to ${counted(count, 'member')}`,
  groupGiven: (tokens: number, count: number) =>
    `Gave ${counted(tokens, 'token')} to ${counted(count, 'member')}.`,

  // What each of them may use.
  groupLimits: 'Limits for each member',
  groupNoLimits: 'No limits: each member may use the whole pool.',
  groupLimitText,
  groupLimitRenews: (when: string) => `renews ${when}`,
  groupLimitUsed: (used: number, limit: number) => `${number(used)} of ${number(limit)}`,
  groupLimitAdd: 'Add limit',
  groupLimitTokens: 'Tokens per member',
  groupLimitPeriod: 'Period',
  groupLimitPeriods: {
    none: 'in total',
    hours: 'some hours from first use',
    day: 'a day',
    week: 'a week, from Monday',
    month: 'a month, from the 1st',
  },
  groupLimitHours: 'Hours',
  groupLimitChange: 'Change limit',
  groupLimitOwn: (name: string) => `Limit for ${name} only, in tokens (empty: same as everyone)`,
  groupLimitChangeOf: (name: string) => `Change the limit of ${name}`,
  groupLimitIsOwn: 'individual',
  groupLimitEnd: 'Remove limit',
  groupLimitEndTitle: 'Remove this limit?',
  groupLimitEndText: 'Members will then be limited only by the pool and other limits.',

  // Usage and statement.
  groupUsage: 'Usage of the pool in the last 30 days',
  groupNobodyUsed: 'Nobody used the pool in this period.',
  groupUsageRefunded: 'Refunded',
  groupStatement: 'Statement of the pool',
  groupUsedBy: (name: string) => `used by ${name}`,
  groupsOfUser: 'Groups',
};
