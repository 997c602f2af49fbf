/** Who pays for a message, what limits it, and what a user is told of both. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Static } from 'typebox';
import type { BudgetKind } from '../../../src/core/budget.ts';
import { calendarText, periodsBetween } from '../../../src/core/calendar.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { LimitsReply } from '../../../src/http/credits/limit-schema.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf } from '../../support/chit.ts';
import { Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, getWith, postJson, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { givePlan, grantTo, newBudget, newPool } from '../../support/pools.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { type ScriptedModel, script, scriptedModel } from '../../support/scripted-model.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const COST = 100;
const BERLIN = { kind: 'month', day: 1, timeZone: 'Europe/Berlin' } as const;

type Limits = Static<typeof LimitsReply>;
type User = Awaited<ReturnType<ModelServer['newUser']>>;

// In a suite of its own, since the database is closed after the enclosing one.
onEachDatabase((at) =>
  describe('over HTTP', () => {
    let model: ScriptedModel;
    let emulator: ProviderEmulator;
    let server: ModelServer;
    let database: OpenDatabase;
    let user: User;

    before(async () => {
      const url = await at.newUrl();
      model = scriptedModel(flatPrice(COST));
      emulator = await startProviderEmulator();
      const other = { ...scriptedModel(flatPrice(COST)), name: 'other', requests: [] };
      const models = [
        { ...model, fallbacks: ['other'] },
        other,
        { ...modelAt(providerAt(emulator, 'openai'), 'gpt'), price: flatPrice(COST) },
        { ...modelAt(providerAt(emulator, 'anthropic'), 'claude'), price: flatPrice(COST) },
      ];
      server = await startModelServer(models, { CHIT_DATABASE_URL: url });
      database = openDatabase(url);
    });
    beforeEach(async () => {
      user = await server.newUser();
      model.requests.length = 0;
      emulator.reset();
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await database.close();
      await server.close();
      await emulator.close();
    });

    const chat = (body: object = {}, access = user.access) =>
      postJson(`${server.url}/api/chat/`, { message: 'Hello', ...body }, access);
    const tokens = async () =>
      ((await getWith(`${server.url}/api/tokens/`, user.access)).json as { tokens: number }).tokens;
    const limits = async () =>
      (await getWith(`${server.url}/api/limits/`, user.access)).json as Limits;
    const ask = (path: string, body: object, key = user.key) =>
      postJson(
        `${server.url}${path}`,
        { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 20, ...body },
        key,
      );
    const putLimit = (path: string, body: object, access = user.access) =>
      send(`${server.url}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${access}` },
        body: JSON.stringify(body),
      });
    const endLimit = (path: string, access = user.access) =>
      send(`${server.url}${path}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${access}` },
      });
    const posted = async (accountId: number) => (await server.balanceOf(accountId)).postedCredits;
    const poolOf = (credits: number, more: { readonly models?: readonly string[] } = {}) =>
      newPool(database.kysely, server.chit, { members: [user.userId], credits, ...more });
    const paidBy = ({ headers }: Answer) => headers['chit-paid-by'] ?? 'personal';

    /** Asserts a refusal of a message, and that nothing came of it. */
    async function assertRefused(refused: () => Promise<Answer>, status: number, code: string) {
      const before = await limits();
      const answer = await refused();
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers['chit-error'], code);
      assert.equal(model.requests.length + emulator.requests.length, 0);
      assert.deepEqual(await limits(), before);
      return JSON.parse(String(answer.headers['chit-error-params'] ?? '{}'));
    }

    test('pools pay in the order of joining, then the user; tokens are what the payer has', async () => {
      const first = await poolOf(COST);
      const second = await poolOf(COST + 50);
      assert.equal(await tokens(), COST);
      assert.equal((await limits()).payer, first.groupId);
      assert.equal(paidBy(await chat()), first.groupId);
      assert.equal(await tokens(), COST + 50);
      assert.equal(paidBy(await chat()), second.groupId);
      // It has something left, but not enough for a message.
      assert.equal(await tokens(), 50);
      assert.equal(paidBy(await chat()), 'personal');
      assert.deepEqual(
        [await posted(first.poolId), await posted(second.poolId), await posted(user.userId)],
        [0, 50, 3_900],
      );
    });

    test('a message names who pays, and says so afterwards', async () => {
      const pool = await poolOf(1_000);
      const talker = new Talker(server.url, user.access);
      const { id } = await talker.begin();
      const own = await talker.exchange(id, 'one', { payer: 'personal' });
      const shared = await talker.exchange(id, 'two', { parent: own.id, payer: pool.groupId });
      const paid = (await talker.messages(id)) as unknown as { id: string; paid_by: object }[];
      assert.deepEqual(
        paid.map((it) => [it.id, it.paid_by]),
        [
          [shared.id, { id: pool.groupId, name: pool.name }],
          [own.id, { id: 'personal', name: null }],
        ],
      );
      assert.deepEqual([await posted(pool.poolId), await posted(user.userId)], [900, 3_900]);
      const streamed = await chat({ stream: true, payer: pool.groupId });
      assert.match(streamed.text, new RegExp(`"paid_by":"${pool.groupId}"`));
    });

    test('the statement of a group has what it paid for the user, and nothing of others', async () => {
      const pool = await poolOf(1_000);
      const stranger = await server.newUser();
      const { kysely } = database;
      const member = { group_id: pool.groupId, user_id: stranger.userId, joined_at: 0 };
      await kysely
        .insertInto('group_members')
        .values({ ...member, is_manager: 0 })
        .execute();
      for (const { access } of [user, stranger, user]) await chat({}, access);
      const of = async (account: string, more = '') => {
        const path = `/api/tokens/history/?account=${account}${more}`;
        const { json } = await getWith(`${server.url}${path}`, user.access);
        return json as { results: { amount: number; kind: string }[]; next_cursor: string | null };
      };
      const { results } = await of(pool.groupId);
      assert.deepEqual(
        results.map((it) => [it.kind, it.amount]),
        [
          ['charge', -100],
          ['charge', -100],
        ],
      );
      const first = await of(pool.groupId, '&limit=1');
      assert.deepEqual(first.results, results.slice(0, 1));
      const second = await of(pool.groupId, `&limit=1&cursor=${first.next_cursor}`);
      assert.deepEqual(second.results, results.slice(1));
      assert.deepEqual(
        (await of('personal')).results.map(({ kind }) => kind),
        ['grant'],
      );
      const unknown = await getWith(`${server.url}/api/tokens/history/?account=no`, user.access);
      assert.equal(unknown.headers['chit-error'], 'payer_unknown');
    });

    test('the pool of another group pays for nobody else, and one that is gone for nobody', async () => {
      const stranger = await server.newUser();
      const pool = await newPool(database.kysely, server.chit, {
        members: [stranger.userId],
        credits: 1_000,
      });
      await assertRefused(() => chat({ payer: pool.groupId }), 400, 'payer_unknown');
      await assertRefused(() => chat({ payer: 'nothing' }), 400, 'payer_unknown');
      assert.equal(paidBy(await chat({}, stranger.access)), pool.groupId);
      // The list that authentication has read is a second old at most; the hold looks again.
      const { kysely } = database;
      await kysely.deleteFrom('group_members').where('user_id', '=', stranger.userId).execute();
      assert.equal(paidBy(await chat({}, stranger.access)), 'personal');
      assert.equal(await posted(pool.poolId), 900);
    });

    test('for a user who is in no group nothing more is read', async (t) => {
      const { requesters, limits: store } = server.chit.context;
      const payersOf = t.mock.method(requesters, 'payersOf');
      const read = t.mock.method(store, 'read');
      assert.equal((await chat()).status, 200);
      assert.equal((await ask('/v1/chat/completions', { model: 'gpt' })).status, 200);
      assert.equal(await tokens(), 3_800);
      assert.equal(payersOf.mock.callCount() + read.mock.callCount(), 0);
    });

    test('who has just joined can name the pool at once', async () => {
      assert.equal((await chat()).status, 200);
      model.requests.length = 0;
      const pool = await poolOf(1_000);
      assert.equal(paidBy(await chat({ payer: pool.groupId })), pool.groupId);
    });

    test('a pool pays only for its models, also where a fallback would answer', async () => {
      const pool = await poolOf(1_000, { models: ['scripted'] });
      assert.deepEqual(
        (await limits()).accounts.map(({ models }) => models),
        [['scripted'], null],
      );
      assert.equal(paidBy(await chat({ model: 'other' })), 'personal');
      const named = { model: 'other', payer: pool.groupId };
      const { group } = await assertRefused(() => chat(named), 400, 'model_not_paid');
      assert.equal(group, pool.name);
      const failing = { message: script({ fail: 'gone' }) };
      assert.equal((await chat({ ...failing, payer: pool.groupId })).status, 502);
      assert.equal(await posted(pool.poolId), 1_000);
      assert.equal(paidBy(await chat(failing)), 'personal');
    });

    test('a plan of the own account limits the models that are offered', async () => {
      const plan = { calendar: BERLIN, allowance: 500, models: ['other', 'gpt'] };
      await givePlan(database.kysely, server.chit, user.userId, plan);
      await assertRefused(() => chat({ model: 'scripted' }), 404, 'model_not_found');
      assert.equal((await chat({ model: 'other' })).status, 200);
      const listed = (await getWith(`${server.url}/api/models/`, user.access)).json as {
        models: { name: string }[];
      };
      assert.deepEqual(
        listed.models.map(({ name }) => name),
        ['other', 'gpt'],
      );
      const { json } = await getWith(`${server.url}/v1/models`, user.key);
      assert.deepEqual(
        (json as { data: { id: string }[] }).data.map(({ id }) => id),
        ['gpt'],
      );
      const pool = await poolOf(1_000);
      const other = await server.newUser();
      assert.equal((await chat({ model: 'scripted' }, other.access)).status, 200);
      assert.equal(await posted(pool.poolId), 1_000);
    });

    test('a key of a group is paid by its pool alone', async () => {
      const pool = await poolOf(COST);
      const unknown = await postJson(
        `${server.url}/api/keys/`,
        { name: 'no', group: 'nothing' },
        user.access,
      );
      assert.equal(unknown.status, 400);
      const made = await postJson(
        `${server.url}/api/keys/`,
        { name: 'bound', group: pool.groupId },
        user.access,
      );
      const { key, group } = made.json as { key: string; group: object };
      assert.deepEqual(group, { id: pool.groupId, name: pool.name });
      const { keys } = (await getWith(`${server.url}/api/keys/`, user.access)).json as {
        keys: { group: object | null }[];
      };
      assert.deepEqual(
        keys.map((it) => it.group),
        [{ id: pool.groupId, name: pool.name }, null],
      );
      assert.equal((await ask('/v1/chat/completions', { model: 'gpt' }, key)).status, 200);
      const refused = await ask('/v1/chat/completions', { model: 'gpt' }, key);
      assert.equal(refused.status, 402);
      const { error } = refused.json as { error: Record<string, unknown> };
      assert.equal(error.code, 'insufficient_quota');
      assert.equal(error.reason, 'insufficient_credits');
      assert.deepEqual(error.group, { id: pool.groupId, name: pool.name });
      assert.match(String(error.message), new RegExp(`balance of the group "${pool.name}"`));
      assert.equal(emulator.requests.length, 1);
      assert.deepEqual([await posted(pool.poolId), await posted(user.userId)], [0, 4_000]);
      // The other key goes on to the user's own account.
      assert.equal((await ask('/v1/chat/completions', { model: 'gpt' })).status, 200);
      assert.equal(await posted(user.userId), 3_900);
      await database.kysely
        .deleteFrom('group_members')
        .where('user_id', '=', user.userId)
        .execute();
      const left = await ask('/v1/chat/completions', { model: 'gpt' }, key);
      assert.ok(left.status >= 400, left.text);
      assert.equal(emulator.requests.length, 2);
    });

    const day = { kind: 'calendar', calendar: 'day UTC' } as const;
    const KINDS = ['member', 'plan', 'user', 'own'] as const satisfies readonly BudgetKind[];
    for (const kind of KINDS) {
      test(`what a budget of kind ${kind} refuses did not happen, in each API`, async () => {
        const pool = await poolOf(1_000);
        const planId = await givePlan(database.kysely, server.chit, pool.poolId, {
          calendar: BERLIN,
          allowance: 1_000,
        });
        const scopes = { member: pool.groupId, plan: planId };
        const scope = kind === 'user' || kind === 'own' ? String(user.userId) : scopes[kind];
        const budget = { kind, scope, limitCredits: COST - 1, window: day };
        await newBudget(database.kysely, budget);
        await grantTo(server.chit, user.userId, -4_000);
        const [, next] = periodsBetween({ kind: 'day', timeZone: 'UTC' }, Date.now(), SOON_MS);
        const renews_at = new Date(next?.startMs ?? 0).toISOString();
        const params = await assertRefused(() => chat(), 402, 'budget_exceeded');
        const { group, ...rest } = params;
        assert.deepEqual(rest, { needed: COST, available: COST - 1, budget: kind, renews_at });
        assert.deepEqual(group, { id: pool.groupId, name: pool.name });
        const again = await chat();
        const seconds = Number(again.headers['retry-after']);
        assert.ok(seconds > 0 && seconds <= 86_400);
        const talker = new Talker(server.url, user.access);
        const { id } = await talker.begin();
        await assertRefused(() => talker.say(id, 'Hello'), 402, 'budget_exceeded');
        assert.deepEqual(await talker.messages(id), []);
        const openAi = () => ask('/v1/chat/completions', { model: 'gpt' });
        await assertRefused(openAi, 402, 'budget_exceeded');
        const { error } = (await openAi()).json as { error: Record<string, unknown> };
        const { message, ...members } = error;
        assert.match(String(message), /has only 99 left/);
        assert.deepEqual(members, {
          type: 'insufficient_quota',
          code: 'insufficient_quota',
          param: null,
          reason: 'budget_exceeded',
          ...params,
        });
        const anthropic = () => ask('/v1/messages', { model: 'claude' });
        await assertRefused(anthropic, 402, 'budget_exceeded');
        const told = (await anthropic()).json as { error: Record<string, unknown> };
        assert.equal(told.error.type, 'billing_error');
        assert.equal(told.error.reason, 'budget_exceeded');
        assert.equal(told.error.renews_at, renews_at);
      });
    }

    test('a key without room is refused by name, and its budget is among the limits', async () => {
      const bound = await postJson(
        `${server.url}/api/keys/`,
        { name: 'small', budget: COST - 1 },
        user.access,
      );
      const made = bound.json as { key: string; id: string };
      const asked = () => ask('/v1/chat/completions', { model: 'gpt' }, made.key);
      await assertRefused(asked, 402, 'api_key_budget_exceeded');
      const { error } = (await asked()).json as { error: Record<string, unknown> };
      assert.equal(error.reason, 'api_key_budget_exceeded');
      assert.deepEqual([error.needed, error.available], [COST, COST - 1]);
      const { limits: applying, tokens: left } = await limits();
      assert.deepEqual(
        applying.map((it) => [it.kind, it.key, it.left]),
        [['key', { id: made.id, name: 'small' }, COST - 1]],
      );
      // It limits what goes through the key alone.
      assert.equal(left, 4_000);
    });

    test('the original’s answer stays where the account itself has too little', async () => {
      await grantTo(server.chit, user.userId, -3_950);
      const refused = await chat();
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.json, { error: 'Insufficient tokens' });
      await assertRefused(() => chat(), 400, 'insufficient_credits');
    });

    test('the limits are those of the ledger, with the renewal booked first', async () => {
      const pool = await poolOf(1_000);
      const monthAgo = Date.now() - 40 * 86_400_000;
      const plan = { calendar: BERLIN, allowance: 500, atMs: monthAgo };
      const planId = await givePlan(database.kysely, server.chit, pool.poolId, plan);
      const { kysely } = database;
      await newBudget(kysely, { kind: 'member', scope: pool.groupId, limitCredits: 700 });
      const fiveHours = { kind: 'hours', hours: 5 } as const;
      await newBudget(kysely, {
        kind: 'plan',
        scope: planId,
        limitCredits: 650,
        window: fiveHours,
      });
      const before = await limits();
      // The old allowance has ended, and the new one is there.
      assert.equal(await posted(pool.poolId), 1_500);
      assert.equal(before.tokens, 650);
      assert.equal(await tokens(), 650);
      const [account, personal] = before.accounts;
      assert.equal(account?.id, pool.groupId);
      assert.deepEqual(
        [account?.available, account?.expiring, account?.tokens, personal?.tokens],
        [1_500, 500, 650, 4_000],
      );
      assert.equal(account?.plan?.tokens, 500);
      assert.deepEqual(account?.plan?.window, {
        kind: 'month',
        hours: null,
        time_zone: 'Europe/Berlin',
      });
      const [period] = periodsBetween(BERLIN, Date.now(), Date.now() + 1);
      assert.equal(account?.renews_at, new Date(period?.endMs ?? 0).toISOString());
      assert.equal(await paidBy(await chat()), pool.groupId);
      const { limits: listed, tokens: left } = await limits();
      assert.equal(left, 550);
      // In the order in which they were made, which may be the same millisecond.
      const applying = listed.toSorted((a, b) => a.kind.localeCompare(b.kind));
      assert.deepEqual(
        applying.map((it) => [it.kind, it.account, it.limit, it.spent, it.held, it.left]),
        [
          ['member', pool.groupId, 700, 100, 0, 600],
          ['plan', pool.groupId, 650, 100, 0, 550],
        ],
      );
      const [member, window] = applying;
      assert.equal(member?.renews_at, null);
      const renews = Date.parse(window?.renews_at ?? '') - Date.now();
      assert.ok(renews > 4.9 * 3_600_000 && renews <= 5 * 3_600_000);
    });

    test('a user limits what is spent; another amount keeps what was counted', async () => {
      const own = '/api/limits/own/';
      const zone = { window: 'month', time_zone: 'europe/berlin' };
      assert.equal((await putLimit(own, { tokens: 250, ...zone })).status, 200);
      assert.equal(await tokens(), 250);
      await chat();
      const changed = (await putLimit(own, { tokens: 150, ...zone })).json as Limits;
      const [limit] = changed.limits;
      assert.deepEqual(
        [limit?.kind, limit?.limit, limit?.spent, limit?.left, limit?.window.time_zone],
        ['own', 150, 100, 50, 'Europe/Berlin'],
      );
      assert.equal(changed.tokens, 50);
      await assertRefused(
        () => {
          model.requests.length = 0;
          return chat();
        },
        402,
        'budget_exceeded',
      );
      // Another window counts from now on.
      const daily = (await putLimit(own, { tokens: 150, window: 'day' })).json as Limits;
      assert.deepEqual([daily.limits.length, daily.limits[0]?.spent, daily.tokens], [1, 0, 150]);
      assert.equal((await endLimit(own)).status, 200);
      assert.equal((await endLimit(own)).status, 404);
      assert.equal(await tokens(), 3_900);
      const wrong = await putLimit(own, { tokens: 1, window: 'day', time_zone: 'Mars/Base' });
      assert.equal(wrong.status, 400);
    });

    test('staff limit a user, which is logged, and the user’s own limit is not above it', async () => {
      const staff = await server.newUser();
      await database.kysely
        .updateTable('users')
        .set({ is_staff: 1 })
        .where('id', '=', staff.userId)
        .execute();
      const path = `/api/admin/users/${user.userId}/limits/`;
      const wanted = { tokens: 300, window: 'week', reason: 'a test' };
      assert.equal((await putLimit(path, wanted)).status, 403);
      assert.equal((await putLimit(path, wanted, staff.access)).status, 200);
      const own = '/api/limits/own/';
      for (const window of ['day', 'week']) {
        const refused = await putLimit(own, { tokens: 301, window });
        assert.equal(refused.headers['chit-error'], 'limit_above_staff');
        assert.deepEqual((refused.json as { params: object }).params, { max: 300 });
      }
      // Over a longer time it can be more.
      assert.equal((await putLimit(own, { tokens: 301, window: 'month' })).status, 200);
      const shown = (await getWith(`${server.url}${path}`, staff.access)).json as Limits;
      assert.deepEqual(shown, await limits());
      assert.deepEqual(
        shown.limits.map(({ kind, limit }) => [kind, limit]),
        [
          ['user', 300],
          ['own', 301],
        ],
      );
      assert.equal((await endLimit(`${path}?reason=over`, staff.access)).status, 200);
      const entries = await server.chit.context.auditLog.newestOf(
        { action: 'user.limit', target: `user:${user.userId}` },
        5,
      );
      assert.deepEqual(
        entries.map(({ before, after, reason }) => [before, after, reason]),
        [
          [{ limit: 300, window: 'week 1 UTC' }, { limit: null }, 'over'],
          [undefined, { limit: 300, window: 'week 1 UTC' }, 'a test'],
        ],
      );
      assert.equal(calendarText({ kind: 'week', weekday: 1, timeZone: 'UTC' }), 'week 1 UTC');
    });
  }),
);

/** Two days ahead. */
const SOON_MS = Date.now() + 2 * 86_400_000;
