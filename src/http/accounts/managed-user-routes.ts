import { Type } from 'typebox';
import {
  changeUser,
  createUser,
  deleteUser,
  endKeyOf,
  endSessionsOf,
  passwordLinkFor,
  userWith,
} from '../../app/accounts/manage-users.ts';
import type { OneTimeLink } from '../../app/accounts/one-time-links.ts';
import { listSessions } from '../../app/accounts/sessions.ts';
import type { Context } from '../../app/context.ts';
import { readStatement } from '../../app/credits/read-statement.ts';
import { availableOf } from '../../core/ledger.ts';
import { rowsForPage } from '../../core/page.ts';
import { isStorable } from '../../core/storable-text.ts';
import type { UserCursor, UserListQuery, UserOrder } from '../../store/accounts/user-lists.ts';
import type { ListedUser, User } from '../../store/accounts/users.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { cursorIn, cursorPageOf, iso, limitIn, staffIn } from '../framework/lists.ts';
import { reasonCodeOf } from './account-routes.ts';
import {
  AdminKeyPath,
  AdminStatement,
  AdminStatementQuery,
  AdminUser,
  AdminUserDetail,
  AdminUserList,
  AdminUserPath,
  AdminUserQuery,
  Deletion,
  MadeUser,
  NewAdminUser,
  OneTimeLinkReply,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
  UserChange,
} from './managed-user-schema.ts';
import { namesOf } from './usernames.ts';

const tags = ['Admin: users'];
const security = [{ bearer: [] }];
const config = { access: 'staff' } as const;
const Done = Type.Null({ description: 'Done.' });
const NotFound = { 404: detailed('There is no such user.') };

/** Users, as staff see and change them. */
export function adminUserRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  userRoutes(api, context);
  changeRoutes(api, context);
  accessRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/admin/users/', {
    config,
    schema: {
      tags,
      security,
      summary: 'List users',
      querystring: AdminUserQuery,
      response: { 200: AdminUserList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const { q, state, role, sort = '-joined', cursor } = request.query;
      const limit = limitIn(request.query);
      const prefix = q?.trim() || undefined;
      const order = (prefix ? 'name' : sort.replace('-', '')) as UserOrder;
      const after = cursorIn(cursor, isCursorOf(order));
      const isDescending = prefix ? false : sort.startsWith('-');
      const query: UserListQuery = {
        prefix,
        state,
        role,
        order,
        isDescending,
        after,
        limit: rowsForPage(limit),
      };
      const found = await context.userLists.page(query);
      const { items, more } = cursorPageOf(found, limit, ({ cursor: at }) => at);
      const users = items.map(({ user }) => shown(user));
      return { users: [...(after ? [] : await withId(prefix)), ...users], ...more };
    },
  });

  /** Who is looked for by id stands before those whose names begin so. */
  const withId = async (text: string | undefined) => {
    if (!text || !/^\d{1,16}$/.test(text)) return [];
    const found = await context.users.among({ usernames: [], ids: [Number(text)] });
    return found.filter(({ username }) => !username.startsWith(text)).map(shown);
  };

  api.post('/api/admin/users/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Make an account',
      body: NewAdminUser,
      response: { 201: MadeUser, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { username, password, tokens, is_staff: isStaff, is_superuser } = request.body;
      const wanted = { username, password, openingCredits: tokens };
      const flags = { isStaff: isStaff ?? false, isSuperuser: is_superuser ?? false };
      const made = await createUser(context, staffIn(request), { ...wanted, ...flags });
      const user = await shownOf(context, made.user);
      return reply.code(201).send({ user, link: made.link ? shownLink(made.link) : null });
    },
  });
}

function userRoutes(api: Api, context: Context): void {
  api.get('/api/admin/users/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Read one user',
      params: AdminUserPath,
      response: { 200: AdminUserDetail, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      const [holds, sessions, keys] = await Promise.all([
        context.holds.openOf(user.id),
        listSessions(context, user.id),
        context.apiKeys.of(user.id),
      ]);
      return {
        user: await shownOf(context, user),
        holds: holds.map(({ id, credits, model, createdAtMs }) => ({
          id,
          tokens: credits,
          model,
          created_at: iso(createdAtMs),
        })),
        sessions: sessions.map(({ jti, issuedAtMs, expiresAtMs }) => ({
          id: jti,
          created_at: iso(issuedAtMs),
          expires_at: iso(expiresAtMs),
        })),
        keys: keys.map(({ id, name, prefix, budgetCredits, spentCredits, lastUsedAtMs }) => ({
          id,
          name,
          prefix,
          budget: budgetCredits ?? null,
          spent: spentCredits,
          last_used_at: iso(lastUsedAtMs),
        })),
      };
    },
  });

  api.get('/api/admin/users/:id/history/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Read the statement of a user',
      params: AdminUserPath,
      querystring: AdminStatementQuery,
      response: { 200: AdminStatement, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const { cursor, limit } = request.query;
      const user = await userWith(context, Number(request.params.id));
      const page = await readStatement(context, user.id, { cursor, limit });
      const nameIn = await namesOf(
        context,
        page.lines.map(({ actor }) => actor),
      );
      return {
        results: page.lines.map((line) => ({
          id: line.id,
          kind: line.kind,
          amount: line.credits,
          balance_after: line.balanceCredits,
          model: line.model,
          reason: line.reason,
          reason_code: reasonCodeOf(line),
          actor: line.actor,
          actor_name: nameIn(line.actor),
          timestamp: iso(line.atMs),
          refunded: line.isRefunded,
        })),
        has_more: page.nextCursor !== undefined,
        next_cursor: page.nextCursor ?? null,
      };
    },
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.patch('/api/admin/users/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Let a user in or not, give or take the flags of staff',
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
      const id = Number(request.params.id);
      const user = await changeUser(context, staffIn(request), id, { ...wanted, reason });
      return shownOf(context, user);
    },
  });

  api.delete('/api/admin/users/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Erase a user; the bookings stay, without a name',
      params: AdminUserPath,
      querystring: Deletion,
      response: {
        204: Done,
        409: detailed('Something is still being written for the user.'),
        ...NotFound,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const id = Number(request.params.id);
      await deleteUser(context, staffIn(request), id, request.query.reason);
      return reply.code(204).send(null);
    },
  });
}

function accessRoutes(api: Api, context: Context): void {
  api.post('/api/admin/users/:id/password-link/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Make a link by which the user chooses a new password',
      params: AdminUserPath,
      response: { 201: OneTimeLinkReply, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const link = await passwordLinkFor(context, staffIn(request), Number(request.params.id));
      return reply.code(201).send(shownLink(link));
    },
  });

  api.post('/api/admin/users/:id/end-sessions/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Sign a user out everywhere',
      params: AdminUserPath,
      response: { 204: Done, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await endSessionsOf(context, staffIn(request), Number(request.params.id));
      return reply.code(204).send(null);
    },
  });

  api.delete('/api/admin/users/:id/keys/:key/', {
    config,
    schema: {
      tags,
      security,
      summary: 'End an API key of a user',
      params: AdminKeyPath,
      response: {
        204: Done,
        404: detailed('There is no such user, or no such key.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { id, key } = request.params;
      await endKeyOf(context, staffIn(request), Number(id), key);
      return reply.code(204).send(null);
    },
  });
}

/** Names are text, all else that users are sorted by is whole numbers. */
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
    date_joined: iso(user.joinedAtMs),
    last_seen: iso(user.lastSeenAtMs),
  };
}

function shownLink({ path, expiresAtMs }: OneTimeLink) {
  return { path, expires_at: iso(expiresAtMs) };
}
