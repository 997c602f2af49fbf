/** What staff and superusers may do, and how a user is disabled. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { stopUnwanted } from '../../../src/app/metering/stop-unwanted.ts';
import { AdminServer, PASSWORD, SLOW } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { send } from '../../support/http.ts';
import { endpointsOf } from '../../support/openapi.ts';

onEachDatabase((at) => {
  describe('access', () => {
    let admin: AdminServer;

    before(async () => {
      const settings = { CHIT_DATABASE_URL: at.url, CHIT_STAFF_READS_CHATS: '1' };
      admin = await AdminServer.start(settings);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    test('every route refuses users who are not staff, and API keys', async () => {
      const user = await admin.server.newUser();
      const routes = (await endpointsOf(admin.server.url)).filter(({ path }) =>
        path.startsWith('/api/admin/'),
      );
      assert.ok(routes.length >= 18, `${routes.length} routes`);
      for (const { method, path } of routes) {
        const where = path.replaceAll(/\{\w+\}/g, '1');
        const body = method === 'GET' ? undefined : {};
        assert.equal(
          (await admin.ask(user.access, method, where, body)).status,
          403,
          `${method} ${path}`,
        );
        assert.equal(
          (await admin.ask(user.key, method, where, body)).status,
          401,
          `${method} ${path}`,
        );
        const withKey = { method, headers: { 'x-api-key': user.key } };
        assert.equal((await send(`${admin.server.url}${where}`, withKey)).status, 401);
      }
    });

    test('staff cannot make others staff or change a superuser', async () => {
      const user = await admin.person();
      const superuser = await admin.person({ isStaff: true, isSuperuser: true });
      const there = `/api/admin/users/${superuser.id}/`;
      const forbidden: [string, string, object?][] = [
        ['PATCH', `/api/admin/users/${user.id}/`, { is_staff: true }],
        ['PATCH', `/api/admin/users/${user.id}/`, { is_superuser: true }],
        ['POST', '/api/admin/users/', { username: 'made', is_staff: true }],
        ['POST', '/api/admin/users/', { username: 'made', is_superuser: true }],
        ['PATCH', there, { is_active: false }],
        ['DELETE', there],
        ['POST', `${there}password-link/`],
        ['POST', `${there}end-sessions/`],
        ['DELETE', `${there}keys/1/`],
      ];
      for (const [method, path, body] of forbidden) {
        const { status } = await admin.ask(admin.staff, method, path, body);
        assert.equal(status, 403, `${method} ${path} ${JSON.stringify(body)}`);
      }
      const { users } = admin.server.chit.context;
      assert.equal((await users.byId(user.id))?.isStaff, false);
      assert.equal((await users.byId(superuser.id))?.isActive, true);
      assert.equal(await users.byUsername('made'), undefined);
      assert.deepEqual(await admin.entries(`target=user:${superuser.id}`), []);
      const made = await admin.ask(admin.root, 'PATCH', `/api/admin/users/${user.id}/`, {
        is_staff: true,
      });
      assert.equal((made.json as { is_staff: boolean }).is_staff, true);
    });

    test('staff cannot change the balance of a superuser: nothing is booked for anyone', async () => {
      const user = await admin.person();
      const superuser = await admin.person({ isStaff: true, isSuperuser: true });
      await admin.ask(superuser.access, 'POST', '/api/chat/', { message: 'hello' });
      const [charge] = (await admin.read(`/api/admin/users/${superuser.id}/history/`)).results;
      const before = [await admin.tokensOf(user.id), await admin.tokensOf(superuser.id)];
      for (const tokens of [5, -5]) {
        const to = [
          { id: user.id, tokens },
          { id: superuser.id, tokens },
        ];
        const body = { to, reason: 'Why not' };
        const plan = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', {
          ...body,
          dry_run: true,
        });
        const problems = (plan.json as { rows: { problem: string | null }[] }).rows;
        assert.equal(problems[0]?.problem, null);
        assert.match(problems[1]?.problem ?? '', /Only a superuser/);
        const booked = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', body);
        assert.equal(booked.status, 400);
      }
      const refund = { charge: charge.id, reason: 'Why not' };
      const refused = await admin.ask(admin.staff, 'POST', '/api/admin/refunds/', refund);
      assert.equal(refused.status, 403);
      const after = [await admin.tokensOf(user.id), await admin.tokensOf(superuser.id)];
      assert.deepEqual(after, before);
      const byRoot = await admin.ask(admin.root, 'POST', '/api/admin/refunds/', refund);
      assert.equal(byRoot.status, 200);
    });

    test('nobody can disable themselves or the last superuser', async () => {
      const { id } = (await admin.read('/api/me/')) as { id: number };
      for (const [method, body] of [
        ['PATCH', { is_active: false }],
        ['DELETE', undefined],
      ] as const) {
        const answer = await admin.ask(admin.root, method, `/api/admin/users/${id}/`, body);
        assert.equal(answer.status, 400);
        assert.match(answer.text, /your own account/);
      }
    });

    for (const who of ['this server', 'another server'] as const) {
      test(`a user who is disabled by ${who} is out, and what is written for them ends`, async () => {
        const user = await admin.server.newUser();
        const chat = admin.ask(user.access, 'POST', '/api/chat/', { message: SLOW, stream: true });
        const made = await admin.ask(user.access, 'POST', '/api/conversations/', {});
        const { id } = made.json as { id: string };
        const said = await admin.ask(user.access, 'POST', `/api/conversations/${id}/messages/`, {
          message: SLOW,
        });
        const messageId = (said.json as { id: string }).id;
        const { context } = admin.server.chit;
        while (context.generations.find(messageId)?.text !== 'one ') await tick();
        const begun = performance.now();
        if (who === 'this server') {
          await admin.ask(admin.staff, 'PATCH', `/api/admin/users/${user.userId}/`, {
            is_active: false,
          });
        } else {
          const before = { isActive: true, isStaff: false, isSuperuser: false };
          const after = { ...before, isActive: false };
          const entry = { id: `other-${user.userId}`, atMs: 1, actor: 'cli:other' } as const;
          const none = { address: undefined, reason: undefined, before: undefined };
          const deed = { action: 'user.change', target: 'user:1', after: undefined } as const;
          await context.users.change([
            { id: user.userId, before, after, entry: { ...entry, ...none, ...deed } },
          ]);
          await stopUnwanted(context);
        }
        assert.match((await chat).text, /one /);
        assert.ok(performance.now() - begun < 20_000, 'the stream ended');
        await context.generations.idle();
        const message = await context.messages.find(user.userId, messageId);
        assert.equal(message?.status, 'incomplete');
        assert.equal(message.reply, 'one ');
        await new Promise((resolve) => setTimeout(resolve, 1_050));
        assert.equal((await admin.ask(user.access, 'GET', '/api/me/')).status, 401);
        const models = { headers: { 'x-api-key': user.key } };
        assert.equal((await send(`${admin.server.url}/v1/models`, models)).status, 401);
        assert.equal((await admin.server.balanceOf(user.userId)).heldCredits, 0);
      });
    }

    test('a password link works once and ends all sessions', async () => {
      const user = await admin.person();
      const login = (password: string) =>
        admin.ask('', 'POST', '/api/login/', { username: user.username, password });
      const { refresh } = (await login(PASSWORD)).json as { refresh: string };
      const where = `/api/admin/users/${user.id}/password-link/`;
      const first = (await admin.ask(admin.staff, 'POST', where)).json as { path: string };
      const second = (await admin.ask(admin.staff, 'POST', where)).json as { path: string };
      const choose = ({ path }: { path: string }, password: string) =>
        send(`${admin.server.url}/api/password/choose/`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token: path.split('#')[1], password }),
        });
      assert.equal((await choose(first, 'new')).status, 400, 'the second replaced the first');
      assert.equal((await choose({ path: '#none' }, 'new')).status, 400);
      assert.equal((await choose(second, 'a new one')).status, 200);
      assert.equal((await choose(second, 'another')).status, 400, 'it works once');
      assert.equal((await login('a new one')).status, 200);
      assert.equal((await login(PASSWORD)).status, 400);
      const refreshed = await admin.ask('', 'POST', '/api/token/refresh/', { refresh });
      assert.equal(refreshed.status, 401);
      const log = await admin.entries(`target=${user.username}`);
      assert.deepEqual(
        log.map(({ action }) => action),
        ['user.password', 'user.password_link', 'user.password_link'],
      );
    });

    test("staff can end a user's sessions and revoke their keys", async () => {
      const user = await admin.server.newUser();
      const where = `/api/admin/users/${user.userId}/`;
      const { keys } = (await admin.read(where)) as { keys: { id: string }[] };
      assert.equal(
        (await admin.ask(admin.staff, 'DELETE', `${where}keys/${keys[0]?.id}/`)).status,
        204,
      );
      assert.equal(
        (await admin.ask(admin.staff, 'DELETE', `${where}keys/${keys[0]?.id}/`)).status,
        404,
      );
      assert.deepEqual((await admin.read(where)).keys, []);
      const one = await admin.person();
      const login = { username: one.username, password: PASSWORD };
      const { refresh } = (await admin.ask('', 'POST', '/api/login/', login)).json as {
        refresh: string;
      };
      assert.equal((await admin.ask(one.access, 'GET', '/api/me/')).status, 200);
      await admin.ask(admin.staff, 'POST', `/api/admin/users/${one.id}/end-sessions/`);
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      assert.equal((await admin.ask(one.access, 'GET', '/api/me/')).status, 401);
      assert.equal((await admin.ask('', 'POST', '/api/token/refresh/', { refresh })).status, 401);
      assert.deepEqual((await admin.read(`/api/admin/users/${one.id}/`)).sessions, []);
    });

    test('an account is created with a password, or with a link to choose one', async () => {
      const made = await admin.ask(admin.staff, 'POST', '/api/admin/users/', {
        username: 'Eve',
        tokens: 7,
      });
      assert.equal(made.status, 201);
      const { user, link } = made.json as { user: { id: number; tokens: number }; link: object };
      assert.equal(user.tokens, 7);
      assert.ok(link);
      const second = await admin.ask(admin.staff, 'POST', '/api/admin/users/', { username: 'Eve' });
      assert.equal(second.status, 400);
      const body = { username: 'Mallory', password: PASSWORD };
      const other = (await admin.ask(admin.staff, 'POST', '/api/admin/users/', body)).json as {
        link: null;
      };
      assert.equal(other.link, null);
      assert.equal((await admin.ask('', 'POST', '/api/login/', body)).status, 200);
    });
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
