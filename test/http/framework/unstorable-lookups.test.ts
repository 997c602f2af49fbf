/** Text that no database can look up is refused by field, never with a server error. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AdminServer } from '../../support/admin.ts';
import { Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { type Endpoint, endpointsOf, type Schema } from '../../support/openapi.ts';
import { Directory } from '../../support/scim.ts';

const BAD = ['\0', 'a\0b', 'a\ud800b', '\udc00'];
const MOMENT = '2026-01-01T00:00:00Z';
/** Faults of a file are told by row and column (`test/http/accounts/import-users.test.ts`). */
const FILE = 'csv';
/** Answers 400 to whatever is wrong, in a shape of its own (Back-Channel Logout 1.0, 2.8). */
const LOGOUT = '/api/sign-in/{provider}/logout/';
/** They only report that the name or the password is wrong. */
const LOGINS = ['/api/login/', '/api/session/'];

onEachDatabase((at) =>
  describe('over HTTP', () => {
    let admin: AdminServer;
    let endpoints: readonly Endpoint[];
    let key: string;
    let directory: Directory;

    before(async () => {
      admin = await AdminServer.start({
        CHIT_DATABASE_URL: await at.newUrl(),
        CHIT_STAFF_READS_CHATS: '1',
        CHIT_SIGNUPS_PER_HOUR: '0',
      });
      endpoints = await endpointsOf(admin.server.url);
      ({ key } = await admin.server.newUser());
      directory = await Directory.on(admin, 'test');
    });
    after(() => admin.server.close());

    function ask({ method, path }: Endpoint, target: string, body?: object): Promise<Answer> {
      const own = path.startsWith('/scim/') ? directory.token : admin.root;
      const token = path.startsWith('/v1/') ? key : own;
      return admin.ask(token, method, target, body);
    }

    test('in a path: nothing with this id exists', async () => {
      let asked = 0;
      for (const endpoint of endpoints.filter(({ path }) => path.includes('{'))) {
        for (const name of endpoint.path.match(/\{\w+\}/g) ?? []) {
          for (const bad of ['%00', 'a%00b', '1%00']) {
            const target = endpoint.path.replace(name, bad).replaceAll(/\{\w+\}/g, '1');
            const answer = await ask(endpoint, target, fittingBody(endpoint));
            const status = endpoint.path === LOGOUT ? 400 : 404;
            assert.equal(answer.status, status, `${endpoint.method} ${target}: ${answer.text}`);
            asked += 1;
          }
        }
      }
      assert.ok(asked >= 50, `only ${asked}`);
    });

    test('in a query: 400 that names the field', async () => {
      let asked = 0;
      for (const endpoint of endpoints) {
        const target = endpoint.path.replaceAll(/\{\w+\}/g, '1');
        for (const { name, in: place } of endpoint.operation.parameters ?? []) {
          if (place !== 'query') continue;
          for (const bad of ['%00', 'a%00b']) {
            const answer = await ask(endpoint, `${target}?${name}=${bad}`);
            const what = `${endpoint.method} ${target} ${name}=${bad}: ${answer.text}`;
            assert.equal(answer.status, 400, what);
            const { error } = answer.json as { readonly error?: { readonly param: string } };
            const { detail = '' } = answer.json as { readonly detail?: string };
            const isScim = target.startsWith('/scim/');
            const ofBody = isScim ? detail.split(/\W/, 1) : Object.keys(answer.json as object);
            const named = error ? [error.param] : ofBody;
            assert.deepEqual(named, [name], what);
            asked += 1;
          }
          // Half a pair as UTF-8 has none, so it stays as it is written.
          const { status, text } = await ask(endpoint, `${target}?${name}=a%ed%a0%80b`);
          assert.ok(status < 500, `${name}: ${text}`);
        }
      }
      assert.ok(asked >= 60, `only ${asked}`);
    });

    test('in a body: 400 that names the field; under /v1/ the provider decides', async () => {
      let asked = 0;
      for (const endpoint of endpoints) {
        const target = endpoint.path.replaceAll(/\{\w+\}/g, '1');
        const fitting = fittingBody(endpoint);
        for (const place of textsIn(schemaOf(endpoint))) {
          if (place.at(-1) === FILE) continue;
          // All fields have the same rule, so each is tried with one of them.
          const bad = BAD[asked % BAD.length] ?? '';
          const body = structuredClone(fitting ?? {});
          put(body, schemaOf(endpoint), place, bad);
          const answer = await ask(endpoint, target, body);
          const what = `${endpoint.method} ${target} ${place}: ${answer.text}`;
          assert.equal(answer.status, 400, what);
          const isLogin = LOGINS.includes(endpoint.path);
          const ofField = isLogin ? ['error'] : [place.join('/')];
          const isLogout = endpoint.path === LOGOUT;
          const names = isLogout ? ['error', 'error_description'] : ofField;
          assert.deepEqual(Object.keys(answer.json as object), names, what);
          asked += 1;
        }
        if (!endpoint.path.startsWith('/v1/') || endpoint.method !== 'POST') continue;
        for (const name of ['model', 'messages', 'input', 'user']) {
          for (const bad of BAD) {
            const { status, text } = await ask(endpoint, target, { model: 'none', [name]: bad });
            assert.ok(status < 500, `${target} ${name}: ${text}`);
          }
        }
      }
      assert.ok(asked >= 100, `only ${asked}`);
    });

    test('every list refuses a cursor that it did not issue', async () => {
      const text = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');
      const talker = new Talker(admin.server.url, admin.root);
      const { id } = await talker.begin();
      const users = [
        ...['abc', 1.5, 1e300, null, [1], true].map((value) => ({ value, id: 1 })),
        ...[1.5, 1e300, '1', undefined].map((it) => ({ value: 1, id: it })),
        ...[null, 1, 'x', {}],
      ];
      const names = [1, 'a\0', 'a\ud800'].map((value) => ({ value, id: 1 }));
      const ids = ['x', '\0', id.toUpperCase(), 1, null];
      const sorts = ['joined', '-joined', 'last_seen', 'balance', '-balance'];
      for (const [path, cursors] of [
        ...sorts.map((sort) => [`/api/admin/users/?sort=${sort}&`, users.map(text)] as const),
        ['/api/admin/users/?sort=name&', names.map(text)],
        ['/api/admin/users/?q=a&', names.map(text)],
        ['/api/admin/audit/?', ids.map(text)],
        ['/api/conversations/?', ['x', '1_', '1_x', `_${id}`, `1_${id}x`, `1e3_${id}`]],
        [`/api/conversations/${id}/messages/?`, ['x', '1', `${id}_`]],
        ['/api/tokens/history/?', ['x', '-1', '1.5', '1e3']],
        ['/api/admin/users/1/history/?', ['x', '-1', '1.5', '1e3']],
      ] as const) {
        for (const cursor of [...cursors, '!', '%7B']) {
          const answer = await admin.ask(admin.root, 'GET', `${path}cursor=${cursor}`);
          assert.equal(answer.status, 400, `${path} ${cursor}: ${answer.text}`);
          assert.deepEqual(Object.keys(answer.json as object), ['cursor'], path);
        }
      }
      for (const cursor of ids.map(text)) {
        const body = { reason: 'a look', cursor };
        const answer = await admin.ask(admin.root, 'POST', '/api/admin/chats/', body);
        assert.equal(answer.status, 400, answer.text);
      }
    });

    test('impossible numbers and times are refused by name', async () => {
      for (const id of [2 ** 53, 1e300, -1, 1.5]) {
        const grants = { to: [{ id, tokens: 1 }], reason: 'a try', dry_run: true };
        const answer = await admin.ask(admin.root, 'POST', '/api/admin/grants/', grants);
        assert.equal(answer.status, 400, `${id}: ${answer.text}`);
      }
      const leap = ['2026-06-30T23:59:60Z', '2026-07-01T01:59:60%2B02:00', '2026-06-31T00:00:00Z'];
      for (const moment of leap) {
        for (const path of ['/api/admin/usage/', `/api/admin/users/1/usage/`]) {
          for (const name of ['from', 'to']) {
            const query = `${path}?${name}=${moment}`;
            const { status, json } = await admin.ask(admin.root, 'GET', query);
            assert.equal(status, 400, query);
            assert.deepEqual(Object.keys(json as object), [name]);
          }
        }
        const wanted = { name: 'a key', expires_at: decodeURIComponent(moment) };
        const made = await admin.ask(admin.root, 'POST', '/api/keys/', wanted);
        assert.equal(made.status, 400, made.text);
      }
      for (const period of ['2026-99', '2026-02-31', '0000-00']) {
        const query = `/api/admin/usage/users/?period=${period}`;
        assert.ok((await admin.ask(admin.root, 'GET', query)).status < 500, period);
      }
      for (const edge of ['0000-01-01T00:00:00%2B23:59', '9999-12-31T23:59:59-23:59']) {
        const query = `/api/admin/usage/?step=month&from=${edge}&to=${edge}`;
        const { status, text } = await admin.ask(admin.root, 'GET', query);
        assert.ok(status < 500, `${query}: ${text}`);
      }
    });

    test('an invalid link is reported without signing in', async () => {
      const answer = await send(`${admin.server.url}/api/shared/%00/`);
      assert.deepEqual([answer.status, answer.json], [404, { detail: 'Not found.' }]);
    });
  }),
);

type Place = readonly (string | number)[];

function schemaOf({ operation }: Endpoint): Schema {
  return operation.requestBody?.content['application/json']?.schema ?? {};
}

/** The positions of text in a body. */
function textsIn(schema: Schema, place: Place = []): Place[] {
  if (schema.type === 'string' || schema.anyOf?.some(({ type }) => type === 'string')) {
    return [place];
  }
  if (schema.type === 'array') return textsIn(schema.items ?? {}, [...place, 0]);
  const properties = Object.entries(schema.properties ?? {});
  return properties.flatMap(([name, it]) => textsIn(it, [...place, name]));
}

/** A valid body. */
function fittingBody(endpoint: Endpoint): object | undefined {
  return endpoint.operation.requestBody && (fitting(schemaOf(endpoint)) as object);
}

function fitting(schema: Schema): unknown {
  const [first] = schema.anyOf ?? [];
  if (first) return fitting(first);
  if (schema.enum) return schema.enum[0];
  if (schema.pattern?.startsWith('^\\d{4}-')) return '2026-01-01';
  if (schema.type === 'string') return schema.format === 'date-time' ? MOMENT : 'a name';
  if (schema.type === 'array') return [fitting(schema.items ?? {})];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer') return 1;
  const wanted = Object.entries(schema.properties ?? {}).filter(([name]) =>
    schema.required?.includes(name),
  );
  return Object.fromEntries(wanted.map(([name, it]) => [name, fitting(it)]));
}

/** Inserts a text into a body, with the structure around it. */
function put(body: object, schema: Schema, place: Place, text: string): void {
  const [name, ...rest] = place as [string | number, ...Place];
  const holder = body as Record<string | number, unknown>;
  if (rest.length === 0) {
    holder[name] = text;
    return;
  }
  const inner = (typeof name === 'number' ? schema.items : schema.properties?.[name]) ?? {};
  holder[name] ??= fitting(inner);
  put(holder[name] as object, inner, rest, text);
}
