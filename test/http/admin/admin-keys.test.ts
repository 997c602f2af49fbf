/** Admin keys: what they let programs of staff do, what they never do, and when they stop. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { setPasswordOf } from '../../../src/app/accounts/manage-users.ts';
import { ADMIN_SCOPES, type AdminScope } from '../../../src/core/admin-scopes.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { faultsOf, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { endpointsOf } from '../../support/openapi.ts';

/** What no key may do, whatever its scopes; everything else for staff has a scope. */
const SIGNED_IN_ONLY = [
  'DELETE /api/admin/webhooks/{id}/',
  'POST /api/admin/mail/test/',
  'POST /api/admin/webhooks/',
  'POST /api/admin/webhooks/{id}/secret/',
  'PUT /api/admin/webhooks/{id}/',
  'DELETE /api/admin/scim-tokens/{id}/',
  'DELETE /api/admin/users/{id}/factors/',
  'DELETE /api/admin/users/{id}/identities/{identity}/',
  'GET /api/admin/scim-tokens/',
  'POST /api/admin/scim-tokens/',
  'DELETE /api/admin/keys/{id}/',
  'GET /api/admin/keys/',
  'POST /api/admin/chats/',
  'POST /api/admin/keys/',
  'PUT /api/admin/site/',
  'GET /api/admin/sign-in/trials/{id}/',
  'POST /api/admin/directory/try/',
  'POST /api/admin/sign-in/{provider}/try/',
].sort();
const KEYS = '/api/admin/keys/';
/** Longer than a key is cached. */
const CACHED_MS = 1_100;

onEachDatabase((at) => {
  describe('admin keys', () => {
    let admin: AdminServer;
    let rootId: number;
    let rootName: string;
    let number = 0;

    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url, CHIT_STAFF_READS_CHATS: '1' });
      ({ id: rootId, username: rootName } = await admin.read('/api/me/'));
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    const make = async (access: string, scopes: readonly string[], more: object = {}) => {
      number += 1;
      const body = { name: `key ${number}`, scopes, ...more };
      const answer = await admin.ask(access, 'POST', KEYS, body);
      assert.equal(answer.status, 201, answer.text);
      return answer.json as Json;
    };
    const refused = (answer: Answer, status: number, code: string) => {
      assert.deepEqual([answer.status, answer.headers['chit-error']], [status, code], answer.text);
    };
    const listed = async (access: string): Promise<Json[]> =>
      ((await admin.ask(access, 'GET', KEYS)).json as Json).keys;
    const usersBut = async (name: string) =>
      (await admin.read(`/api/admin/users/?q=${name}`)).users.length;

    test('every route for staff asks for one scope, as its description says', async () => {
      const routes = (await endpointsOf(admin.server.url)).filter(({ path }) =>
        path.startsWith('/api/admin/'),
      );
      const scopeOf = ({ operation }: (typeof routes)[number]) => {
        const schemes = (operation.security ?? []) as Record<string, string[]>[];
        return schemes.flatMap((it) => it.admin_key ?? []);
      };
      const without = routes.filter((it) => scopeOf(it).length === 0);
      assert.deepEqual(
        without.map(({ method, path }) => `${method} ${path}`).sort(),
        SIGNED_IN_ONLY,
      );
      const named = new Set(routes.flatMap(scopeOf));
      assert.deepEqual([...named].sort(), [...ADMIN_SCOPES].sort());
      // A key that has all the others is refused by each route, before anything else is looked at.
      const keys = new Map<string, string>();
      for (const scope of ADMIN_SCOPES) {
        const others = ADMIN_SCOPES.filter((it) => it !== scope);
        keys.set(scope, (await make(admin.root, others)).key);
      }
      const all = (await make(admin.root, ADMIN_SCOPES)).key;
      for (const route of routes) {
        const [scope] = scopeOf(route);
        const where = route.path.replaceAll(/\{\w+\}/g, '1');
        const answer = await admin.ask(keys.get(scope ?? '') ?? all, route.method, where);
        const code = scope === undefined ? 'admin_key_refused' : 'admin_key_scope';
        refused(answer, 403, code);
        if (scope !== undefined) assert.deepEqual((answer.json as Json).params, { scope });
        if (scope === undefined || route.method !== 'GET') continue;
        // With its scope alone, it is let in.
        const alone = await admin.ask(all, route.method, where);
        assert.notEqual(alone.headers['chit-error'], 'admin_key_scope', route.path);
        assert.ok([200, 400, 404, 409].includes(alone.status), `${route.path}: ${alone.status}`);
      }
    });

    test('the secret is shown once, and only its hash is stored', async () => {
      const made = await make(admin.root, ['users:read', 'audit:read', 'users:read']);
      assert.match(made.key, /^chit_admin_[A-Za-z0-9_-]{43}$/);
      assert.equal(made.prefix, made.key.slice(0, 18));
      assert.deepEqual(made.scopes, ['users:read', 'audit:read']);
      const days = (Date.parse(made.expires_at) - Date.parse(made.created_at)) / 86_400_000;
      assert.equal(days, 90);
      assert.equal(made.last_used_at, null);
      assert.equal((await admin.ask(made.key, 'GET', '/api/admin/users/')).status, 200);
      const shown = (await admin.ask(admin.root, 'GET', KEYS)).text;
      assert.ok(!shown.includes(made.key.slice(18)));
      const [first] = await listed(admin.root);
      assert.equal(first.id, made.id);
      assert.deepEqual(first.made_by, { id: rootId, username: rootName });
      assert.match(first.last_used_at, /Z$/);
      const stored = await admin.chit.context.adminKeys.allOf(rootId);
      assert.ok(!JSON.stringify(stored).includes(made.key.slice(18)));
    });

    test('what a key does is logged as its deed, beside who made it', async () => {
      const made = await make(admin.root, ['users:write', 'audit:read']);
      const body = { username: `register-${number}` };
      const answer = await admin.ask(made.key, 'POST', '/api/admin/users/', body);
      assert.equal(answer.status, 201, answer.text);
      const { id } = (answer.json as Json).user;
      const target = `target=user:${id}&action=user.create`;
      const [entry] = (await admin.read(`/api/admin/audit/?${target}`)).entries;
      assert.equal(entry.actor, `key:${made.id}`);
      assert.equal(entry.actor_name, rootName);
      assert.equal(entry.actor_key, made.name);
      for (const actor of [rootName, `user:${rootId}`, `key:${made.id}`]) {
        const { entries } = await admin.read(`/api/admin/audit/?${target}&actor=${actor}`);
        assert.equal(entries.length, 1, actor);
      }
      const csv = (await admin.ask(made.key, 'GET', '/api/admin/audit/?format=csv')).text;
      assert.ok(csv.includes(`key:${made.id},${rootName}`));
      const [exported, created] = (await admin.read('/api/admin/audit/?limit=100')).entries.filter(
        (it: Json) => it.target === `key:${made.id}` || it.action === 'audit.export',
      );
      assert.equal(exported.actor, `key:${made.id}`);
      assert.deepEqual(
        [created.action, created.actor, created.target_name, created.after.scopes],
        ['key.create', `user:${rootId}`, made.name, 'users:write audit:read'],
      );
    });

    test('tokens that a key books are told as those of who made it', async () => {
      const user = await admin.person();
      const made = await make(admin.root, ['credits:write']);
      const body = { to: [{ id: user.id, tokens: 7 }], reason: 'Every week' };
      const booked = await admin.ask(made.key, 'POST', '/api/admin/grants/', body);
      assert.equal(booked.status, 200, booked.text);
      const [line] = (await admin.read(`/api/admin/users/${user.id}/history/`)).results;
      assert.deepEqual([line.amount, line.actor, line.actor_name], [7, `key:${made.id}`, rootName]);
    });

    test('a key does no more than who made it may do now', async () => {
      const staff = await admin.person({ isStaff: true });
      const { key } = await make(staff.access, ['operations:read', 'users:write', 'users:read']);
      refused(await admin.ask(key, 'GET', '/api/admin/backups/'), 403, 'permission_denied');
      const byRoot = (await make(admin.root, ['operations:read'])).key;
      assert.equal((await admin.ask(byRoot, 'GET', '/api/admin/backups/')).status, 200);
      const name = `never-${staff.id}`;
      const attempt = () => admin.ask(key, 'POST', '/api/admin/users/', { username: name });
      // Demoted, disabled, and both undone.
      const path = `/api/admin/users/${staff.id}/`;
      await admin.ask(admin.root, 'PATCH', path, { is_staff: false });
      await sleep(CACHED_MS);
      refused(await attempt(), 403, 'permission_denied');
      await admin.ask(admin.root, 'PATCH', path, { is_staff: true });
      await setActive(admin.chit, staff.id, false);
      refused(await attempt(), 401, 'user_inactive');
      assert.equal(await usersBut(name), 0);
      await setActive(admin.chit, staff.id, true);
      assert.equal((await admin.ask(key, 'GET', '/api/admin/users/')).status, 200);
    });

    test('a key ends with its maker, whose name goes too', async () => {
      const staff = await admin.person({ isStaff: true });
      const { key, id } = await make(staff.access, ['users:read']);
      const path = `/api/admin/users/${staff.id}/?reason=left`;
      assert.equal((await admin.ask(admin.root, 'DELETE', path)).status, 204);
      refused(await admin.ask(key, 'GET', '/api/admin/users/'), 401, 'admin_key_invalid');
      const left = await admin.chit.context.adminKeys.find(id);
      assert.deepEqual([left?.name, left?.prefix, left?.username], ['', '', undefined]);
      assert.ok(left?.endedAtMs);
      assert.equal((await listed(admin.root)).filter((it) => it.id === id).length, 0);
    });

    test('a new password by somebody else ends the keys of its user', async () => {
      const staff = await admin.person({ isStaff: true });
      const { key } = await make(staff.access, ['users:read']);
      const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
      await setPasswordOf(admin.chit.context, by, staff.id, 'velvet-tram-19');
      refused(await admin.ask(key, 'GET', '/api/admin/users/'), 401, 'admin_key_invalid');
    });

    test('an ended key is refused within a second, and ends once', async () => {
      const staff = await admin.person({ isStaff: true });
      const { key, id } = await make(staff.access, ['users:read']);
      assert.equal((await admin.ask(key, 'GET', '/api/admin/users/')).status, 200);
      // Staff end their own only; superusers any.
      refused(await admin.ask(admin.staff, 'DELETE', `${KEYS}${id}/`), 404, 'admin_key_not_found');
      assert.equal((await listed(admin.staff)).filter((it) => it.id === id).length, 0);
      assert.equal((await listed(staff.access)).filter((it) => it.id === id).length, 1);
      assert.equal((await admin.ask(admin.root, 'DELETE', `${KEYS}${id}/`)).status, 204);
      refused(await admin.ask(admin.root, 'DELETE', `${KEYS}${id}/`), 404, 'admin_key_not_found');
      await sleep(CACHED_MS);
      refused(await admin.ask(key, 'GET', '/api/admin/users/'), 401, 'admin_key_invalid');
      const entries = (await admin.read(`/api/admin/audit/?target=key:${id}`)).entries;
      assert.deepEqual(
        entries.map((it: Json) => [it.action, it.actor]),
        [
          ['key.end', `user:${rootId}`],
          ['key.create', `user:${staff.id}`],
        ],
      );
    });

    test('an expired key is refused, and listed as expired', async () => {
      const { key, id } = await make(admin.root, ['users:read'], { expires_in_days: 1 });
      const database = openDatabase(at.url, {
        limits: { queryMs: 5_000, lockMs: 2_000 },
        mayCreate: false,
      });
      await sql`UPDATE admin_keys SET expires_at = ${Date.now() - 1_000} WHERE id = ${id}`.execute(
        database.kysely,
      );
      await database.close();
      refused(await admin.ask(key, 'GET', '/api/admin/users/'), 401, 'admin_key_invalid');
      const [first] = await listed(admin.root);
      assert.deepEqual([first.id, first.is_expired, first.last_used_at], [id, true, null]);
    });

    test('no key makes, lists or ends keys, reads chats, or touches accounts of staff', async () => {
      const { key, id } = await make(admin.root, ADMIN_SCOPES);
      const other = await admin.person({ isStaff: true });
      const user = await admin.person();
      const there = `/api/admin/users/${other.id}/`;
      const count = (await listed(admin.root)).length;
      const forbidden: [string, string, object?][] = [
        ['GET', KEYS],
        ['POST', KEYS, { name: 'more', scopes: ['users:read'] }],
        ['DELETE', `${KEYS}${id}/`],
        ['POST', '/api/admin/chats/', { reason: 'curious' }],
        ['PATCH', there, { is_active: false }],
        ['PATCH', there, { is_staff: false }],
        ['DELETE', `${there}?reason=x`],
        ['POST', `${there}password-link/`],
        ['POST', `${there}end-sessions/`],
        ['DELETE', `${there}keys/1/`],
        ['PATCH', `/api/admin/users/${user.id}/`, { is_staff: true }],
        ['PATCH', `/api/admin/users/${user.id}/`, { is_superuser: true }],
        ['POST', '/api/admin/users/', { username: 'sneaky', is_staff: true }],
        ['POST', '/api/admin/users/', { username: 'sneaky', is_superuser: true }],
        ['POST', '/api/admin/users/disable/', { ids: [user.id, other.id], reason: 'x' }],
      ];
      for (const [method, path, body] of forbidden) {
        refused(await admin.ask(key, method, path, body), 403, 'admin_key_refused');
      }
      const body = { to: [{ id: other.id, tokens: 5 }], reason: 'x' };
      refused(await admin.ask(key, 'POST', '/api/admin/grants/', body), 400, 'grants_refused');
      const { users } = admin.chit.context;
      const flags = async (userId: number) => {
        const it = await users.byId(userId);
        return [it?.isActive, it?.isStaff, it?.isSuperuser];
      };
      assert.deepEqual(await flags(other.id), [true, true, false]);
      assert.deepEqual(await flags(user.id), [true, false, false]);
      assert.equal(await usersBut('sneaky'), 0);
      assert.equal((await listed(admin.root)).length, count);
      assert.deepEqual(await admin.entries(`target=user:${other.id}`), []);
      assert.deepEqual(await admin.entries(`actor=key:${id}`), []);
    });

    test('opening tokens need the scope that gives tokens', async () => {
      const { key } = await make(admin.root, ['users:write']);
      const body = { username: 'rich', tokens: 1_000_000 };
      const answer = await admin.ask(key, 'POST', '/api/admin/users/', body);
      refused(answer, 403, 'admin_key_scope');
      assert.deepEqual((answer.json as Json).params, { scope: 'credits:write' });
      assert.equal(await usersBut('rich'), 0);
    });

    test('a key is let in nowhere else, and nothing else is let in for it', async () => {
      const user = await admin.server.newUser();
      const { key } = await make(admin.root, ADMIN_SCOPES);
      const { url } = admin.server;
      const before = await admin.tokensOf(rootId);
      const message = { message: 'hello' };
      const chat = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
      for (const [method, path, body] of [
        ['POST', '/api/chat/', message],
        ['GET', '/api/me/'],
        ['GET', '/api/conversations/'],
        ['POST', '/api/conversations/', {}],
        ['POST', '/api/keys/', { name: 'x' }],
        ['GET', '/api/tokens/'],
        ['GET', '/v1/models'],
        ['POST', '/v1/chat/completions', chat],
        ['POST', '/v1/messages', { ...chat, max_tokens: 5 }],
      ] as [string, string, object?][]) {
        refused(await admin.ask(key, method, path, body), 401, 'admin_key_misplaced');
      }
      const byHeader = { method: 'GET', headers: { 'x-api-key': key } };
      refused(await send(`${url}/v1/models`, byHeader), 401, 'admin_key_misplaced');
      assert.equal(await admin.tokensOf(rootId), before);
      // Not in a cookie, the query, another header or another scheme.
      for (const headers of [
        { cookie: `chit_session=${key}; access=${key}; refresh=${key}` },
        { 'x-api-key': key },
        { 'x-authorization': `Bearer ${key}` },
      ]) {
        const query = `?access_token=${key}&key=${key}&authorization=Bearer%20${key}`;
        refused(
          await send(`${url}/api/admin/users/${query}`, { headers }),
          401,
          'credentials_missing',
        );
        const refresh = { method: 'POST', headers };
        const session = await send(`${url}/api/session/refresh/`, refresh);
        assert.equal(session.status, 401);
        assert.equal(session.headers['set-cookie'], undefined);
      }
      const basic = `Basic ${Buffer.from(`x:${key}`).toString('base64')}`;
      const scheme = { headers: { authorization: basic } };
      refused(await send(`${url}/api/admin/users/`, scheme), 401, 'credentials_missing');
      for (const body of [{ refresh: key }, { token: key }]) {
        const path = 'refresh' in body ? 'refresh' : 'verify';
        assert.equal((await admin.ask('', 'POST', `/api/token/${path}/`, body)).status, 401);
      }
      // Keys of users, changed keys, and keys that look like one.
      const changed = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
      for (const other of [changed, 'chit_admin_', `chit_admin_${'A'.repeat(43)}`, `${key}x`]) {
        refused(await admin.ask(other, 'GET', '/api/admin/users/'), 401, 'admin_key_invalid');
      }
      for (const other of [user.key, key.toUpperCase(), key.replace('chit_admin_', 'chit_')]) {
        refused(await admin.ask(other, 'GET', '/api/admin/users/'), 401, 'access_token_invalid');
      }
    });

    test('what is asked for wrongly makes no key', async () => {
      const count = (await listed(admin.root)).length;
      const scopes: AdminScope[] = ['users:read'];
      for (const body of [
        {},
        { name: 'x' },
        { name: 'x', scopes: [] },
        { name: 'x', scopes: ['users:all'] },
        { name: 'x', scopes: ['signed_in_only'] },
        { name: 'x', scopes: 'users:read' },
        { name: ' ', scopes },
        { name: 'x'.repeat(101), scopes },
        { name: 'x', scopes, expires_in_days: 0 },
        { name: 'x', scopes, expires_in_days: 366 },
        { name: 'x', scopes, expires_in_days: 1.5 },
        { name: 'x', scopes, expires_in_days: null },
      ]) {
        const answer = await admin.ask(admin.root, 'POST', KEYS, body);
        assert.equal(answer.status, 400, JSON.stringify(body));
      }
      const user = await admin.person();
      const byUser = await admin.ask(user.access, 'POST', KEYS, { name: 'x', scopes });
      refused(byUser, 403, 'permission_denied');
      assert.equal((await listed(admin.root)).length, count);
    });

    test('making one needs a fresh proof, and its owner is told', async () => {
      const staff = await admin.person({ isStaff: true });
      const { tokens } = admin.chit.context;
      const proof = { atMs: Date.now() - 11 * 60_000, by: 'password' } as const;
      const stale = tokens.issue('access', staff.id, Date.now(), { proof }).token;
      const body = { name: 'mine', scopes: ['users:read'] };
      refused(await admin.ask(stale, 'POST', KEYS, body), 403, 'proof_required');
      assert.deepEqual(await listed(stale), []);
      const told = async () =>
        (await admin.ask(stale, 'GET', '/api/account/notices/')).json as Json;
      assert.deepEqual((await told()).notices, []);
      const { prefix, id } = await make(staff.access, ['users:read'], { name: 'mine' });
      const [notice] = (await told()).notices;
      const scopes = ['users:read'];
      assert.deepEqual([notice.kind, notice.data], ['key.new', { name: 'mine', prefix, scopes }]);
      // To end one needs no proof: whoever sees a leak ends it at once.
      assert.equal((await admin.ask(stale, 'DELETE', `${KEYS}${id}/`)).status, 204);
      // A key that may make links was proved for when it was made.
      const user = await admin.person();
      const { key } = await make(admin.root, ['users:links']);
      const link = await admin.ask(key, 'POST', `/api/admin/users/${user.id}/password-link/`);
      assert.equal(link.status, 201, link.text);
    });

    test('nobody has more than fifty in force, however many are asked for at once', async () => {
      const staff = await admin.person({ isStaff: true });
      const asked = Array.from({ length: 55 }, async (_, index) => {
        const body = { name: `n${index}`, scopes: ['users:read'] };
        // All of them wait for one row, on a busy machine for longer than a request may.
        for (;;) {
          const answer = await admin.ask(staff.access, 'POST', KEYS, body);
          if (answer.status !== 503) return answer;
        }
      });
      const answers = await Promise.all(asked);
      const made = answers.filter(({ status }) => status === 201);
      assert.equal(made.length, 50);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        refused(answer, 409, 'too_many_admin_keys');
      }
      const { id } = made[0]?.json as Json;
      await admin.ask(staff.access, 'DELETE', `${KEYS}${id}/`);
      await make(staff.access, ['users:read']);
    });
  });
});
