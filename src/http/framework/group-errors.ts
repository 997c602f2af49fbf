/** The responses to errors about groups, in the one table of `errors.ts`. */
import type { ErrorCode, ErrorDetails } from '../../core/errors.ts';
import type { ErrorResponse } from './http-error.ts';

/** Names in one sentence. */
const MOST_NAMED = 10;

type GroupErrorCode = Extract<
  ErrorCode,
  | `group_${string}`
  | 'users_unknown'
  | 'not_members'
  | 'pool_insufficient'
  | 'gift_to_oneself'
  | 'budget_not_found'
  | 'too_many_budgets'
>;

export const GROUP_ERRORS: {
  readonly [Code in GroupErrorCode]: (details: ErrorDetails[Code]) => ErrorResponse<Code>;
} = {
  group_not_found: () => ({ status: 404, detail: 'Group not found.' }),
  group_name_taken: () => ({
    status: 409,
    detail: 'Another group has this name. Choose another one.',
  }),
  group_ended: () => ({ status: 409, detail: 'This group has ended. Create a new one instead.' }),
  group_without_pool: () => ({ status: 409, detail: 'This group has no pool.' }),
  group_member_not_found: () => ({ status: 404, detail: 'This user is not in the group.' }),
  users_unknown: ({ users }) => ({
    status: 400,
    detail: `Nothing was changed: there is no user ${listed(users)}.`,
    params: { users: users.slice(0, MOST_NAMED), count: users.length },
  }),
  not_members: ({ users }) => ({
    status: 400,
    detail: `Nothing was booked: not in the group: ${listed(users)}.`,
    params: { users: users.slice(0, MOST_NAMED), count: users.length },
  }),
  pool_insufficient: ({ neededCredits }) => ({
    status: 400,
    detail:
      `Nothing was booked: the pool has less than ${neededCredits} tokens that can be given out. ` +
      'Those that end with its allowance cannot.',
    params: { needed: neededCredits },
  }),
  gift_to_oneself: () => ({
    status: 403,
    detail: 'Nothing was booked: you cannot give tokens to yourself. Ask the staff of this site.',
  }),
  budget_not_found: () => ({ status: 404, detail: 'This group has no such budget.' }),
  too_many_budgets: ({ most }) => ({
    status: 409,
    detail: `A group can have at most ${most} budgets. End one of them first.`,
    params: { max: most },
  }),
};

/** Names in a sentence: the first few, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((it) => `"${it}"`);
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
