/** Hostile requests, each made from the seed of the run and its own number. */
import type { Endpoint, Schema } from '../support/openapi.ts';
import { forge } from '../support/tokens.ts';
import { MANAGER } from './furnish-limits.ts';
import { hostileText, type Sizes } from './hostile-values.ts';
import { isAboutLimits, isForManagers, limitsIdFor } from './limits-requests.ts';
import {
  type Body,
  damaged,
  mutated,
  nonsense,
  type Occasion,
  validFields,
  validValue,
  written,
} from './make-body.ts';
import { Random } from './random.ts';
import type { Identity, Site } from './site.ts';

export interface HostileRequest {
  readonly number: number;
  readonly identity: Identity;
  readonly method: string;
  /** As it is sent, with the query. */
  readonly path: string;
  /** The route that it aims at. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** In the message for a model, if there is one. */
  readonly mark: string;
  /** Whether nothing was done to it, so that it should be answered. */
  readonly isValid: boolean;
  /** Whether its credential is the one of its identity. */
  readonly isSignedIn: boolean;
  /** Sent so many times at once. */
  readonly copies: number;
  /** The client gives up after this time; undefined: it waits. */
  readonly cutAfterMs: number | undefined;
}

const FREE = 'messages/count|responses/input|models';
/** The routes whose requests cost tokens. */
export const PAID = new RegExp(`^/(api/chat/|api/conversations/[^/]+/messages/|v1/(?!${FREE}))`);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY'];
const BEARER = { bearer: 'user', key: 'key', scim: 'scim' } as const;

/** Paths that are in no description. */
const OTHER_PATHS = [
  '/',
  '/admin/',
  '/docs/',
  '/docs/static/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/..;/admin',
  '//evil.example/',
  '/api',
  '/api//chat/',
  '/api/chat',
  '/API/CHAT/',
  '/api/chat/%00',
  '/api/chat/..%2fadmin/users/',
  '/api/admin/users/%2e%2e/settings/',
  '/api/conversations/%ff/',
  '/%',
  '/%zz',
  '/%u0041',
  '/favicon.ico',
  '/.env',
  '/data/chit.db',
  '/openapi.json',
  '/v1/',
  '/v1/files',
  '/healthz/',
  '/s/',
  '/index.html.br',
  `/${'a'.repeat(2_000)}`,
  `/${'a/'.repeat(1_000)}`,
] as const;

/** Makes the requests of a run. */
export class RequestMaker {
  readonly #site: Site;
  readonly #endpoints: readonly Endpoint[];
  readonly #paid: readonly Endpoint[];
  readonly #sizes: Sizes;
  readonly #seed: number;

  constructor(site: Site, endpoints: readonly Endpoint[], sizes: Sizes, seed: number) {
    this.#site = site;
    this.#endpoints = endpoints;
    this.#paid = endpoints.filter(({ method, path }) => method === 'POST' && PAID.test(path));
    this.#sizes = sizes;
    this.#seed = seed;
  }

  make(number: number): HostileRequest {
    const random = Random.for(this.#seed, number);
    if (random.chance(0.03)) return this.#elsewhere(random, number);
    // What costs tokens is where most is at stake.
    const endpoint = random.chance(0.2)
      ? random.pick(this.#paid)
      : (this.#endpoints[number % this.#endpoints.length] as Endpoint);
    const identity = this.#identityFor(random, endpoint);
    const mark = `#${this.#seed.toString(36)}.${number}#`;
    const on: Occasion = {
      random,
      sizes: this.#sizesFor(endpoint),
      ids: this.#site.ids,
      ownerName: identity.ownerName ?? 'nobody',
      mark,
    };
    const isValid = random.chance(0.4);
    const authorization = this.#authorization(random, identity, isValid, endpoint);
    const cookie = this.#site.cookies.get(identity.name);
    const [path, groupId] = this.#pathOf(on, endpoint, isValid);
    const body = isValid ? fitting(on, endpoint, groupId) : hostile(on, endpoint, groupId);
    const isRace = random.chance(0.01);
    return {
      number,
      identity,
      method: isValid || random.chance(0.9) ? endpoint.method : random.pick(METHODS),
      path,
      route: endpoint.path,
      headers: {
        ...headersFor(on, isValid),
        ...(body && { 'content-type': body.contentType }),
        ...(cookie && random.chance(0.5) && { cookie }),
        ...authorization,
        ...idempotency(on, endpoint, isRace),
      },
      body: body?.bytes,
      mark,
      isValid,
      isSignedIn: 'authorization' in authorization && isValid,
      copies: isRace ? 2 + random.below(11) : 1,
      cutAfterMs: random.chance(0.02) ? random.below(40) : undefined,
    };
  }

  #sizesFor({ path }: Endpoint): Sizes {
    const { relayedBytes } = this.#sizes;
    return path.startsWith('/v1/') ? { ...this.#sizes, textCharacters: relayedBytes } : this.#sizes;
  }

  #elsewhere(random: Random, number: number): HostileRequest {
    const identity = random.pick(this.#site.identities);
    return {
      number,
      identity,
      method: random.pick(METHODS),
      path: random.pick(OTHER_PATHS),
      route: '(elsewhere)',
      headers: {
        ...(random.chance(0.5) && { accept: 'text/html' }),
        ...(random.chance(0.2) && { range: random.pick(RANGES) }),
        ...(random.chance(0.1) && { 'if-match': '"x"' }),
        authorization: `Bearer ${identity.credential}`,
      },
      body: undefined,
      mark: '',
      isValid: false,
      isSignedIn: false,
      copies: 1,
      cutAfterMs: undefined,
    };
  }

  /** Mostly somebody who may use the route. */
  #identityFor(random: Random, { path, method, operation }: Endpoint): Identity {
    const all = this.#site.identities;
    const [scheme] = Object.keys(operation.security?.[0] ?? {}) as (keyof typeof BEARER)[];
    const isForStaff = path.startsWith('/api/admin/');
    const kind = isForStaff ? 'staff' : scheme ? BEARER[scheme] : 'nobody';
    const isAny = random.chance(0.15);
    const isFitting = (it: Identity) =>
      it.kind === kind || (isForStaff && it.kind === 'admin-key' && random.chance(0.5));
    const fitting = isAny ? all : all.filter(isFitting);
    const identity = random.pick(fitting);
    // What is deleted is missing when the charges are compared, so only one of them deletes.
    const isManaged = isForManagers(path) && !isAny && random.chance(0.8);
    if (isManaged) return all.find(({ name }) => name === MANAGER) ?? identity;
    const ends = method === 'DELETE' || /password|session/.test(path);
    if (!ends || isForStaff || identity.kind !== 'user') return identity;
    const isPassword = path.includes('password');
    return all.find(({ name }) => name === (isPassword ? 'mallory' : 'eve')) ?? identity;
  }

  #authorization(
    random: Random,
    { kind, credential }: Identity,
    isValid: boolean,
    { path }: Endpoint,
  ): Record<string, string> {
    if (kind === 'nobody') return isValid ? {} : { authorization: random.pick(AUTHORIZATIONS) };
    if (path === '/v1/messages' && random.chance(0.3)) return { 'x-api-key': credential };
    if (isValid || random.chance(0.75)) return { authorization: `Bearer ${credential}` };
    const changed = credential.slice(0, -1) + (credential.endsWith('A') ? 'B' : 'A');
    return {
      authorization: random.pick([
        ...AUTHORIZATIONS,
        `bearer   ${credential}`,
        `Bearer ${changed}`,
        `Bearer ${credential} ${credential}`,
        `Bearer ${credential}, Bearer x`,
        `Basic ${Buffer.from(`alice:${credential}`).toString('base64')}`,
        `Bearer ${unsigned(credential)}`,
        `Bearer ${forge(random.pick(['access', 'refresh']), claims(random))}`,
      ]),
    };
  }

  /** A path with its query, and the id of the group or plan that it names, if it does. */
  #pathOf(
    on: Occasion,
    { path, operation }: Endpoint,
    isValid: boolean,
  ): [path: string, id: string | undefined] {
    let id: string | undefined;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (!isValid && !on.random.chance(0.6)) return hostileSegment(on);
      const chosen = this.#idFor(on, path, name, id);
      if (name === 'id') id = chosen;
      return encodeURIComponent(chosen.toWellFormed());
    });
    const query = (operation.parameters ?? []).filter((it) => it.in === 'query');
    const pairs = query
      .filter(() => on.random.chance(0.5))
      .map(({ name, schema = {} }): [string, string] => [
        name,
        isValid || on.random.chance(0.4)
          ? String(validValue(on, name, schema))
          : hostileText(on.random, { ...on.sizes, textCharacters: 5_000 }),
      ]);
    const text = pairs.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
    const oddity = !isValid && on.random.chance(0.15) ? `&${on.random.pick(QUERIES)}` : '';
    return [text || oddity ? `${filled}?${text}${oddity}` : filled, id];
  }

  /** Mostly an id of one's own, now and then one of somebody else. */
  #idFor(on: Occasion, path: string, name: string, groupId: string | undefined): string {
    const { random, ids, ownerName } = on;
    if (isAboutLimits(path)) return limitsIdFor(on, path, name, groupId);
    if (path.startsWith('/api/admin/keys/')) return ids.any('admin-key-id', random) ?? 'x';
    if (path.startsWith('/api/admin/')) {
      return ids.any(name === 'id' ? 'lamb-id' : 'key of lamb', random) ?? 'x';
    }
    if (name === 'token') return ids.any('share', random) ?? 'x';
    const kind = /\/(conversation|message|key|session)s?\//.exec(path)?.[1] ?? '';
    const others = ['vera', 'viktor', 'alice', 'bob', 'eve'];
    const owner = random.chance(0.5) ? ownerName : random.pick(others);
    return ids.any(`${kind} of ${owner}`, random) ?? '01234567-0123-7123-8123-0123456789ab';
  }
}

function fitting(on: Occasion, endpoint: Endpoint, groupId: string | undefined): Body | undefined {
  const content = endpoint.operation.requestBody?.content;
  if (!content) return undefined;
  const schema = Object.values(content)[0]?.schema as Schema;
  const fields = validFields(on, endpoint, schema, groupId);
  return written(on.random, fields, !(FORM_TYPE in content));
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

function hostile(on: Occasion, endpoint: Endpoint, groupId: string | undefined): Body | undefined {
  const { random } = on;
  const content = endpoint.operation.requestBody?.content;
  if (!content || random.chance(0.15)) {
    return random.chance(0.7) || content ? nonsense(random, on.sizes) : undefined;
  }
  const schema = Object.values(content)[0]?.schema as Schema;
  const fields = mutated(on, validFields(on, endpoint, schema, groupId));
  const body = written(random, fields, !(FORM_TYPE in content));
  return random.chance(0.25) ? damaged(random, body) : body;
}

function hostileSegment({ random, sizes }: Occasion): string {
  if (random.chance(0.2)) return random.pick(SEGMENTS);
  const text = hostileText(random, { ...sizes, textCharacters: 3_000 });
  return encoded(text) || '%20';
}

/** As in a URL; what cannot be encoded stands as the bytes that it would have. */
function encoded(text: string): string {
  const short = text.slice(0, 3_000);
  return short.isWellFormed() ? encodeURIComponent(short) : '%ED%A0%80';
}

const SEGMENTS = ['..', '%2e%2e', '.', '%', '%00', '%ff%fe', '%c0%ae', '*', ';', '0', '-1', '1e3'];
const QUERIES = [
  'q=a&q=b',
  'q[]=a',
  'limit=1&limit=2',
  'limit[a]=1',
  '__proto__=1',
  '__proto__[x]=1',
  '=',
  '&&&',
  '%',
  'q=%ff',
  'q=%',
  'cursor=',
  `${'a=1&'.repeat(1_500)}`,
  'format=csv',
  'from=1e400',
] as const;
const RANGES = [
  'bytes=0-',
  'bytes=5-1',
  'bytes=0-0,2-2,4-4',
  'bytes=-0',
  'bytes=99999999999-',
  'x',
];

const AUTHORIZATIONS = [
  '',
  'Bearer',
  'Bearer ',
  'Bearer null',
  'Bearer undefined',
  'Bearer chit_',
  `Bearer chit_${'A'.repeat(43)}`,
  'Bearer a.b.c',
  'Bearer eyJhbGciOiJub25lIn0.e30.',
  'Basic Og==',
  'Digest username="root"',
  'Negotiate AAAA',
  `Bearer ${'x'.repeat(8_000)}`,
  'Bearer \u00e9\u00ff',
] as const;

/** A token with the same claims and without a signature. */
function unsigned(token: string): string {
  const head = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  return `${head}.${token.split('.')[1] ?? ''}.`;
}

/** Claims that are signed with the key of the server, and that no server issues. */
function claims(random: Random): Record<string, unknown> {
  return random.pick([
    { user_id: '1 OR 1=1' },
    { user_id: -1 },
    { user_id: 1e300 },
    { user_id: 2 ** 53 },
    { user_id: {} },
    { user_id: [1] },
    { user_id: null },
    { user_id: '\0' },
    { user_id: '1.0' },
    { user_id: '0x1' },
    { user_id: 1, exp: 0 },
    { user_id: 1, exp: 'x' },
    { user_id: 1, token_type: 'sliding' },
    { user_id: 999_999_999, jti: '\0' },
    {},
  ]);
}

function headersFor({ random, sizes }: Occasion, isValid: boolean): Record<string, string> {
  if (isValid || random.chance(0.6)) return {};
  const headers: Record<string, string> = {};
  const text = () =>
    hostileText(random, { ...sizes, textCharacters: 3_000 })
      .replace(/[^\t\x20-\x7e\u0080-\u00ff]/g, '?')
      .slice(0, 3_000);
  for (const name of HEADERS) {
    if (random.chance(0.12)) headers[name] = random.chance(0.6) ? text() : random.pick(VALUES);
  }
  return headers;
}

const HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'cookie',
  'forwarded',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'last-event-id',
  'anthropic-beta',
  'anthropic-version',
  'openai-beta',
  'origin',
  'range',
  'referer',
  'sec-fetch-site',
  'user-agent',
  'x-api-key',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-http-method-override',
  'x-original-url',
  'x-request-id',
  'access-control-request-method',
  'access-control-request-headers',
] as const;

const VALUES = [
  'gzip',
  'br;q=1.0000',
  '*/*;q=NaN',
  'text/html',
  'text/csv, application/json;q=0',
  'https://evil.example',
  'https://friend.example',
  'null',
  'bytes=0-10',
  'cross-site',
  '127.0.0.1, ::1',
  '-1',
  '99999999999999999999',
  'chit_refresh=x; chit_refresh=y',
  'DELETE',
  '/api/admin/users/',
  '*',
] as const;

/** A key for what may be charged: one for all copies of a race, or one that others have used. */
function idempotency(
  { random, mark, sizes }: Occasion,
  { path }: Endpoint,
  isRace: boolean,
): Record<string, string> {
  if (!PAID.test(path) && path !== '/api/admin/grants/') return {};
  if (isRace ? random.chance(0.5) : random.chance(0.1)) return { 'idempotency-key': mark };
  if (!random.chance(0.03)) return {};
  const text = hostileText(random, { ...sizes, textCharacters: 400 });
  return { 'idempotency-key': text.replace(/[^\x20-\x7e]/g, '?') };
}
