/** What staff see of usage and chats, and how the first superuser is created. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeSetupLink } from '../../../src/app/accounts/one-time-links.ts';
import { rollUp } from '../../../src/app/usage/roll-up.ts';
import { openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { AdminServer } from '../../support/admin.ts';
import { faultsOf, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { send } from '../../support/http.ts';
import { startModelServer } from '../../support/model-server.ts';
import { fillWithUse } from '../../support/sample-use.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { SECRET_KEY } from '../../support/server.ts';

const DAY_MS = 86_400_000;

/** The month in UTC of a time some days ago. */
function monthBefore(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 'YYYY-MM'.length);
}

/** The sum of one figure over all periods. */
function total(points: readonly Readonly<Record<string, number>>[], name: string): number {
  return points.reduce((sum, point) => sum + (point[name] ?? 0), 0);
}

onEachDatabase((at) => {
  describe('usage', () => {
    let admin: AdminServer;

    before(async () => {
      admin = await AdminServer.start({
        CHIT_DATABASE_URL: at.url,
        CHIT_STAFF_READS_CHATS: '1',
      });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    /** Usage up to a time: it is the same when an hour, a day or a month ends meanwhile. */
    const usageUntil = async (to: string, period: string) => {
      // One after another: only a few reports are made at once.
      const hours = await admin.read(`/api/admin/usage/?step=hour&to=${to}`);
      const days = await admin.read(`/api/admin/usage/?to=${to}`);
      const months = await admin.read(`/api/admin/usage/?step=month&model=claude&to=${to}`);
      const users = await admin.read(`/api/admin/usage/users/?period=${period}`);
      // All but when it was asked for.
      const [hour, day, month] = [hours, days, months].map(({ as_of: _, ...read }) => read);
      return { hour, day, month, users };
    };

    test('usage is the same before, during and after summing', async () => {
      const ids = await fillWithUse(admin.chit, { users: 9, days: 40, messagesADay: 12 });
      const user = await admin.person();
      await admin.ask(user.access, 'POST', '/api/chat/', { message: 'hello' });
      await admin.ask(user.access, 'POST', '/api/chat/', { message: script({ fail: 'down' }) });
      const lines = (await admin.read(`/api/admin/users/${user.id}/history/`)).results;
      await admin.ask(admin.root, 'POST', '/api/admin/refunds/', {
        charge: lines[0].id,
        reason: 'It was wrong',
      });
      const to = new Date().toISOString();
      // On the first of a month, few have been active in it.
      const lastMonth = monthBefore(1);
      const before = await usageUntil(to, lastMonth);
      const { context } = admin.chit;
      await rollUp(context, { untilMs: Date.now() - 20 * DAY_MS });
      assert.ok((await context.usage.progress()).summedUntilMs > 0);
      assert.deepEqual(await usageUntil(to, lastMonth), before);
      await rollUp(context);
      assert.deepEqual(await usageUntil(to, lastMonth), before);
      await rollUp(context, { marginMs: 0 });
      assert.deepEqual(await usageUntil(to, lastMonth), before);

      const book = await sumsOf(at.url);
      assert.equal(before.day.points.length, 30);
      assert.ok(total(before.day.points, 'users') >= 1);
      const { points } = await admin.read('/api/admin/usage/?model=scripted');
      const figures = ['messages', 'failed', 'charged', 'refunded'] as const;
      assert.deepEqual(
        figures.map((name) => total(points, name)),
        [1, 1, 100, 100],
      );
      const month = await admin.read(`/api/admin/usage/?step=month`);
      assert.equal(total(month.points, 'charged'), book.charged);
      assert.equal(total(month.points, 'messages'), book.messages);
      assert.equal(total(month.points, 'failed'), book.failed);
      const models = month.models.map((it: { model: string }) => it.model).toSorted();
      assert.deepEqual(models, ['claude', 'gpt', 'local', 'scripted']);
      const one = await admin.read(`/api/admin/users/${ids[0]}/usage/`);
      assert.equal(one.points.length, 30);
      assert.ok(before.users.users.length > 1);
      const monthAsked = monthBefore(0);
      const { period } = await admin.read('/api/admin/usage/users/');
      assert.ok([monthAsked, monthBefore(0)].includes(period), period);
    });

    test('a generation is summed only once it has ended', async () => {
      const user = await admin.server.newUser();
      const slow = script({ say: 'one ' }, { waitMs: 4_000 }, { say: 'two' });
      const chat = admin.ask(user.access, 'POST', '/api/chat/', { message: slow });
      const { context } = admin.chit;
      while (context.generations.accountIds.length === 0)
        await new Promise((go) => setTimeout(go, 5));
      await rollUp(context, { marginMs: 0 });
      const mine = async () => {
        const { points } = await admin.read(`/api/admin/users/${user.userId}/usage/`);
        return total(points, 'messages');
      };
      assert.equal(await mine(), 0);
      await chat;
      assert.equal(await mine(), 1);
      await rollUp(context, { marginMs: 0 });
      assert.equal(await mine(), 1);
    });

    test('the CSV file has the same numbers, and parameters are validated', async () => {
      const query = `step=hour&to=${new Date().toISOString()}`;
      const { points } = await admin.read(`/api/admin/usage/?${query}`);
      const csv = await admin.ask(admin.root, 'GET', `/api/admin/usage/?${query}&format=csv`);
      const rows = csv.text.trim().split('\r\n');
      assert.equal(rows.length, points.length + 1);
      assert.match(rows[0] ?? '', /^period,messages,failed,charged/);
      assert.ok(rows.at(-1)?.startsWith(`${points.at(-1).period},${points.at(-1).messages},`));
      for (const wrong of ['step=hour&from=2020-01-01T00:00:00Z', 'from=soon', 'step=week']) {
        const answer = await admin.ask(admin.root, 'GET', `/api/admin/usage/?${wrong}`);
        assert.equal(answer.status, 400, wrong);
      }
    });

    test('reading chats requires a reason, which is logged before they are shown', async () => {
      const user = await admin.person();
      await admin.ask(user.access, 'POST', '/api/chat/', { message: 'Where is the Library?' });
      const look = (body: object) => admin.ask(admin.staff, 'POST', '/api/admin/chats/', body);
      assert.equal((await look({})).status, 400);
      assert.equal((await look({ reason: ' ' })).status, 400);
      assert.deepEqual(await admin.entries('action=chats.read'), []);
      const found = (await look({ reason: 'A complaint', q: 'the library' })).json as {
        chats: { user: number; message: string; response: string }[];
      };
      assert.deepEqual(
        found.chats.map(({ user: id, message, response }) => [id, message, response]),
        [[user.id, 'Where is the Library?', 'You said: Where is the Library?']],
      );
      const [entry] = await admin.entries('action=chats.read');
      assert.equal(entry?.reason, 'A complaint');
      for (const name of [user.username, `user:${user.id}`]) {
        const mine = (await look({ reason: 'a', user: name })).json as { chats: object[] };
        assert.equal(mine.chats.length, 1);
      }
      assert.equal((await look({ reason: 'a', user: 'nobody at all' })).status, 404);
      const first = (await look({ reason: 'a', limit: '2' })).json as {
        chats: { id: string }[];
        next_cursor: string;
      };
      const next = (await look({ reason: 'a', limit: '2', cursor: first.next_cursor })).json as {
        chats: { id: string }[];
      };
      assert.equal(new Set([...first.chats, ...next.chats].map(({ id }) => id)).size, 4);
      assert.equal((await admin.read('/api/me/')).staff_reads_chats, true);
    });

    test('staff see why a reply is missing', async () => {
      const user = await admin.person();
      await admin.ask(user.access, 'POST', '/api/chat/', { message: script({ fail: 'down' }) });
      const body = { reason: 'A complaint', user: user.username };
      const { json } = await admin.ask(admin.staff, 'POST', '/api/admin/chats/', body);
      const { chats } = json as {
        chats: { response: string | null; failure: string; failure_code: string }[];
      };
      assert.equal(chats[0]?.response, null);
      assert.equal(chats[0]?.failure_code, 'model_failed');
      assert.match(chats[0]?.failure ?? '', /^The model did not reply/);
    });

    test('settings are listed with their sources, without secrets', async () => {
      const { settings } = await admin.read('/api/admin/settings/');
      const named = (name: string) =>
        settings.find((it: { name: string }) => it.name === name) as Record<string, string>;
      assert.equal(named('CHIT_STAFF_READS_CHATS').value, '1');
      assert.equal(named('CHIT_STAFF_READS_CHATS').source, 'environment');
      assert.equal(named('CHIT_PORT').source, 'default');
      assert.equal(named('CHIT_SECRET_KEY').value, null);
      const text = JSON.stringify(settings);
      assert.ok(!text.includes(SECRET_KEY));
      const password = at.url.match(/:([^:@/]+)@/)?.[1];
      if (password) assert.ok(!text.includes(`:${password}@`));
    });

    test('models are listed with their health', async () => {
      const user = await admin.person();
      for (const message of ['one', 'two', 'three']) {
        await admin.ask(user.access, 'POST', '/api/chat/', { message });
      }
      const { models, providers } = await admin.read('/api/admin/models/');
      assert.equal(models[0].name, 'scripted');
      assert.equal(models[0].health.state, 'answering');
      assert.deepEqual(providers, []);
    });
  });

  describe('setup', () => {
    test('the setup link for the first superuser works once and expires', async () => {
      const settings = { CHIT_DATABASE_URL: await at.newUrl(), CHIT_SECRET_KEY: SECRET_KEY };
      const server = await startModelServer([scriptedModel(flatPrice(1))], settings);
      const { context } = server.chit;
      const setUp = async (path: string | undefined, username: string) => {
        const body = JSON.stringify({
          token: path?.split('#')[1],
          username,
          password: 'velvet tram',
        });
        const headers = { 'content-type': 'application/json' };
        return (await send(`${server.url}/api/setup/`, { method: 'POST', headers, body })).status;
      };
      const late = await makeSetupLink({ ...context, now: () => Date.now() - 31 * 60_000 });
      assert.equal(await setUp(late?.path, 'late'), 400);
      const first = await makeSetupLink(context);
      const second = await makeSetupLink(context);
      assert.equal(await setUp(first?.path, 'first'), 400);
      assert.equal(await setUp('/setup#none', 'none'), 400);
      const both = await Promise.all([setUp(second?.path, 'one'), setUp(second?.path, 'two')]);
      assert.deepEqual(both.toSorted(), [200, 400]);
      assert.equal(await makeSetupLink(context), undefined);
      const [user] = await context.users.list({ afterId: -1, limit: 10 });
      assert.ok(user?.isStaff && user.isSuperuser);
      // The command line may disable others, but not the last superuser.
      await assert.rejects(setActive(server.chit, user.id, false), { code: 'last_superuser' });
      assert.equal((await context.users.byId(user.id))?.isActive, true);
      await server.close();
    });
  });

  describe('chats that staff may not read', () => {
    test('are not shown to anyone', async () => {
      const admin = await AdminServer.start({ CHIT_DATABASE_URL: await at.newUrl() });
      const body = { reason: 'Curious' };
      const answer = await admin.ask(admin.root, 'POST', '/api/admin/chats/', body);
      assert.equal(answer.status, 403);
      assert.match(answer.text, /CHIT_STAFF_READS_CHATS/);
      assert.deepEqual(await admin.entries(''), []);
      assert.equal((await admin.read('/api/me/')).staff_reads_chats, false);
      await admin.server.close();
    });
  });
});

/** The ledger's own numbers, without any sums. */
async function sumsOf(url: string) {
  const { config } = loadConfig({ CHIT_DATABASE_URL: url, CHIT_SECRET_KEY: SECRET_KEY }, 'none');
  const chit = await openChit(config, [scriptedModel(flatPrice(1))]);
  const uses = await chit.context.completedGenerations.ended({ from: '', to: 'g' });
  await chit.close();
  return {
    charged: uses.reduce((sum, it) => sum + it.chargedCredits, 0),
    messages: uses.filter(({ isAnswered }) => isAnswered).length,
    failed: uses.filter(({ isAnswered }) => !isAnswered).length,
  };
}
