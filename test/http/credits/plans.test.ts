/** Plans over HTTP: what staff send and read, and what the user reads of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sweepRenewals } from '../../../src/app/credits/renewals.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { givePlan, makePlan, setClock } from '../../support/plans.ts';

const JANUARY = Date.UTC(2026, 0, 15, 12);
const FEBRUARY = '2026-02-01T00:00:00.000Z';
const MONTHLY = { kind: 'month', day: 1, time_zone: 'UTC' };

let admin: AdminServer;
before(async () => {
  admin = await AdminServer.start({ CHIT_SIGNUP_TOKENS: '0' });
});
after(() => admin.server.close());

/** Sets the clock of the server; tokens are of the real time. */
function at(atMs: number): void {
  setClock(admin.chit, atMs);
}

let plans = 0;

async function made(more: object = {}): Promise<Json> {
  plans += 1;
  const body = { name: `Plan ${plans}`, tokens: 2_000, calendar: MONTHLY, ...more };
  const answer = await admin.ask(admin.staff, 'POST', '/api/admin/plans/', body);
  assert.equal(answer.status, 201, answer.text);
  return (answer.json as Json).plan;
}

async function give(userId: number, body: object, token = admin.staff) {
  return admin.ask(token, 'POST', `/api/admin/users/${userId}/plan/`, body);
}

test('staff make a plan, give it, and the user sees what it gives and when it renews', async () => {
  const user = await admin.person();
  // Whoever asks must have a token of the time.
  const realNow = admin.chit.context.now;
  const plan = await made({
    windows: [
      { tokens: 500, hours: 5 },
      { tokens: 900, calendar: { ...MONTHLY, kind: 'day' } },
    ],
    models: ['scripted'],
    requests_per_minute: 10,
  });
  assert.deepEqual(plan.calendar, MONTHLY);
  assert.deepEqual(
    plan.windows.map((it: Json) => [it.tokens, it.hours ?? it.calendar.kind]),
    [
      [500, 5],
      [900, 'day'],
    ],
  );
  const preview = await give(user.id, { plan: plan.id, dry_run: true });
  const { done, ...effect } = preview.json as Json;
  assert.deepEqual([done, effect.tokens_given, effect.accounts], [false, 2_000, 1]);
  assert.equal(await admin.tokensOf(user.id), 0);
  const given = await give(user.id, { plan: plan.id, reason: 'enrolled' });
  assert.deepEqual(given.json, { done: true, ...effect });
  const me = (await admin.ask(user.access, 'GET', '/api/me/')).json as Json;
  // What can be spent now is what the window of five hours leaves.
  assert.deepEqual([me.tokens, me.plan.tokens, me.plan.expiring], [500, 2_000, 2_000]);
  assert.equal(me.plan.renews_at, effect.first_renewal);
  assert.ok(Date.parse(me.plan.renews_at) > realNow());
  const detail = await admin.read(`/api/admin/users/${user.id}/`);
  assert.deepEqual(detail.plan, me.plan);
  const history = (await admin.ask(user.access, 'GET', '/api/tokens/history/')).json as Json;
  const [line] = history.results;
  assert.deepEqual([line.kind, line.amount, line.reason], ['allowance', 2_000, plan.name]);
  const [entry] = await admin.entries('action=user.plan');
  assert.equal(entry?.reason, 'enrolled');
  assert.deepEqual([entry?.before.plan, entry?.after.plan], [null, plan.id]);
  assert.deepEqual([entry?.before.plan_name, entry?.after.plan_name], [undefined, plan.name]);
  const [creation] = await admin.entries(`target=plan:${plan.id}`);
  assert.deepEqual([creation?.action, creation?.target_name], ['plan.create', plan.name]);
});

test('plans are listed by page with how many accounts have them', async () => {
  const plan = await made();
  const people = [await admin.person(), await admin.person()];
  const body = { accounts: people.map(({ id }) => id), from: 'now' };
  const path = `/api/admin/plans/${plan.id}/accounts/`;
  assert.equal((await admin.ask(admin.staff, 'POST', path, body)).status, 200);
  const first = await admin.read('/api/admin/plans/?limit=1');
  assert.deepEqual([first.plans[0].id, first.plans[0].accounts], [plan.id, 2]);
  assert.equal(first.has_more, true);
  const second = await admin.read(`/api/admin/plans/?limit=1&cursor=${first.next_cursor}`);
  assert.notEqual(second.plans[0].id, plan.id);
  assert.equal((await admin.read(`/api/admin/plans/${plan.id}/`)).accounts, 2);
});

test('the calendar of a plan is not changed in place, but the plan replaced', async () => {
  const plan = await made({ name: 'Replaced' });
  const user = await admin.person();
  await give(user.id, { plan: plan.id });
  const path = `/api/admin/plans/${plan.id}/`;
  const calendar = { kind: 'week', weekday: 1, time_zone: 'Europe/Berlin' };
  const refused = await admin.ask(admin.staff, 'PATCH', path, { calendar });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /Replace the plan/);
  assert.equal((await admin.ask(admin.staff, 'PATCH', path, { calendar: MONTHLY })).status, 200);
  const body = { name: 'Replaced', tokens: 400, calendar, from: 'now' };
  const answer = await admin.ask(admin.staff, 'POST', `${path}replace/`, body);
  const replaced = answer.json as Json;
  assert.deepEqual(
    [replaced.done, replaced.accounts, replaced.tokens_expired, replaced.tokens_given],
    [true, 1, 2_000, 400],
  );
  assert.notEqual(replaced.plan.id, plan.id);
  assert.equal(await admin.tokensOf(user.id), 400);
  assert.notEqual((await admin.read(path)).ended_at, null);
});

test('a plan that is ended is listed on demand only, and cannot be given or changed', async () => {
  const plan = await made();
  const user = await admin.person();
  const path = `/api/admin/plans/${plan.id}/`;
  const ended = await admin.ask(admin.staff, 'POST', `${path}end/`, { reason: 'over' });
  assert.equal(ended.status, 200, ended.text);
  const ids = (list: Json) => list.plans.map(({ id }: Json) => id);
  assert.ok(!ids(await admin.read('/api/admin/plans/?limit=200')).includes(plan.id));
  assert.ok(ids(await admin.read('/api/admin/plans/?limit=200&ended=true')).includes(plan.id));
  for (const refused of [
    await give(user.id, { plan: plan.id }),
    await admin.ask(admin.staff, 'PATCH', path, { tokens: 5 }),
    await admin.ask(admin.staff, 'POST', `${path}end/`, {}),
  ]) {
    assert.equal(refused.status, 409);
    assert.equal((refused.json as Json).code, 'plan_ended');
  }
  assert.equal((await admin.read(`/api/admin/users/${user.id}/plan/`)).plan, null);
});

test('a repeated request with its key gives the first answer and books nothing again', async () => {
  const plan = await made();
  const user = await admin.person();
  const path = `/api/admin/users/${user.id}/plan/`;
  const key = { 'idempotency-key': 'give once' };
  const body = { plan: plan.id, from: 'now' };
  const first = await admin.ask(admin.staff, 'POST', path, body, key);
  const again = await admin.ask(admin.staff, 'POST', path, body, key);
  assert.deepEqual(again.json, first.json);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(await admin.tokensOf(user.id), 2_000);
  const other = await admin.ask(admin.staff, 'POST', path, { ...body, plan: null }, key);
  assert.equal(other.status, 422);
});

test('only superusers change the plan of a superuser, and nobody else sees plans', async () => {
  const plan = await made();
  const boss = await admin.person({ isStaff: true, isSuperuser: true });
  const user = await admin.person();
  assert.equal((await give(boss.id, { plan: plan.id })).status, 403);
  assert.equal((await give(boss.id, { plan: plan.id }, admin.root)).status, 200);
  assert.equal((await admin.ask(user.access, 'GET', '/api/admin/plans/')).status, 403);
});

test('what is wrong with a plan is told by field, and unknown ones are not found', async () => {
  const plan = await made();
  const wrong = [
    { calendar: { kind: 'month', day: 31, time_zone: 'Mars/Base' } },
    { windows: [{ tokens: 5 }] },
    { windows: [{ tokens: 5, hours: 5, calendar: MONTHLY }] },
    { models: ['no such model'] },
    { tokens: 0 },
    { calendar: { kind: 'term', time_zone: 'UTC' } },
  ];
  for (const it of wrong) {
    const body = { name: 'Wrong', tokens: 1, calendar: MONTHLY, ...it };
    const answer = await admin.ask(admin.staff, 'POST', '/api/admin/plans/', body);
    assert.equal(answer.status, 400, JSON.stringify(it));
  }
  const taken = { name: plan.name, tokens: 1, calendar: MONTHLY };
  assert.equal((await admin.ask(admin.staff, 'POST', '/api/admin/plans/', taken)).status, 409);
  const nowhere = '/api/admin/plans/01999999-0000-7000-8000-000000000000/';
  assert.equal((await admin.ask(admin.staff, 'GET', nowhere)).status, 404);
  const user = await admin.person();
  const past = { plan: plan.id, from: 'now', ends_at: '2020-01-01T00:00:00Z' };
  assert.equal((await give(user.id, past)).status, 400);
  assert.equal((await give(999, { plan: plan.id })).status, 404);
});

test('the speed of a plan limits its user beside the limits of the site', async (t) => {
  const plan = await made({ requests_per_minute: 2 });
  const [limited, free] = [await admin.person(), await admin.person()];
  await give(limited.id, { plan: plan.id });
  await give(free.id, { plan: (await made()).id });
  const chat = (access: string) => admin.ask(access, 'POST', '/api/chat/', { message: 'hi' });
  const statuses = async (access: string) => {
    const answers = [await chat(access), await chat(access), await chat(access)];
    return answers.map(({ status }) => status);
  };
  assert.deepEqual(await statuses(limited.access), [200, 200, 429]);
  const other = await admin.person();
  const grant = { to: [{ id: other.id, tokens: 500 }], reason: 'a present' };
  await admin.ask(admin.staff, 'POST', '/api/admin/grants/', grant);
  const { accountPlans } = admin.chit.context;
  const find = t.mock.method(accountPlans, 'find', () => {
    throw new Error('Authentication has read the plan with the user.');
  });
  assert.deepEqual(await statuses(free.access), [200, 200, 200]);
  assert.deepEqual(await statuses(other.access), [200, 200, 200]);
  assert.equal(find.mock.callCount(), 0);
});

test('a renewal is seen in the statement: what expired and what was given', async () => {
  const user = await admin.person();
  const { context } = admin.chit;
  const realNow = context.now;
  at(JANUARY);
  const plan = await makePlan(context, {
    name: 'January',
    allowanceCredits: 70,
    // Another calendar than that of the other plans, which is known from the real time on.
    calendar: { kind: 'month', day: 1, timeZone: 'Etc/UTC' },
  });
  await givePlan(context, user.id, plan.id);
  at(Date.parse(FEBRUARY));
  await sweepRenewals(context);
  Object.assign(context, { now: realNow });
  const history = (await admin.ask(user.access, 'GET', '/api/tokens/history/')).json as Json;
  const lines = history.results
    .filter(({ timestamp }: Json) => Date.parse(timestamp) <= Date.parse(FEBRUARY))
    .map(({ kind, amount, reason }: Json) => [kind, amount, reason]);
  assert.deepEqual(lines, [
    ['allowance', 70, plan.name],
    ['expiry', -70, plan.name],
    ['allowance', 70, plan.name],
  ]);
});
