import { Type } from 'typebox';
import { deleteOwnAccount } from '../../app/accounts/delete-own-account.ts';
import { exportAccount } from '../../app/accounts/export-account.ts';
import { isFactorMissing } from '../../app/accounts/factors/staff-factor.ts';
import { passwordResetsOf } from '../../app/accounts/password-resets.ts';
import { ownWaysOf } from '../../app/accounts/sign-in/own-ways.ts';
import type { Context } from '../../app/context.ts';
import { planOfAccount } from '../../app/credits/account-plan.ts';
import { readSpendable } from '../../app/credits/read-limits.ts';
import { ChitError } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, Throttled, USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { sendFile } from '../framework/download.ts';
import {
  requireFreshProof,
  requireProofOfFactor,
  sessionOfRequest,
} from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { zipped } from '../framework/zip.ts';
import { accountArchive } from './account-archive.ts';
import { accountJson } from './account-export.ts';
import { AccountArchive, AccountDeletion, AccountExport, Me } from './account-schema.ts';
import { dropCookie } from './session-cookie.ts';
import { namesOf } from './usernames.ts';

const DAY_MS = 86_400_000;

/** The account of the signed-in user. */
export function accountRoutes(api: Api, context: Context): void {
  exportRoutes(api, context);
  deletionRoute(api, context);

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
      const ways = await ownWaysOf(context, user.id);
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
        instructions: await context.prompts.defaultInstructions(user.id),
        staff_reads_chats: context.policy.canStaffReadChats,
        chats_kept_days: chatsMs === undefined ? null : Math.round(chatsMs / DAY_MS),
        needs_second_factor: await isFactorMissing(
          context,
          user,
          sessionOfRequest(context, request),
        ),
        has_password: ways.hasPassword,
        sign_in: [...ways.providers],
        password_resets: resets.map(({ madeBy, madeAtMs, usedAtMs }) => ({
          made_by: nameOf(madeBy),
          made_at: isoTime(madeAtMs),
          used_at: isoTime(usedAtMs),
        })),
      };
    },
  });
}

function exportRoutes(api: Api, context: Context): void {
  api.get('/api/account/export/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Export all that is stored about you, as JSON',
      description:
        'Your account, address for mail, notices, groups, API keys (without the keys), sessions, ' +
        'vouchers, statement, what staff did to your account, conversations and messages. At ' +
        'most ten times an hour.',
      security: [{ bearer: [] }],
      response: { 200: AccountExport, ...USER_ERRORS, 429: Throttled },
    },
    handler: async (request, reply) => {
      const user = await exportedUser(context, userOf(request).id);
      return sendFile(reply, {
        name: 'account.json',
        type: 'application/json',
        pieces: accountJson(exportAccount(context, user), context.now()),
      });
    },
  });

  api.get('/api/account/archive/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Download everything of your account as one archive',
      description:
        'A zip with the same JSON document, your statement as CSV, each chat as Markdown and ' +
        'your files. At most ten times an hour, together with the JSON.',
      security: [{ bearer: [] }],
      response: { 200: AccountArchive, ...USER_ERRORS, 429: Throttled },
    },
    handler: async (request, reply) => {
      const user = await exportedUser(context, userOf(request).id);
      return sendFile(reply, {
        name: 'account.zip',
        type: 'application/zip',
        pieces: zipped(accountArchive(context, user), context.now()),
      });
    },
  });
}

function deletionRoute(api: Api, context: Context): void {
  api.post('/api/account/delete/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Delete your account',
      description:
        'Erases your name, chats, keys and sessions for good; what was booked stays in the ' +
        'ledger, without your name. What is left of your balance is lost. Without a password, a ' +
        'fresh proof is needed in its place; who has a second factor needs one in any case.',
      security: [{ bearer: [] }],
      body: AccountDeletion,
      response: {
        204: Type.Null({ description: 'The account is closed; all that was yours is erased.' }),
        403: detailed('A fresh proof is needed.'),
        429: Throttled,
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { username, password } = request.body;
      const { ip: address } = request;
      if (password === undefined) await requireFreshProof(context, request);
      else await requireProofOfFactor(context, request);
      await deleteOwnAccount(context, userOf(request), { username, password, address });
      dropCookie(reply);
      return reply.code(204).send(null);
    },
  });
}

/** The user whose account is exported, which counts as one of ten in an hour. */
async function exportedUser(context: Context, userId: number): Promise<User> {
  const user = await context.users.byId(userId);
  if (!user) throw new ChitError('user_not_found', undefined);
  await context.exportLimit.count(userId);
  return user;
}
