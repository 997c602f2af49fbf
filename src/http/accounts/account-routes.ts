import { passwordResetsOf } from '../../app/accounts/password-resets.ts';
import type { Context } from '../../app/context.ts';
import { planOfAccount } from '../../app/credits/account-plan.ts';
import { readSpendable } from '../../app/credits/read-limits.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { USER_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { Me } from './account-schema.ts';
import { namesOf } from './usernames.ts';

/** The account of the signed-in user. */
export function accountRoutes(api: Api, context: Context): void {
  api.get('/api/me/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Read your account',
      security: [{ bearer: [] }],
      response: { 200: Me, ...USER_ERRORS },
    },
    handler: async (request) => {
      const user = userOf(request);
      const resets = await passwordResetsOf(context, user.id);
      const nameOf = await namesOf(
        context,
        resets.map(({ madeBy }) => madeBy),
      );
      return {
        id: user.id,
        username: user.username,
        is_staff: user.isStaff,
        is_superuser: user.isSuperuser,
        manages_groups: await context.groups.managesAny(user.id),
        tokens: await readSpendable(context, user),
        plan: shownAccountPlan(await planOfAccount(context, user.id)),
        date_joined: isoTime(user.joinedAtMs),
        staff_reads_chats: context.policy.canStaffReadChats,
        password_resets: resets.map(({ madeBy, madeAtMs, usedAtMs }) => ({
          made_by: nameOf(madeBy),
          made_at: isoTime(madeAtMs),
          used_at: isoTime(usedAtMs),
        })),
      };
    },
  });
}
