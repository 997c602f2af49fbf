/** What the original's framework stack answered, replayed over real HTTP on a fresh database. */
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, getWith, send } from '../support/http.ts';
import { newUser, SECRET_KEY } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';
import vectorFile from './vectors.json' with { type: 'json' };

interface Vector {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: [string, string][];
    readonly body?: string | null;
    readonly body_base64?: string;
  };
  readonly expect: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body: unknown;
  };
}

interface Recipe {
  readonly kind?: string;
  readonly drop?: string[];
  readonly alg?: string;
  readonly secret?: string | null;
  readonly headers?: object;
  readonly [claim: string]: unknown;
}

const vectors = vectorFile.vectors as unknown as Vector[];
const recipes = vectorFile.forged as unknown as Record<string, Recipe | string>;

let server: ServerHere;
const tokens: Record<string, { access: string; refresh: string }> = {};
const ids: Record<string, number> = {};

before(async () => {
  // The original has no minimum.
  server = await startServerHere({ CHIT_PASSWORD_MIN_LENGTH: '1' });
  for (const [name, { password }] of Object.entries(vectorFile.users)) {
    const pair = await newUser(server.url, name, password);
    tokens[name] = pair;
    const me = await getWith(`${server.url}/api/me/`, pair.access);
    ids[name] = (me.json as { id: number }).id;
  }
});
after(() => server.stop());

test('no recorded vector is missing', () => {
  assert.equal(vectors.length, 187);
});

for (const vector of vectors) {
  test(`contract: ${vector.name}`, async () => {
    const { method, path, headers, body, body_base64: encoded } = vector.request;
    const filled = headers.map(([name, value]): [string, string] => [name, fill(value)]);
    const bytes =
      typeof body === 'string' ? fill(body) : encoded ? Buffer.from(encoded, 'base64') : undefined;
    const answer = await send(`${server.url}${path}`, { method, headers: filled, body: bytes });
    assert.equal(answer.status, vector.expect.status, answer.text);
    assertHeaders(answer, vector.expect.headers ?? {});
    assertMatches(answer.json, vector.expect.body, 'body');
  });
}

function assertHeaders(answer: Answer, expected: Record<string, string>): void {
  for (const [name, value] of Object.entries(expected)) {
    const actual = String(answer.headers[name.toLowerCase()]);
    if (name.toLowerCase() === 'allow') assert.deepEqual(methodSet(actual), methodSet(value));
    else assert.equal(actual, value);
  }
}

function methodSet(allow: string): Set<string> {
  const methods = allow.split(',').map((it) => it.trim());
  return new Set(methods.filter((it) => it !== 'HEAD'));
}

/** Equal as JSON, but for the placeholders that stand for what differs from run to run. */
function assertMatches(actual: unknown, expected: unknown, where: string): void {
  if (typeof expected === 'string' && /^<.*>$/s.test(expected)) {
    assert.ok(fits(actual, expected.slice(1, -1)), `${where}: ${actual} is not ${expected}`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), where);
    assert.equal(actual.length, expected.length, where);
    for (const [index, item] of expected.entries()) {
      assertMatches(actual[index], item, `${where}[${index}]`);
    }
  } else if (typeof expected === 'object' && expected !== null) {
    const object = actual as Record<string, unknown>;
    assert.deepEqual(Object.keys(object).sort(), Object.keys(expected).sort(), where);
    for (const [key, value] of Object.entries(expected)) {
      assertMatches(object[key], value, `${where}.${key}`);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

function fits(actual: unknown, placeholder: string): boolean {
  if (placeholder === 'int') return Number.isInteger(actual);
  if (placeholder.startsWith('id:')) return actual === ids[placeholder.slice(3)];
  if (typeof actual !== 'string') return false;
  if (placeholder === 'jwt') return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(actual);
  if (placeholder === 'timestamp') return actual.endsWith('Z') && !Number.isNaN(Date.parse(actual));
  if (placeholder.startsWith('starts:')) return actual.startsWith(placeholder.slice(7));
  throw new Error(`unknown placeholder <${placeholder}>`);
}

function fill(text: string): string {
  return text
    .replace(/\{\{(access|refresh):(\w+)\}\}/g, (_, type: 'access' | 'refresh', user: string) =>
      String(tokens[user]?.[type]),
    )
    .replace(/\{\{forged:(\w+)\}\}/g, (_, name: string) => forge(name));
}

/** A token made by one of the recipes of the vector file. */
function forge(name: string): string {
  const access = String(tokens.alice?.access);
  const [header = '', payload = '', signature = ''] = access.split('.');
  switch (name) {
    case 'no_sig':
      return `${header}.${payload}.`;
    case 'payload_list':
      return signed({ alg: 'HS256', typ: 'JWT' }, [1, 2], SECRET_KEY);
    case 'tampered_payload':
      return `${header}.${encode({ ...decoded(payload), user_id: ids.bob })}.${signature}`;
    case 'truncated_sig':
      return access.slice(0, -3);
    case 'two_parts':
      return `${header}.${payload}`;
  }
  const recipe = recipes[name];
  if (typeof recipe !== 'object') throw new Error(`no recipe for ${name}`);
  const {
    kind = 'access',
    drop = [],
    alg = 'HS256',
    secret = SECRET_KEY,
    headers,
    ...own
  } = recipe;
  const now = Math.floor(Date.now() / 1000);
  const claims: Record<string, unknown> = {
    token_type: kind,
    exp: now + 900,
    iat: now,
    jti: randomBytes(16).toString('hex'),
    user_id: ids.alice,
  };
  for (const [claim, value] of Object.entries(own)) claims[claim] = timed(value, now);
  for (const claim of drop) delete claims[claim];
  return signed({ alg, typ: 'JWT', ...headers }, claims, secret);
}

function timed(value: unknown, now: number): unknown {
  const offset = /^now([+-]\d+)$/.exec(String(value))?.[1];
  return offset === undefined ? value : now + Number(offset);
}

function signed(
  header: { alg: string; typ: string },
  payload: unknown,
  secret: string | null,
): string {
  const content = `${encode(header)}.${encode(payload)}`;
  if (secret === null) return `${content}.`;
  const hash = header.alg.replace('HS', 'sha');
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): object {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
}
