import {
  changeUser,
  createUser,
  deleteUser,
  disableUsers,
  endKeyOf,
  endSessionsOf,
  passwordLinkFor,
  userWith,
} from '../../app/accounts/manage-users.ts';
import type { OneTimeLink } from '../../app/accounts/one-time-links.ts';
import { listSessions } from '../../app/accounts/sessions.ts';
import { tiedIdentitiesOf } from '../../app/accounts/sign-in/untie-identity.ts';
import type { Context } from '../../app/context.ts';
import { planOfAccount } from '../../app/credits/account-plan.ts';
import { availableOf } from '../../core/ledger.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import { isStorable } from '../../core/storable-text.ts';
import type { UserCursor, UserListQuery, UserOrder } from '../../store/accounts/user-lists.ts';
import type { ListedUser, User } from '../../store/accounts/users.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { principalOf, requireScope, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { requireFreshProof, requireProofToGive } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import { shownIdentity } from './identity-routes.ts';
import {
  AdminKeyPath,
  AdminUser,
  AdminUserDetail,
  AdminUserList,
  AdminUserPath,
  AdminUserQuery,
  Deletion,
  Disabled,
  Disabling,
  MadeUser,
  NewAdminUser,
  OneTimeLinkReply,
  UserChange,
} from './managed-user-schema.ts';
import { CSV_COLUMNS, exportedUsers } from './user-export.ts';

const tags = ['Admin: users'];
const security = [{ bearer: [] }];
/** The newest; whoever has more has a program that signs in again and again. */
const SHOWN_SESSIONS = 200;
const NotFound = { 404: detailed('User not found.') };

/** Users, for staff to see and change. */
export function managedUserRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  userRoutes(api, context);
  changeRoutes(api, context);
  accessRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/admin/users/', {
    config: staffWith('users:read'),
    schema: {
      tags,
      security,
      summary: 'List users, or download all of them with their plans and groups',
      querystring: AdminUserQuery,
      response: { 200: AdminUserList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { q, state, role, sort = '-joined', cursor, format } = request.query;
      const limit = limitIn(request.query);
      const prefix = q?.trim() || undefined;
      const order = (prefix ? 'name' : sort.replace('-', '')) as UserOrder;
      const after = cursorIn(cursor, isCursorOf(order));
      const wanted: UserListQuery = {
        prefix,
        state,
        role,
        order,
        isDescending: !prefix && sort.startsWith('-'),
        after,
        limit: rowsForPage(limit),
      };
      const { actor } = principalOf(request);
      if (format === 'csv') {
        return sendCsv(reply, 'users', CSV_COLUMNS, exportedUsers(context, actor, wanted));
      }
      const found = await context.heavyReads.run(actor, () => context.userLists.page(wanted));
      const { items, last } = pageOf(found, limit);
      const users = items.map(({ user }) => shown(user));
      return {
        users: after ? users : [...(await withId(prefix)), ...users],
        ...nextPage(last && cursorText(last.cursor)),
      };
    },
  });

  /** A user whose id was searched comes before those whose names begin with it. */
  const withId = async (text: string | undefined) => {
    if (!text || !/^\d{1,16}$/.test(text)) return [];
    const found = await context.users.among({ usernames: [], ids: [Number(text)] });
    return found.filter(({ username }) => !username.startsWith(text)).map(shown);
  };

  api.post('/api/admin/users/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'Create an account',
      body: NewAdminUser,
      response: { 201: MadeUser, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { username, password, tokens, is_staff: isStaff, is_superuser } = request.body;
      // An opening balance is a grant.
      if (tokens !== undefined) requireScope(request, 'credits:write');
      if (isStaff || is_superuser) await requireFreshProof(context, request);
      await requireProofToGive(context, request, tokens ?? 0);
      const made = await createUser(context, principalOf(request), {
        username,
        password,
        openingCredits: tokens,
        isStaff: isStaff ?? false,
        isSuperuser: is_superuser ?? false,
      });
      const user = await shownOf(context, made.user);
      return reply.code(201).send({ user, link: made.link ? shownLink(made.link) : null });
    },
  });
}

function userRoutes(api: Api, context: Context): void {
  api.get('/api/admin/users/:id/', {
    config: staffWith('users:read'),
    schema: {
      tags,
      security,
      summary: 'Read one user',
      params: AdminUserPath,
      response: { 200: AdminUserDetail, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      // First, since it renews what is due.
      const plan = await planOfAccount(context, user.id);
      const [holds, sessions, keys, factors, identities] = await Promise.all([
        context.holds.openOf(user.id),
        listSessions(context, user.id, { limit: SHOWN_SESSIONS }),
        context.apiKeys.of(user.id),
        context.factors.of(user.id),
        tiedIdentitiesOf(context, user.id),
      ]);
      return {
        user: await shownOf(context, user),
        plan: shownAccountPlan(plan),
        holds: holds.map(({ id, credits, model, createdAtMs }) => ({
          id,
          tokens: credits,
          model,
          created_at: isoTime(createdAtMs),
        })),
        sessions: sessions.items.map(
          ({ jti, issuedAtMs, expiresAtMs, browser = null, system = null }) => ({
            id: jti,
            created_at: isoTime(issuedAtMs),
            expires_at: isoTime(expiresAtMs),
            browser,
            system,
          }),
        ),
        factors: {
          totp: factors.totp !== undefined,
          passkeys: factors.passkeys.length,
          recovery_codes: factors.recoveryCodes,
        },
        identities: identities.map(shownIdentity),
        keys: keys.map(({ id, name, prefix, budgetCredits, spentCredits, lastUsedAtMs }) => ({
          id,
          name,
          prefix,
          budget: budgetCredits ?? null,
          spent: spentCredits,
          last_used_at: isoTime(lastUsedAtMs),
        })),
      };
    },
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.patch('/api/admin/users/:id/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'Enable or disable a user, or change their staff flags',
      params: AdminUserPath,
      body: UserChange,
      response: { 200: AdminUser, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { is_active: isActive, is_staff: isStaff, is_superuser, reason } = request.body;
      const wanted = {
        ...(isActive === undefined ? {} : { isActive }),
        ...(isStaff === undefined ? {} : { isStaff }),
        ...(is_superuser === undefined ? {} : { isSuperuser: is_superuser }),
      };
      if (isStaff || is_superuser) await requireFreshProof(context, request);
      const id = Number(request.params.id);
      const user = await changeUser(context, principalOf(request), id, { ...wanted, reason });
      return shownOf(context, user);
    },
  });

  api.delete('/api/admin/users/:id/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'Erase a user; the transfers stay, without a name',
      params: AdminUserPath,
      querystring: Deletion,
      response: {
        204: NoContent,
        409: detailed('A reply is still being written for the user.'),
        ...NotFound,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const id = Number(request.params.id);
      await deleteUser(context, principalOf(request), id, request.query.reason);
      return reply.code(204).send(null);
    },
  });
}

function accessRoutes(api: Api, context: Context): void {
  api.post('/api/admin/users/disable/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'Disable users: all of them or none',
      body: Disabling,
      response: {
        200: Disabled,
        404: detailed('One of the users was not found; none was disabled.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { ids, reason } = request.body;
      return { disabled: await disableUsers(context, principalOf(request), ids, reason) };
    },
  });

  api.post('/api/admin/users/:id/password-link/', {
    config: staffWith('users:links'),
    schema: {
      tags,
      security,
      summary: 'Create a link with which the user can choose a new password',
      params: AdminUserPath,
      response: { 201: OneTimeLinkReply, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const link = await passwordLinkFor(context, principalOf(request), Number(request.params.id));
      return reply.code(201).send(shownLink(link));
    },
  });

  api.post('/api/admin/users/:id/end-sessions/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'Sign a user out everywhere',
      params: AdminUserPath,
      response: { 204: NoContent, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await endSessionsOf(context, principalOf(request), Number(request.params.id));
      return reply.code(204).send(null);
    },
  });

  api.delete('/api/admin/users/:id/keys/:key/', {
    config: staffWith('users:write'),
    schema: {
      tags,
      security,
      summary: 'End an API key of a user',
      params: AdminKeyPath,
      response: {
        204: NoContent,
        404: detailed('User or API key not found.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { id, key } = request.params;
      await endKeyOf(context, principalOf(request), Number(id), key);
      return reply.code(204).send(null);
    },
  });
}

/** Users are sorted by name, which is text, or by a whole number. */
function isCursorOf(order: UserOrder) {
  return (it: unknown): it is UserCursor => {
    const { value, id } = (it ?? {}) as { value?: unknown; id?: unknown };
    if (!Number.isSafeInteger(id)) return false;
    if (order !== 'name') return Number.isSafeInteger(value);
    return typeof value === 'string' && isStorable(value);
  };
}

async function shownOf(context: Context, user: User) {
  const account = await context.ledger.account(user.id);
  const availableCredits = account ? availableOf(account) : 0;
  return shown({ ...user, availableCredits, heldCredits: account?.heldCredits ?? 0 });
}

function shown(user: ListedUser) {
  return {
    id: user.id,
    username: user.username,
    tokens: user.availableCredits,
    held: user.heldCredits,
    is_active: user.isActive,
    is_staff: user.isStaff,
    is_superuser: user.isSuperuser,
    date_joined: isoTime(user.joinedAtMs),
    last_seen: isoTime(user.lastSeenAtMs),
  };
}

function shownLink({ path, expiresAtMs }: OneTimeLink) {
  return { path, expires_at: isoTime(expiresAtMs) };
}
