/** Groups: who may do what with them, and what is told and logged. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AdminServer, Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { done, GroupSite, type Person, refused } from '../../support/groups.ts';

onEachDatabase((at) => {
  describe('groups', () => {
    let site: GroupSite;
    let admin: AdminServer;
    before(async () => {
      site = await GroupSite.start(at.url);
      admin = site.admin;
    });
    after(() => site.close());

    const asStaff: GroupSite['asStaff'] = (...all) => site.asStaff(...all);

    test('a group is created, renamed, found, and its name is free again when it has ended', async () => {
      const body = { name: ' Night shift ', models: ['scripted'] };
      const created = await done(asStaff('POST', '/api/admin/groups/', body));
      const { id } = created.group;
      assert.equal(created.group.name, 'Night shift');
      assert.deepEqual(created.group.models, ['scripted']);
      const pool = { tokens: 0, held: 0, expiring: 0, to_give: 0, plan: null };
      assert.deepEqual(created.group.pool, pool);
      const path = `/api/admin/groups/${id}/`;
      await refused(
        asStaff('POST', '/api/admin/groups/', { name: 'NIGHT shift' }),
        409,
        'group_name_taken',
      );
      await refused(asStaff('PATCH', path, { models: ['no such'] }), 400, 'invalid_fields');
      const other = await done(
        asStaff('POST', '/api/admin/groups/', { name: 'Day', has_pool: false }),
      );
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
      const { id, manager, people } = await site.makeGroup(0, 3);
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
      const { id, people } = await site.makeGroup(0);
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
      const own = await site.makeGroup(500);
      const other = await site.makeGroup(500);
      const [member] = own.people as [Person];
      const budget = await done(
        asStaff('POST', `/api/admin/groups/${own.id}/budgets/`, { limit: 5 }),
      );
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
      assert.equal(await site.poolOf(own.id), 500, 'nothing was given');
      for (const [method, path, body] of requests) {
        const at = `/api/groups/${own.id}${path}`;
        const answer = await admin.ask(own.manager.access, method, at, body);
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
      }
      assert.equal(await site.poolOf(own.id), 490);
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
      const { id, manager, people } = await site.makeGroup(300);
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

    test('who was taken out of a group can no longer spend from its pool', async () => {
      const group = await site.makeGroup(1_000);
      const [member] = group.people as [Person];
      assert.equal((await site.spend(group, member)).outcome, 'settled');
      const path = `/api/admin/groups/${group.id}/members/`;
      await done(asStaff('POST', `${path}remove/`, { ids: [member.id] }));
      assert.equal((await site.spend(group, member)).outcome, 'account_unknown');
      assert.equal(await site.poolOf(group.id), 900);
    });

    test('the pool of a group that has ended pays no more and keeps what it has', async () => {
      const group = await site.makeGroup(1_000);
      const [member] = group.people as [Person];
      await done(asStaff('POST', `/api/admin/groups/${group.id}/end/`, {}));
      assert.equal((await site.spend(group, member)).outcome, 'account_unknown');
      const manager = group.manager.access;
      const give = { to: [{ id: member.id, tokens: 1 }], reason: 'x' };
      const path = `/api/groups/${group.id}/`;
      await refused(admin.ask(manager, 'POST', `${path}give/`, give), 404, 'group_not_found');
      assert.deepEqual((await done(admin.ask(manager, 'GET', '/api/groups/'))).groups, []);
      assert.equal(await site.poolOf(group.id), 1_000);
      await done(asStaff('POST', `/api/admin/groups/${group.id}/give/`, give));
      assert.equal(await admin.tokensOf(member.id), 1, 'staff move what it holds');
      const joining = { users: [{ id: member.id }] };
      const members = `/api/admin/groups/${group.id}/members/`;
      await refused(asStaff('POST', members, joining), 409, 'group_ended');
      const moved = { tokens: -999, reason: 'moved' };
      await done(asStaff('POST', `/api/admin/groups/${group.id}/grant/`, moved));
      assert.equal(await site.poolOf(group.id), 0);
    });

    test('an erased user is in no group, and what they used stays in its usage', async () => {
      const group = await site.makeGroup(1_000);
      const [member] = group.people as [Person];
      await site.spend(group, member);
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
      const group = await site.makeGroup(1_000);
      const [member] = group.people as [Person];
      await done(asStaff('PATCH', `/api/admin/users/${member.id}/`, { is_active: false }));
      assert.equal((await site.spend(group, member)).outcome, 'account_unknown');
      const { members } = await admin.read(`/api/admin/groups/${group.id}/members/`);
      const listed = members.find((it: Json) => it.id === member.id);
      assert.equal(listed.is_active, false);
      const { groups: all } = await admin.read(`/api/admin/users/${member.id}/groups/`);
      assert.deepEqual(
        all.map((it: Json) => it.id),
        [group.id],
      );
    });
  });
});
