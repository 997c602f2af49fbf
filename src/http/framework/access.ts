/** Who may call a route. Every route declares it, so that none is open by omission. */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Authenticator } from '../../app/accounts/authenticate.ts';
import type { KeyAuthenticator, Owner } from '../../app/accounts/authenticate-key.ts';
import type { Principal } from '../../app/principal.ts';
import { ChitError } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Requester } from '../../store/accounts/requesters.ts';

/**
 * `public`: anyone; `user`: signed-in users; `staff`: users with the staff flag; `key`: programs
 * with an API key, and nobody else; `scim`: directories with a token for the SCIM API, and nobody
 * else.
 */
export type Access = 'public' | 'user' | 'staff' | 'key' | 'scim';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    user: Requester | null;
    /** Set on routes for API keys. */
    apiKey: ApiKey | null;
    /** Set on routes for directories. */
    directory: Principal | null;
  }
}

/** Checks every request before its body is read. A route without access keeps the server down. */
export function registerAccessControl(
  app: FastifyInstance,
  authenticator: Authenticator,
  keyAuthenticator: KeyAuthenticator,
  directoryWith: (token: string, address: string) => Promise<Principal>,
): void {
  const routes: RouteOptions[] = [];
  app.decorateRequest('user', null);
  app.decorateRequest('apiKey', null);
  app.decorateRequest('directory', null);
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const open = routes.find((route) => route.config?.access === undefined);
    if (open) throw new Error(`The route ${open.method} ${open.url} does not declare its access.`);
  });
  // Without a promise if the user is cached, which is the case for nearly every request.
  app.addHook('onRequest', (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    if (request.is404 || access === 'public') return done();
    if (access === 'key') {
      const admitOwner = ({ user, key }: Owner) => {
        request.user = user;
        request.apiKey = key;
      };
      const owner = keyAuthenticator.ownerOf(keyIn(request.headers));
      if (owner instanceof Promise) return owner.then(admitOwner);
      admitOwner(owner);
      return done();
    }
    if (access === 'scim') {
      return directoryWith(keyIn(request.headers), request.ip).then((directory) => {
        request.directory = directory;
      });
    }
    const admit = (user: Requester) => {
      if (access === 'staff' && !user.isStaff) throw new ChitError('permission_denied', undefined);
      request.user = user;
    };
    const user = authenticator.userOf(bearerToken(request.headers.authorization));
    if (user instanceof Promise) return user.then(admit);
    admit(user);
    return done();
  });
}

/**
 * The user of a request on a route that is not public.
 * @throws Error on a public route, which need not have a user: a bug on our side
 */
export function userOf(request: FastifyRequest): Requester {
  if (!request.user) throw new Error('This route is public and has no user.');
  return request.user;
}

/** The member of staff who sends a request, for the audit log. */
export function principalOf(request: FastifyRequest): Principal {
  const user = userOf(request);
  return { actor: `user:${user.id}`, address: request.ip, user };
}

/**
 * The directory that sends a request on a route for directories.
 * @throws Error on another route, which has none: a bug on our side
 */
export function directoryOf(request: FastifyRequest): Principal {
  if (!request.directory) throw new Error('This route is not for directories.');
  return request.directory;
}

/** An API key in `Authorization`, as OpenAI's clients send it, or `x-api-key`, as Anthropic's. */
function keyIn(headers: FastifyRequest['headers']): string {
  const [scheme = '', key = ''] = (headers.authorization ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() === 'bearer') return key;
  return [headers['x-api-key'] ?? ''].flat()[0] ?? '';
}

/**
 * The API key of a request on a route for API keys.
 * @throws Error on another route, which has none: a bug on our side
 */
export function keyOfOwner(request: FastifyRequest): ApiKey {
  if (!request.apiKey) throw new Error('This route is not for API keys.');
  return request.apiKey;
}

/** The token in an `Authorization: Bearer` header (RFC 6750). The scheme ignores case. */
export function bearerToken(header: string | undefined): string {
  const parts = (header ?? '').trim().split(/\s+/);
  if (parts[0]?.toLowerCase() !== 'bearer') throw new ChitError('credentials_missing', undefined);
  if (parts.length !== 2) {
    const message = 'Authorization header must contain two space-delimited values';
    throw new ChitError('authorization_header_malformed', { message });
  }
  return parts[1] as string;
}
