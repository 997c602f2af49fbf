/** Pools of groups: giving them out, what each member may spend of them, and statements. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AdminServer, Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { done, GroupSite, type Person, refused } from '../../support/groups.ts';

onEachDatabase((at) => {
  describe('pools', () => {
    let site: GroupSite;
    let admin: AdminServer;
    before(async () => {
      site = await GroupSite.start(at.url);
      admin = site.admin;
    });
    after(() => site.close());

    const asStaff: GroupSite['asStaff'] = (...all) => site.asStaff(...all);

    test('a budget limits each member by itself, and a refusal names it', async () => {
      const group = await site.makeGroup(1_000);
      const [first, second] = group.people as [Person, Person];
      const path = `/api/admin/groups/${group.id}/budgets/`;
      const budget = await done(asStaff('POST', path, { limit: 200 }));
      await done(asStaff('PUT', `${path}${budget.id}/members/${second.id}/`, { limit: 100 }));
      const outcomes = async (user: Person) => [
        (await site.spend(group, user)).outcome,
        (await site.spend(group, user)).outcome,
        (await site.spend(group, user)).outcome,
      ];
      assert.deepEqual(await outcomes(first), ['settled', 'settled', 'budget_exceeded']);
      assert.deepEqual(await outcomes(second), ['settled', 'budget_exceeded', 'budget_exceeded']);
      const { members } = await admin.read(`/api/admin/groups/${group.id}/members/`);
      const ofFirst = members.find((it: Json) => it.id === first.id);
      assert.deepEqual(ofFirst.this_month, { messages: 2, charged: 200, refunded: 0 });
      assert.deepEqual([ofFirst.budgets[0].spent, ofFirst.budgets[0].left], [200, 0]);
      await done(asStaff('PUT', `${path}${budget.id}/members/${second.id}/`, { limit: null }));
      assert.equal((await site.spend(group, second)).outcome, 'settled');
      await done(asStaff('PATCH', `${path}${budget.id}/`, { limit: 300 }));
      assert.equal((await site.spend(group, first)).outcome, 'settled');
      await done(asStaff('DELETE', `${path}${budget.id}/`));
      assert.equal((await site.spend(group, first)).outcome, 'settled');
      await refused(asStaff('DELETE', `${path}${budget.id}/`), 404, 'budget_not_found');
      const foreign = await site.makeGroup(0);
      const theirs = await done(
        asStaff('POST', `/api/admin/groups/${foreign.id}/budgets/`, {
          limit: 1,
        }),
      );
      await refused(
        asStaff('PATCH', `${path}${theirs.id}/`, { limit: 9 }),
        404,
        'budget_not_found',
      );
      const bad = { limit: 5, calendar: { kind: 'day', time_zone: 'Europe/Atlantis' } };
      await refused(asStaff('POST', path, bad), 400, 'invalid_fields');
      for (let nth = 0; nth < 8; nth += 1) {
        await done(asStaff('POST', path, { limit: nth, hours: 5 }));
      }
      const ninth = { limit: 5 };
      await refused(asStaff('POST', path, ninth), 409, 'too_many_budgets');
    });

    for (const window of [
      { hours: 5 },
      { calendar: { kind: 'day', time_zone: 'Asia/Tokyo' } },
      { calendar: { kind: 'week', weekday: 7, time_zone: 'America/New_York' } },
    ]) {
      test(`a limit of one member alone holds within ${JSON.stringify(window)}`, async () => {
        const group = await site.makeGroup(1_000);
        const [first, second] = group.people as [Person, Person];
        const path = `/api/admin/groups/${group.id}/budgets/`;
        const budget = await done(asStaff('POST', path, { limit: 100, ...window }));
        // Before the first use, which begins the window.
        await done(asStaff('PUT', `${path}${budget.id}/members/${second.id}/`, { limit: 200 }));
        const outcomes: string[] = [];
        for (const user of [first, first, second, second, second]) {
          outcomes.push((await site.spend(group, user)).outcome);
        }
        const [settled, short] = ['settled', 'budget_exceeded'];
        assert.deepEqual(outcomes, [settled, short, settled, settled, short]);
        const [own] = (await done(admin.ask(second.access, 'GET', '/api/groups/'))).groups;
        const { spent, left, limit, renews_at: renewsAt } = own.budgets[0];
        assert.deepEqual([spent, left, limit], [200, 0, 200]);
        const inMs = Date.parse(renewsAt) - Date.now();
        assert.ok(inMs > 0 && inMs <= 7 * 25 * 3_600_000, renewsAt);
      });
    }

    test('fifty at once give out no more than the pool has', async () => {
      const { id, manager, people } = await site.makeGroup(1_000);
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
      assert.equal(await site.poolOf(id), 20);
      assert.equal(await admin.tokensOf(first.id), 14 * 30);
      assert.equal(await admin.tokensOf(second.id), 14 * 40);
    });

    test('giving out is all or none, only to members, and once for each key', async () => {
      const { id, manager, people } = await site.makeGroup(100);
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
      assert.equal(await site.poolOf(id), 100, 'nothing was booked');
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
      assert.equal(await site.poolOf(id), 70);
      assert.equal(await admin.tokensOf(first.id), 30);
    });

    test('managers give nothing to themselves; staff can give to managers', async () => {
      const { id, manager, people } = await site.makeGroup(100);
      const [first] = people as [Person];
      const to = [
        { id: first.id, tokens: 10 },
        { id: manager.id, tokens: 10 },
      ];
      const give = (access: string, base: string) =>
        admin.ask(access, 'POST', `${base}/groups/${id}/give/`, { to, reason: 'x' });
      await refused(give(manager.access, '/api'), 403, 'gift_to_oneself');
      assert.equal(await site.poolOf(id), 100, 'nothing was booked');
      assert.equal(await admin.tokensOf(first.id), 0);
      await done(give(admin.staff, '/api/admin'));
      assert.equal(await admin.tokensOf(manager.id), 10);
    });

    test('what ends with the allowance of a pool is not given out, also by twenty at once', async () => {
      const { id, account, manager, people } = await site.makeGroup(50);
      const [first] = people as [Person];
      const calendar = { kind: 'month', time_zone: 'UTC' };
      const wanted = { name: `Ending ${id}`, tokens: 70, calendar };
      const { plan } = await done(asStaff('POST', '/api/admin/plans/', wanted));
      const path = `/api/admin/groups/${id}/`;
      await done(asStaff('POST', `${path}plan/`, { plan: plan.id, from: 'now' }));
      const pool = async () =>
        (await done(admin.ask(manager.access, 'GET', `/api/groups/${id}/`))).group.pool;
      const { tokens, expiring, to_give: toGive } = await pool();
      assert.deepEqual([tokens, expiring, toGive], [120, 70, 50]);
      const give = (some: number) => {
        const body = { to: [{ id: first.id, tokens: some }], reason: 'x' };
        return admin.ask(manager.access, 'POST', `/api/groups/${id}/give/`, body);
      };
      await refused(give(51), 400, 'pool_insufficient');
      assert.equal((await pool()).tokens, 120, 'nothing was booked');
      const answers = await Promise.all(Array.from({ length: 20 }, () => give(9)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 5, 'five times 9 of 50');
      const left = await pool();
      assert.deepEqual([left.tokens, left.expiring, left.to_give], [75, 70, 5]);
      assert.equal(await admin.tokensOf(first.id), 45);
      // A message takes of the allowance first, so that as much can be given as before.
      const poor = { id, account };
      assert.equal((await site.spend(poor, first)).outcome, 'insufficient_credits');
      await done(asStaff('POST', `${path}grant/`, { tokens: 45, reason: 'x' }));
      assert.equal((await site.spend(poor, first)).outcome, 'settled');
      const spent = await pool();
      assert.deepEqual([spent.tokens, spent.expiring, spent.to_give], [20, 0, 20]);
    });

    test('the statement of a pool says who used what, and a refund goes back to it', async () => {
      const group = await site.makeGroup(1_000);
      const [member, quiet] = group.people as [Person, Person];
      await site.spend(group, member);
      await site.spend(group, member);
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

    test('the pool of a group has a plan, as an account of a user has', async () => {
      const group = await site.makeGroup(5);
      const calendar = { kind: 'month', time_zone: 'Europe/Berlin' };
      const { plan } = await done(
        asStaff('POST', '/api/admin/plans/', { name: 'For classes', tokens: 70, calendar }),
      );
      const path = `/api/admin/groups/${group.id}/`;
      const giving = { plan: plan.id, from: 'now' };
      const dry = await done(asStaff('POST', `${path}plan/`, { ...giving, dry_run: true }));
      assert.deepEqual([dry.done, dry.tokens_given, dry.accounts], [false, 70, 1]);
      assert.equal(await site.poolOf(group.id), 5);
      await done(asStaff('POST', `${path}plan/`, giving));
      const seen = await done(admin.ask(group.manager.access, 'GET', `/api/groups/${group.id}/`));
      assert.deepEqual([seen.group.pool.tokens, seen.group.pool.expiring], [75, 70]);
      assert.equal(seen.plan.name, 'For classes');
      assert.equal(seen.group.pool.plan.renews_at, seen.plan.renews_at);
      const byManager = admin.ask(group.manager.access, 'POST', `${path}plan/`, giving);
      await refused(byManager, 403, 'permission_denied');
      await done(asStaff('POST', `${path}end/`, {}));
      await refused(asStaff('POST', `${path}plan/`, giving), 409, 'group_ended');
      const user = group.people[0]?.id;
      const accounts = { accounts: [user, group.account], from: 'now' };
      const many = asStaff('POST', `/api/admin/plans/${plan.id}/accounts/`, accounts);
      await refused(many, 409, 'group_ended');
      assert.equal((await admin.read(`/api/admin/users/${user}/plan/`)).plan, null);
      const ended = await done(asStaff('GET', path));
      assert.equal(ended.plan.ends_at, ended.plan.renews_at, 'it is not renewed');
      await done(asStaff('POST', `${path}plan/`, { plan: null, from: 'now' }));
      assert.equal(await site.poolOf(group.id), 5);
      const poolless = await done(
        asStaff('POST', '/api/admin/groups/', { name: 'x', has_pool: false }),
      );
      const at = `/api/admin/groups/${poolless.group.id}/plan/`;
      await refused(asStaff('POST', at, giving), 409, 'group_without_pool');
    });
  });
});
