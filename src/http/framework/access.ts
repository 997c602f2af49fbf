/** Who may call a route. Every route declares it, so that none is open by omission. */
import type { FastifyContextConfig, FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Authenticator } from '../../app/accounts/authenticate.ts';
import type { KeyAuthenticator, Owner } from '../../app/accounts/authenticate-key.ts';
import type { AdminKeyAuthenticator } from '../../app/admin/authenticate-admin-key.ts';
import type { Principal } from '../../app/principal.ts';
import { ADMIN_KEY_PREFIX, type AdminScope, type RouteScope } from '../../core/admin-scopes.ts';
import { ChitError } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import type { AdminKey } from '../../store/admin/admin-keys.ts';

/**
 * `public`: anyone; `user`: signed-in users; `staff`: users with the staff flag, and programs with
 * an admin key of theirs that has the scope of the route; `key`: programs with an API key, and
 * nobody else; `scim`: directories with a token for the SCIM API, and nobody else.
 */
export type Access = 'public' | 'user' | 'staff' | 'key' | 'scim';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Of a route for staff: what an admin key needs. A route without one admits no keys. */
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    user: Requester | null;
    /** Set on routes for API keys. */
    apiKey: ApiKey | null;
    /** The admin key with which a program reaches a route for staff; its maker is the `user`. */
    adminKey: AdminKey | null;
    /** Set on routes for directories. */
    directory: Principal | null;
  }
}

/** How requests say who sends them. */
export interface Authenticators {
  readonly users: Authenticator;
  readonly keys: KeyAuthenticator;
  readonly adminKeys: AdminKeyAuthenticator;
  /** Checks the second factor of the staff; undefined where none is asked for. */
  readonly staffFactor: ((accessToken: string, userId: number) => Promise<void>) | undefined;
  /** The directory of a token for the SCIM API. */
  readonly directories: (token: string, address: string) => Promise<Principal>;
}

/** Checks every request before its body is read. A route without access keeps the server down. */
export function registerAccessControl(
  app: FastifyInstance,
  { users, keys, adminKeys, staffFactor, directories }: Authenticators,
): void {
  const routes: RouteOptions[] = [];
  app.decorateRequest('user', null);
  app.decorateRequest('apiKey', null);
  app.decorateRequest('adminKey', null);
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
    const { access, scope } = request.routeOptions.config;
    if (request.is404 || access === 'public') return done();
    if (access === 'key') {
      const admitOwner = ({ user, key }: Owner) => {
        request.user = user;
        request.apiKey = key;
      };
      const key = keyIn(request.headers);
      if (key.startsWith(ADMIN_KEY_PREFIX)) throw new ChitError('admin_key_misplaced', undefined);
      const owner = keys.ownerOf(key);
      if (owner instanceof Promise) return owner.then(admitOwner);
      admitOwner(owner);
      return done();
    }
    if (access === 'scim') {
      return directories(keyIn(request.headers), request.ip).then((directory) => {
        request.directory = directory;
      });
    }
    const token = bearerToken(request.headers.authorization);
    const admit = (user: Requester) => {
      if (access === 'staff' && !user.isStaff) throw new ChitError('permission_denied', undefined);
      request.user = user;
      return access === 'staff' ? staffFactor?.(token, user.id) : undefined;
    };
    if (token.startsWith(ADMIN_KEY_PREFIX)) {
      if (access !== 'staff') throw new ChitError('admin_key_misplaced', undefined);
      return adminKeys.ownerOf(token).then((owner) => {
        requireScopeOf(owner.key, scope);
        request.adminKey = owner.key;
        request.user = owner.user;
      });
    }
    const user = users.userOf(token);
    if (user instanceof Promise) return user.then(admit);
    return admit(user) ?? done();
  });
}

/**
 * The config of a route for staff.
 * @param scope what an admin key needs for it
 */
export function staffWith(scope: RouteScope): FastifyContextConfig {
  return { access: 'staff', scope };
}

/**
 * Lets a program go on that has a further scope, where a request does more than the route's usual;
 * people need none.
 * @throws ChitError `admin_key_scope`
 */
export function requireScope(request: FastifyRequest, scope: AdminScope): void {
  if (request.adminKey) requireScopeOf(request.adminKey, scope);
}

function requireScopeOf({ scopes }: AdminKey, scope: RouteScope | undefined): void {
  if (scope === undefined || scope === 'signed_in_only') {
    throw new ChitError('admin_key_refused', undefined);
  }
  if (!scopes.includes(scope)) throw new ChitError('admin_key_scope', { scope });
}

/**
 * The user of a request on a route that is not public.
 * @throws Error on a public route, which need not have a user: a bug on our side
 */
export function userOf(request: FastifyRequest): Requester {
  if (!request.user) throw new Error('This route is public and has no user.');
  return request.user;
}

/** The member of staff who sends a request, or whose admin key does, for the audit log. */
export function principalOf(request: FastifyRequest): Principal & { readonly user: Requester } {
  const user = userOf(request);
  const { adminKey } = request;
  const actor = adminKey ? (`key:${adminKey.id}` as const) : (`user:${user.id}` as const);
  return { actor, address: request.ip, user };
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
