import { exportAccount } from '../../app/accounts/export-account.ts';
import { passwordResetsOf } from '../../app/accounts/password-resets.ts';
import type { Context } from '../../app/context.ts';
import { planOfAccount } from '../../app/credits/account-plan.ts';
import { readSpendable } from '../../app/credits/read-limits.ts';
import { ChitError } from '../../core/errors.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { Throttled, USER_ERRORS } from '../framework/common-schema.ts';
import { sendFile } from '../framework/download.ts';
import { isoTime } from '../framework/iso-time.ts';
import { accountJson } from './account-export.ts';
import { AccountExport, Me } from './account-schema.ts';
import { namesOf } from './usernames.ts';

const DAY_MS = 86_400_000;

/** The account of the signed-in user. */
export function accountRoutes(api: Api, context: Context): void {
  api.get('/api/account/export/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Export all that is stored about you, as JSON',
      description:
        'Your account, groups, API keys (without the keys), sessions, vouchers, statement, what ' +
        'staff did to your account, conversations and messages. At most ten times an hour.',
      security: [{ bearer: [] }],
      response: { 200: AccountExport, ...USER_ERRORS, 429: Throttled },
    },
    handler: async (request, reply) => {
      const { id } = userOf(request);
      const user = await context.users.byId(id);
      if (!user) throw new ChitError('user_not_found', undefined);
      await context.exportLimit.count(id);
      return sendFile(reply, {
        name: 'account.json',
        type: 'application/json',
        pieces: accountJson(exportAccount(context, user), context.now()),
      });
    },
  });

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
      const { chatsMs } = context.policy.retention;
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
        chats_kept_days: chatsMs === undefined ? null : Math.round(chatsMs / DAY_MS),
        password_resets: resets.map(({ madeBy, madeAtMs, usedAtMs }) => ({
          made_by: nameOf(madeBy),
          made_at: isoTime(madeAtMs),
          used_at: isoTime(usedAtMs),
        })),
      };
    },
  });
}
