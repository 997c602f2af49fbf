import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { logIn } from '../../app/accounts/log-in.ts';
import { endOtherSessions, endSession, listSessions } from '../../app/accounts/sessions.ts';
import { providerSignOut, signOutUrl } from '../../app/accounts/sign-in/sign-out-by-provider.ts';
import { readRefreshToken, refreshSession, signOut } from '../../app/accounts/use-refresh-token.ts';
import type { Context } from '../../app/context.ts';
import { isStorable } from '../../core/storable-text.ts';
import type { SessionCursor } from '../../store/accounts/refresh-tokens.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  ProofRequired,
  PUBLIC_BODY_ERRORS,
  SecondFactorRequired,
  Throttled,
  Unauthorized,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof, sessionOfRequest } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import { toInvalidLogin } from './auth-routes.ts';
import { LoginBody, Refreshed } from './auth-schema.ts';
import { endReplacedSession, ignoreInvalid } from './replaced-session.ts';
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
      response: {
        200: Refreshed,
        401: SecondFactorRequired,
        429: Throttled,
        ...PAGE_ERRORS,
      },
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
      await endReplacedSession(context, request);
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
      const there = await providerSignOut(context, token);
      await signOut(context, token).catch(ignoreInvalid);
      const url = there && (await signOutUrl(context, there, `${siteAddressOf(request)}/`));
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
      const current = await sessionIdOf(context, request);
      return {
        sessions: items.map((it) => ({
          id: it.jti,
          created_at: isoTime(it.issuedAtMs),
          expires_at: isoTime(it.expiresAtMs),
          browser: it.browser ?? null,
          system: it.system ?? null,
          address: it.begunAddress ?? null,
          last_used_at: isoTime(it.lastUsedAtMs),
          last_address: it.lastAddress ?? null,
          is_current: it.jti === current,
        })),
        ...nextPage(last && cursorText({ issuedAtMs: last.issuedAtMs, jti: last.jti })),
      };
    },
  });

  api.post('/api/session/end-others/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'End all of your sessions but this one',
      description: 'Needs a fresh proof. Access tokens end within a second; this is a new one.',
      security,
      response: { 200: Refreshed, 403: ProofRequired, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      const { proof } = sessionOfRequest(context, request);
      const id = await sessionIdOf(context, request);
      return endOtherSessions(context, userOf(request).id, { id, proof });
    },
  });

  api.delete('/api/session/:id/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'End a session; your access tokens end within a second',
      description: 'To end another session than that of the request needs a fresh proof.',
      security,
      params: SessionPath,
      response: {
        204: Gone,
        403: ProofRequired,
        404: detailed('Session not found.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      if (id !== (await sessionIdOf(context, request))) await requireFreshProof(context, request);
      await endSession(context, userOf(request).id, id);
      return reply.code(204).send(null);
    },
  });
}

/** The session of a request: of its access token, or of its cookie, where the token is older. */
async function sessionIdOf(context: Context, request: FastifyRequest): Promise<string | undefined> {
  const { id } = sessionOfRequest(context, request);
  if (id !== undefined) return id;
  const read = readRefreshToken(context, tokenInCookie(request), { isReplacedFine: true });
  return (await read.catch(() => undefined))?.jti;
}

function isSessionCursor(value: unknown): value is SessionCursor {
  const { issuedAtMs, jti } = (value ?? {}) as Partial<Record<keyof SessionCursor, unknown>>;
  return Number.isSafeInteger(issuedAtMs) && typeof jti === 'string' && isStorable(jti);
}
