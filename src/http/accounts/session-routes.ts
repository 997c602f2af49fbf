import { Type } from 'typebox';
import { logIn } from '../../app/accounts/log-in.ts';
import { endSession, listSessions } from '../../app/accounts/sessions.ts';
import { providerSignOut } from '../../app/accounts/sign-in/sign-in-by-provider.ts';
import {
  blacklistToken,
  readRefreshToken,
  refreshSession,
} from '../../app/accounts/use-refresh-token.ts';
import type { Context } from '../../app/context.ts';
import { hasCode } from '../../core/errors.ts';
import { isStorable } from '../../core/storable-text.ts';
import type { SessionCursor } from '../../store/accounts/refresh-tokens.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  PUBLIC_BODY_ERRORS,
  Throttled,
  Unauthorized,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import { toInvalidLogin } from './auth-routes.ts';
import { LoginBody, Refreshed } from './auth-schema.ts';
import { deviceIn, dropCookie, keepDevice, keepInCookie, tokenInCookie } from './session-cookie.ts';
import { SessionList, SessionPath, SessionQuery, SignedOut } from './session-schema.ts';
import { siteAddressOf } from './site-address.ts';
import { tokenUseOf } from './token-use.ts';

const tags = ['Sessions'];
const security = [{ bearer: [] }];
const Gone = Type.Null({ description: 'The session has ended.' });
/** Errors of a route that only our own pages may call. */
const PAGE_ERRORS = {
  ...PUBLIC_BODY_ERRORS,
  403: detailed('The request came from a page of another site, or passwords are off.'),
  415: detailed('The body is not JSON.'),
};

/** Sessions of browsers: the refresh token stays in a cookie that scripts cannot read. */
export function sessionRoutes(api: Api, context: Context): void {
  cookieRoutes(api, context);
  listRoutes(api, context);
}

function cookieRoutes(api: Api, context: Context): void {
  const lifeSeconds = context.tokens.lifetimeMs.session / 1000;

  api.post('/api/session/', {
    config: { access: 'public' },
    onRequest: requireSameOrigin,
    schema: {
      tags,
      summary: 'Sign in; the refresh token is set as a cookie',
      body: LoginBody,
      response: { 200: Refreshed, 429: Throttled, ...PAGE_ERRORS },
    },
    schemaErrorFormatter: toInvalidLogin,
    handler: async (request, reply) => {
      const { username, password } = request.body;
      const device = deviceIn(request);
      const { ip: address, headers } = request;
      const { refresh, access, userId } = await logIn(context, {
        username,
        password,
        address,
        device,
        userAgent: headers['user-agent'],
        isSession: true,
      });
      keepInCookie(reply, refresh, lifeSeconds);
      keepDevice(reply, context.knownDevices.after(device, userId));
      return { access };
    },
  });

  api.post('/api/session/refresh/', {
    config: { access: 'public' },
    onRequest: requireSameOrigin,
    schema: {
      tags,
      summary: 'Get a new access token with the cookie, which is replaced',
      response: { 200: Refreshed, 401: Unauthorized, ...PAGE_ERRORS },
    },
    handler: async (request, reply) => {
      const session = await refreshSession(context, tokenInCookie(request), tokenUseOf(request));
      const { access, refresh, expiresAtMs } = session;
      keepInCookie(reply, refresh, Math.ceil((expiresAtMs - context.now()) / 1000));
      return { access };
    },
  });

  api.delete('/api/session/', {
    config: { access: 'public' },
    onRequest: requireSameOrigin,
    schema: {
      tags,
      summary: 'Sign out',
      response: { 200: SignedOut, 204: Gone, ...PAGE_ERRORS },
    },
    handler: async (request, reply) => {
      dropCookie(reply);
      const token = tokenInCookie(request);
      await blacklistToken(context, token).catch((error: unknown) => {
        // A token that is no longer valid has no session to end.
        if (!hasCode(error, 'token_invalid')) throw error;
      });
      const url = await providerSignOut(context, token, `${siteAddressOf(request)}/`);
      return url === undefined ? reply.code(204).send(null) : { sign_out_url: url };
    },
  });
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/session/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'List your sessions',
      security,
      querystring: SessionQuery,
      response: { 200: SessionList, 400: USER_BODY_ERRORS[400], ...USER_ERRORS },
    },
    handler: async (request) => {
      const { items, last } = await listSessions(context, userOf(request).id, {
        after: cursorIn(request.query.cursor, isSessionCursor),
        limit: limitIn(request.query),
      });
      const token = tokenInCookie(request);
      const read = () => readRefreshToken(context, token, { isReplacedFine: true });
      const current = token && (await read().catch(() => undefined));
      return {
        sessions: items.map(({ jti, issuedAtMs, expiresAtMs, browser = null, system = null }) => ({
          id: jti,
          created_at: isoTime(issuedAtMs),
          expires_at: isoTime(expiresAtMs),
          browser,
          system,
          is_current: current ? current.jti === jti : false,
        })),
        ...nextPage(last && cursorText({ issuedAtMs: last.issuedAtMs, jti: last.jti })),
      };
    },
  });

  api.delete('/api/session/:id/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'End a session',
      security,
      params: SessionPath,
      response: {
        204: Gone,
        404: detailed('Session not found.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await endSession(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function isSessionCursor(value: unknown): value is SessionCursor {
  const { issuedAtMs, jti } = (value ?? {}) as Partial<Record<keyof SessionCursor, unknown>>;
  return Number.isSafeInteger(issuedAtMs) && typeof jti === 'string' && isStorable(jti);
}
