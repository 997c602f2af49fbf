/** Groups: who may do what with them, and what is told, booked and logged. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../../../src/app/ids.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { AdminServer } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import type { Answer } from '../../support/http.ts';

// biome-ignore lint/suspicious/noExplicitAny: the schemas are checked by the server.
type Json = any;
type Person = Awaited<ReturnType<AdminServer['person']>>;

let admin: AdminServer;
before(async () => {
  admin = await AdminServer.start({ CHIT_SIGNUP_TOKENS: '0' });
});
after(async () => {
  assert.deepEqual(await faultsOf(admin.chit), []);
  await admin.server.close();
});

let groups = 0;

/** A group with a manager and members, and so much in its pool. */
async function makeGroup(tokens: number, members = 2) {
  groups += 1;
  const created = await asStaff('POST', '/api/admin/groups/', { name: `Class ${groups}` });
  assert.equal(created.status, 201, created.text);
  const { id, account } = (created.json as Json).group;
  const manager = await admin.person();
  const people: Person[] = [];
  for (let nth = 0; nth < members; nth += 1) people.push(await admin.person());
  await done(
    asStaff('POST', `/api/admin/groups/${id}/members/`, {
      users: [{ id: manager.id }],
      is_manager: true,
    }),
  );
  await done(
    asStaff('POST', `/api/admin/groups/${id}/members/`, {
      users: people.map(({ username }) => ({ username })),
    }),
  );
  if (tokens > 0) {
    await done(asStaff('POST', `/api/admin/groups/${id}/grant/`, { tokens, reason: 'a new term' }));
  }
  return { id: id as string, account: account as number, manager, people };
}

function asStaff(method: string, path: string, body?: object, headers = {}): Promise<Answer> {
  return admin.ask(admin.staff, method, path, body, headers);
}

async function done(answer: Promise<Answer>): Promise<Json> {
  const { status, text, json } = await answer;
  assert.ok(status < 300, `${status} ${text}`);
  return json;
}

async function refused(answer: Promise<Answer>, status: number, code: string): Promise<Answer> {
  const refusal = await answer;
  assert.equal(refusal.status, status, refusal.text);
  assert.equal(refusal.headers['chit-error'], code);
  return refusal;
}

async function poolOf(id: string): Promise<number> {
  return (await done(asStaff('GET', `/api/admin/groups/${id}/`))).group.pool.tokens;
}

/** A message that the pool pays for, 100 tokens a message. */
async function spend({ id, account }: { id: string; account: number }, user: Person) {
  const { context } = admin.chit;
  const about = { generationId: newId(), accountId: user.id };
  const held = await context.ledger.submit({
    kind: 'hold',
    ...about,
    payers: [{ accountId: account, groupId: id }],
    mostCredits: 100,
    leastCredits: 100,
    leaseId: context.lease.id,
    model: 'demo',
    price: flatPrice(100),
    inputTokens: 1,
    content: 'hello',
    idempotency: undefined,
    atMs: Date.now(),
  });
  if (held.outcome !== 'held') return held;
  return context.ledger.submit({
    kind: 'settle',
    ...about,
    payerId: account,
    costCredits: 100,
    usage: { counts: {} },
    usageSource: 'flat',
    reply: 'hi',
    status: 'complete',
    failure: undefined,
    atMs: Date.now(),
  });
}

test('a group is created, renamed, found, and its name is free again when it has ended', async () => {
  const body = { name: ' Night shift ', models: ['scripted'] };
  const created = await done(asStaff('POST', '/api/admin/groups/', body));
  const { id } = created.group;
  assert.equal(created.group.name, 'Night shift');
  assert.deepEqual(created.group.models, ['scripted']);
  assert.deepEqual(created.group.pool, { tokens: 0, held: 0, expiring: 0, plan: null });
  const path = `/api/admin/groups/${id}/`;
  await refused(
    asStaff('POST', '/api/admin/groups/', { name: 'NIGHT shift' }),
    409,
    'group_name_taken',
  );
  await refused(asStaff('PATCH', path, { models: ['no such'] }), 400, 'invalid_fields');
  const other = await done(asStaff('POST', '/api/admin/groups/', { name: 'Day', has_pool: false }));
  assert.equal(other.group.pool, null);
  const otherPath = `/api/admin/groups/${other.group.id}/`;
  await refused(asStaff('PATCH', otherPath, { name: 'night Shift' }), 409, 'group_name_taken');
  await refused(
    asStaff('POST', `${otherPath}grant/`, { tokens: 5, reason: 'x' }),
    409,
    'group_without_pool',
  );
  const renamed = await done(asStaff('PATCH', path, { name: 'Evening', models: null }));
  assert.deepEqual([renamed.group.name, renamed.group.models], ['Evening', null]);
  const found = await admin.read('/api/admin/groups/?q=EVEN');
  assert.deepEqual(
    found.groups.map((it: Json) => it.id),
    [id],
  );
  await done(asStaff('POST', `${path}end/`, { reason: 'over' }));
  await refused(asStaff('PATCH', path, { name: 'Again' }), 409, 'group_ended');
  assert.deepEqual((await admin.read('/api/admin/groups/?q=even')).groups, []);
  const ended = await admin.read('/api/admin/groups/?q=even&state=ended');
  assert.equal(ended.groups[0].id, id);
  await done(asStaff('POST', '/api/admin/groups/', { name: 'evening' }));
  const actions = (await admin.entries(`target=group:${id}`)).map(({ action }) => action);
  assert.deepEqual(actions, ['group.end', 'group.change', 'group.create']);
});

test('groups and members are listed page by page, in the order of their names', async () => {
  for (const name of ['page b', 'Page a', 'page C']) {
    await done(asStaff('POST', '/api/admin/groups/', { name }));
  }
  const first = await admin.read('/api/admin/groups/?q=page&limit=2');
  const cursor = encodeURIComponent(first.next_cursor);
  const second = await admin.read(`/api/admin/groups/?q=page&limit=2&cursor=${cursor}`);
  const names = [...first.groups, ...second.groups].map((it: Json) => it.name);
  assert.deepEqual(names, ['Page a', 'page b', 'page C']);
  assert.equal(second.next_cursor, null);
  const { id, manager, people } = await makeGroup(0, 3);
  const seen: number[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const at: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page = await admin.read(`/api/admin/groups/${id}/members/?limit=3${at}`);
    seen.push(...page.members.map((it: Json) => it.id));
    next = page.next_cursor;
  }
  const all = [manager, ...people].toSorted((a, b) => (a.username < b.username ? -1 : 1));
  assert.deepEqual(
    seen,
    all.map((it) => it.id),
  );
});

test('members are added all or none, once, and taken out', async () => {
  const { id, people } = await makeGroup(0);
  const path = `/api/admin/groups/${id}/members/`;
  const somebody = await admin.person();
  const refusal = await refused(
    asStaff('POST', path, { users: [{ id: somebody.id }, { username: 'nobody here' }] }),
    400,
    'users_unknown',
  );
  assert.match(refusal.text, /nobody here/);
  assert.equal((await admin.read(path)).members.length, 3, 'nothing was changed');
  const again = { users: [{ id: people[0]?.id }, { id: somebody.id }] };
  assert.deepEqual(await done(asStaff('POST', path, again)), { added: 1 });
  const gone = { ids: [somebody.id, 12345] };
  assert.deepEqual(await done(asStaff('POST', `${path}remove/`, gone)), { removed: 1 });
  const entries = await admin.entries(`target=${somebody.username}`);
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['group.remove_member', 'group.add_member'],
  );
  const member = `${path}${somebody.id}/`;
  await refused(asStaff('PATCH', member, { is_manager: true }), 404, 'group_member_not_found');
});

test('a manager sees and does what is of the own group, and nothing else', async () => {
  const own = await makeGroup(500);
  const other = await makeGroup(500);
  const [member] = own.people as [Person];
  const budget = await done(asStaff('POST', `/api/admin/groups/${own.id}/budgets/`, { limit: 5 }));
  const give = { to: [{ id: member.id, tokens: 10 }], reason: 'well done' };
  const requests: [method: string, path: string, body?: object][] = [
    ['GET', '/'],
    ['GET', '/members/'],
    ['GET', '/history/'],
    ['GET', '/usage/'],
    ['GET', '/usage/?format=csv'],
    ['POST', '/give/', give],
    ['POST', '/budgets/', { limit: 7, hours: 5 }],
    ['PATCH', `/budgets/${budget.id}/`, { limit: 6 }],
    ['PUT', `/budgets/${budget.id}/members/${member.id}/`, { limit: 8 }],
    ['DELETE', `/budgets/${budget.id}/`],
  ];
  for (const [method, path, body] of requests) {
    const at = `/api/groups/${own.id}${path}`;
    const stranger = other.manager.access;
    await refused(admin.ask(stranger, method, at, body), 404, 'group_not_found');
    await refused(admin.ask(member.access, method, at, body), 403, 'permission_denied');
    // Staff have routes of their own; here they are users like others.
    await refused(admin.ask(admin.staff, method, at, body), 404, 'group_not_found');
    const forStaff = `/api/admin/groups/${own.id}${path}`;
    const manager = own.manager.access;
    await refused(admin.ask(manager, method, forStaff, body), 403, 'permission_denied');
  }
  assert.equal(await poolOf(own.id), 500, 'nothing was given');
  for (const [method, path, body] of requests) {
    const at = `/api/groups/${own.id}${path}`;
    const answer = await admin.ask(own.manager.access, method, at, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  }
  assert.equal(await poolOf(own.id), 490);
  assert.equal(await admin.tokensOf(member.id), 10);
  const entries = await admin.entries(`actor=${own.manager.username}`);
  assert.deepEqual(entries.map(({ action }) => action).toSorted(), [
    'credits.grant',
    'group.budget',
    'group.budget',
    'group.budget',
    'group.give',
    'group.member_budget',
  ]);
  const others: [string, string, object?][] = [
    ['GET', '/api/admin/groups/'],
    ['GET', '/api/admin/users/'],
    ['GET', `/api/admin/users/${member.id}/`],
    ['GET', `/api/admin/users/${member.id}/history/`],
    ['GET', '/api/admin/audit/'],
    ['GET', '/api/admin/usage/'],
    ['POST', '/api/admin/grants/', { to: [{ id: member.id, tokens: 5 }], reason: 'x' }],
    ['POST', `/api/admin/groups/${own.id}/members/`, { users: [{ id: other.manager.id }] }],
    ['POST', `/api/admin/groups/${own.id}/grant/`, { tokens: 5, reason: 'x' }],
    ['POST', `/api/admin/groups/${own.id}/end/`, {}],
  ];
  for (const [method, path, body] of others) {
    await refused(admin.ask(own.manager.access, method, path, body), 403, 'permission_denied');
  }
  const path = `/api/admin/groups/${own.id}/members/${own.manager.id}/`;
  await done(asStaff('PATCH', path, { is_manager: false }));
  const at = `/api/groups/${own.id}/`;
  await refused(admin.ask(own.manager.access, 'GET', at), 403, 'permission_denied');
});

test('everybody sees their groups; the balance of the pool only who manages it', async () => {
  const { id, manager, people } = await makeGroup(300);
  const [member, other] = people as [Person, Person];
  const path = `/api/admin/groups/${id}/budgets/`;
  const calendar = { kind: 'month', day: 1, time_zone: 'Europe/Berlin' };
  const budget = await done(asStaff('POST', path, { limit: 120, calendar }));
  await done(asStaff('PUT', `${path}${budget.id}/members/${other.id}/`, { limit: 20 }));
  const seenBy = async ({ access }: Person) =>
    (await done(admin.ask(access, 'GET', '/api/groups/'))).groups;
  const [ofMember] = await seenBy(member);
  assert.equal(ofMember.pool, null);
  assert.equal(ofMember.is_manager, false);
  const { renews_at: renewsAt, ...left } = ofMember.budgets[0];
  const nothingUsed = { id: budget.id, spent: 0, held: 0, hours: null, calendar };
  assert.deepEqual(left, { ...nothingUsed, limit: 120, is_own: false, left: 120 });
  assert.ok(Date.parse(renewsAt) > Date.now());
  const [ofOther] = await seenBy(other);
  assert.deepEqual([ofOther.budgets[0].limit, ofOther.budgets[0].is_own], [20, true]);
  const [ofManager] = await seenBy(manager);
  assert.equal(ofManager.pool.tokens, 300);
  assert.deepEqual(await seenBy(await admin.person()), []);
  const isManager = async ({ access }: Person) =>
    (await done(admin.ask(access, 'GET', '/api/me/'))).manages_groups;
  assert.deepEqual([await isManager(manager), await isManager(member)], [true, false]);
});

test('a budget limits each member by itself, and a refusal names it', async () => {
  const group = await makeGroup(1_000);
  const [first, second] = group.people as [Person, Person];
  const path = `/api/admin/groups/${group.id}/budgets/`;
  const budget = await done(asStaff('POST', path, { limit: 200 }));
  await done(asStaff('PUT', `${path}${budget.id}/members/${second.id}/`, { limit: 100 }));
  const outcomes = async (user: Person) => [
    (await spend(group, user)).outcome,
    (await spend(group, user)).outcome,
    (await spend(group, user)).outcome,
  ];
  assert.deepEqual(await outcomes(first), ['settled', 'settled', 'budget_exceeded']);
  assert.deepEqual(await outcomes(second), ['settled', 'budget_exceeded', 'budget_exceeded']);
  const { members } = await admin.read(`/api/admin/groups/${group.id}/members/`);
  const ofFirst = members.find((it: Json) => it.id === first.id);
  assert.deepEqual(ofFirst.this_month, { messages: 2, charged: 200, refunded: 0 });
  assert.deepEqual([ofFirst.budgets[0].spent, ofFirst.budgets[0].left], [200, 0]);
  await done(asStaff('PUT', `${path}${budget.id}/members/${second.id}/`, { limit: null }));
  assert.equal((await spend(group, second)).outcome, 'settled');
  await done(asStaff('PATCH', `${path}${budget.id}/`, { limit: 300 }));
  assert.equal((await spend(group, first)).outcome, 'settled');
  await done(asStaff('DELETE', `${path}${budget.id}/`));
  assert.equal((await spend(group, first)).outcome, 'settled');
  await refused(asStaff('DELETE', `${path}${budget.id}/`), 404, 'budget_not_found');
  const foreign = await makeGroup(0);
  const theirs = await done(
    asStaff('POST', `/api/admin/groups/${foreign.id}/budgets/`, {
      limit: 1,
    }),
  );
  await refused(asStaff('PATCH', `${path}${theirs.id}/`, { limit: 9 }), 404, 'budget_not_found');
  const bad = { limit: 5, calendar: { kind: 'day', time_zone: 'Europe/Atlantis' } };
  await refused(asStaff('POST', path, bad), 400, 'invalid_fields');
  for (let nth = 0; nth < 8; nth += 1) {
    await done(asStaff('POST', path, { limit: nth, hours: 5 }));
  }
  const ninth = { limit: 5 };
  await refused(asStaff('POST', path, ninth), 409, 'too_many_budgets');
});

test('who was taken out of a group can no longer spend from its pool', async () => {
  const group = await makeGroup(1_000);
  const [member] = group.people as [Person];
  assert.equal((await spend(group, member)).outcome, 'settled');
  const path = `/api/admin/groups/${group.id}/members/`;
  await done(asStaff('POST', `${path}remove/`, { ids: [member.id] }));
  assert.equal((await spend(group, member)).outcome, 'account_unknown');
  assert.equal(await poolOf(group.id), 900);
});

test('the pool of a group that has ended pays no more and keeps what it has', async () => {
  const group = await makeGroup(1_000);
  const [member] = group.people as [Person];
  await done(asStaff('POST', `/api/admin/groups/${group.id}/end/`, {}));
  assert.equal((await spend(group, member)).outcome, 'account_unknown');
  const manager = group.manager.access;
  const give = { to: [{ id: member.id, tokens: 1 }], reason: 'x' };
  const path = `/api/groups/${group.id}/`;
  await refused(admin.ask(manager, 'POST', `${path}give/`, give), 404, 'group_not_found');
  assert.deepEqual((await done(admin.ask(manager, 'GET', '/api/groups/'))).groups, []);
  assert.equal(await poolOf(group.id), 1_000);
  await done(asStaff('POST', `/api/admin/groups/${group.id}/give/`, give));
  assert.equal(await admin.tokensOf(member.id), 1, 'staff move what it holds');
  const joining = { users: [{ id: member.id }] };
  const members = `/api/admin/groups/${group.id}/members/`;
  await refused(asStaff('POST', members, joining), 409, 'group_ended');
  const moved = { tokens: -999, reason: 'moved' };
  await done(asStaff('POST', `/api/admin/groups/${group.id}/grant/`, moved));
  assert.equal(await poolOf(group.id), 0);
});

test('fifty at once give out no more than the pool has', async () => {
  const { id, manager, people } = await makeGroup(1_000);
  const [first, second] = people as [Person, Person];
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      admin.ask(manager.access, 'POST', `/api/groups/${id}/give/`, {
        to: [
          { id: first.id, tokens: 30 },
          { id: second.id, tokens: 40 },
        ],
        reason: 'a share',
      }),
    ),
  );
  const given = answers.filter(({ status }) => status === 200).length;
  assert.equal(given, 14, 'fourteen times 70 of 1000');
  for (const { status, headers } of answers) {
    if (status !== 200) assert.equal(headers['chit-error'], 'pool_insufficient');
  }
  assert.equal(await poolOf(id), 20);
  assert.equal(await admin.tokensOf(first.id), 14 * 30);
  assert.equal(await admin.tokensOf(second.id), 14 * 40);
});

test('giving out is all or none, only to members, and once for each key', async () => {
  const { id, manager, people } = await makeGroup(100);
  const [first, second] = people as [Person, Person];
  const stranger = await admin.person();
  const give = (to: object[], headers = {}) =>
    admin.ask(manager.access, 'POST', `/api/groups/${id}/give/`, { to, reason: 'x' }, headers);
  const toFirst = { id: first.id, tokens: 30 };
  const toStranger = { id: stranger.id, tokens: 5 };
  await refused(give([toFirst, toStranger]), 400, 'not_members');
  await refused(give([toFirst, { id: second.id, tokens: 71 }]), 400, 'pool_insufficient');
  await refused(give([toFirst, toFirst]), 400, 'invalid_fields');
  await refused(give([{ id: first.id, tokens: -5 }]), 400, 'invalid_fields');
  assert.equal(await poolOf(id), 100, 'nothing was booked');
  assert.equal(await admin.tokensOf(first.id), 0);
  const key = { 'idempotency-key': 'once' };
  assert.deepEqual(await done(give([toFirst], key)), { members: 1, tokens: 30 });
  const again = await give([toFirst], key);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  await refused(give([{ ...toFirst, tokens: 31 }], key), 422, 'idempotency_key_reused');
  const path = `/api/admin/groups/${id}/members/remove/`;
  await done(asStaff('POST', path, { ids: [first.id] }));
  const late = await give([toFirst], key);
  assert.equal(late.status, 200, 'what was given stays given');
  assert.equal(await poolOf(id), 70);
  assert.equal(await admin.tokensOf(first.id), 30);
});

test('the statement of a pool says who used what, and a refund goes back to it', async () => {
  const group = await makeGroup(1_000);
  const [member, quiet] = group.people as [Person, Person];
  await spend(group, member);
  await spend(group, member);
  const path = `/api/admin/groups/${group.id}/`;
  const { results } = await admin.read(`${path}history/`);
  assert.deepEqual(
    results.map((it: Json) => [it.kind, it.amount, it.user_name]),
    [
      ['charge', -100, member.username],
      ['charge', -100, member.username],
      ['grant', 1_000, null],
    ],
  );
  const refund = { charge: results[0].id, reason: 'a poor answer' };
  const refunded = await done(asStaff('POST', '/api/admin/refunds/', refund));
  assert.deepEqual(refunded, { user: null, group: group.id, tokens: 100, tokens_after: 900 });
  assert.equal(await admin.tokensOf(member.id), 0);
  const entries = await admin.read(`/api/admin/audit/?target=group:${group.id}`);
  assert.equal(entries.entries[0].action, 'credits.refund');
  assert.match(entries.entries[0].target_name, /^Class /);
  const usage = await done(
    admin.ask(group.manager.access, 'GET', `/api/groups/${group.id}/usage/`),
  );
  const sums = { messages: 2, charged: 200, refunded: 100, input: 0, output: 0 };
  assert.deepEqual(usage.members, [{ id: member.id, username: member.username, ...sums }]);
  const { period, ...last } = usage.points.at(-1);
  assert.equal(period, new Date().toISOString().slice(0, 10));
  assert.deepEqual(last, sums);
  assert.equal(usage.points.length, 30);
  const all = await admin.read('/api/admin/usage/groups/');
  const { id: _, name, ...ofGroup } = all.groups.find((it: Json) => it.id === group.id);
  assert.match(name, /^Class /);
  assert.deepEqual(ofGroup, { users: 1, ...sums });
  const ofAll = await asStaff('GET', '/api/admin/usage/groups/?format=csv');
  assert.match(ofAll.text, new RegExp(`\\r\\n${group.id},${name},1,2,200,100,0,0\\r\\n`));
  const file = await asStaff('GET', `${path}usage/?format=csv`);
  assert.match(String(file.headers['content-type']), /text\/csv/);
  assert.equal(
    file.text,
    'id,username,messages,charged,refunded,input,output\r\n' +
      `${member.id},${member.username},2,200,100,0,0\r\n`,
  );
  assert.ok(!file.text.includes(quiet.username));
  const byMonth = await asStaff('GET', `${path}usage/?format=csv&table=points&step=month`);
  assert.match(byMonth.text, /,2,200,100,0,0\r\n$/);
});

test('an erased user is in no group, and what they used stays in its usage', async () => {
  const group = await makeGroup(1_000);
  const [member] = group.people as [Person];
  await spend(group, member);
  await done(admin.ask(admin.root, 'DELETE', `/api/admin/users/${member.id}/`));
  const { members } = await admin.read(`/api/admin/groups/${group.id}/members/`);
  assert.ok(!members.some((it: Json) => it.id === member.id));
  const usage = await admin.read(`/api/admin/groups/${group.id}/usage/`);
  assert.deepEqual(
    usage.members.map((it: Json) => [it.id, it.username, it.charged]),
    [[member.id, null, 100]],
  );
});

test('a disabled user stays in the group, marked, and cannot spend', async () => {
  const group = await makeGroup(1_000);
  const [member] = group.people as [Person];
  await done(asStaff('PATCH', `/api/admin/users/${member.id}/`, { is_active: false }));
  assert.equal((await spend(group, member)).outcome, 'account_unknown');
  const { members } = await admin.read(`/api/admin/groups/${group.id}/members/`);
  const listed = members.find((it: Json) => it.id === member.id);
  assert.equal(listed.is_active, false);
  const { groups: all } = await admin.read(`/api/admin/users/${member.id}/groups/`);
  assert.deepEqual(
    all.map((it: Json) => it.id),
    [group.id],
  );
});
