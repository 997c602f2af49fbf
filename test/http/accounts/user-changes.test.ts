/** Changes of users by staff: several at once, concurrent, and logged. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AdminServer, PASSWORD } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';

onEachDatabase((at) => {
  describe('changes of users', () => {
    let admin: AdminServer;

    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    test('several users are disabled together or not at all', async () => {
      const people = [await admin.person(), await admin.person(), await admin.person()];
      const ids = people.map(({ id }) => id);
      const superuser = await admin.person({ isSuperuser: true, isStaff: true });
      const disable = (token: string, wanted: number[]) =>
        admin.ask(token, 'POST', '/api/admin/users/disable/', { ids: wanted, reason: 'Term ends' });
      const { users } = admin.chit.context;
      const active = async () =>
        (await users.among({ usernames: [], ids })).filter(({ isActive }) => isActive).length;
      assert.equal((await disable(admin.staff, [...ids, superuser.id])).status, 403);
      assert.equal((await disable(admin.root, [...ids, 999_999_999])).status, 404);
      const { id: self } = (await admin.read('/api/me/')) as { id: number };
      assert.equal((await disable(admin.root, [...ids, self])).status, 400);
      assert.equal((await disable(admin.root, [])).status, 400);
      assert.equal(await active(), 3);
      assert.deepEqual((await disable(admin.staff, [...ids, ...ids])).json, { disabled: 3 });
      assert.equal(await active(), 0);
      assert.deepEqual((await disable(admin.staff, ids)).json, { disabled: 0 });
      for (const id of ids) {
        const log = await admin.entries(`target=user:${id}`);
        assert.deepEqual(
          log.map(({ reason }) => reason),
          ['Term ends'],
        );
      }
    });

    test('a retried list of grants gets the first response, even if a user was deleted since', async () => {
      const [one, two] = [await admin.person(), await admin.person()];
      const body = { to: [one, two].map(({ id }) => ({ id, tokens: 5 })), reason: 'A list' };
      const key = { 'idempotency-key': `gone-${one.id}` };
      const grant = (more: object = {}) =>
        admin.ask(admin.root, 'POST', '/api/admin/grants/', { ...body, ...more }, key);
      assert.equal((await grant()).status, 200);
      await admin.ask(admin.root, 'DELETE', `/api/admin/users/${two.id}/`);
      const again = await grant();
      assert.deepEqual([again.status, again.headers['idempotent-replayed']], [200, 'true']);
      assert.equal((await grant({ reason: 'Another' })).status, 400);
      assert.equal(await admin.tokensOf(one.id), 4_005);
    });

    test('a change that changes nothing is not logged, and a contradictory one is refused', async () => {
      const user = await admin.person();
      const where = `/api/admin/users/${user.id}/`;
      assert.equal((await admin.ask(admin.root, 'PATCH', where, { is_active: true })).status, 200);
      const both = { is_staff: false, is_superuser: true };
      const refused = await admin.ask(admin.root, 'PATCH', where, both);
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.json, { is_staff: ['A superuser is always staff.'] });
      assert.deepEqual(await admin.entries(`target=user:${user.id}`), []);
    });

    test('no concurrent change is lost, and the log has them in order', async () => {
      const user = await admin.person();
      const where = `/api/admin/users/${user.id}/`;
      const changes = [{ is_active: false }, { is_staff: true }];
      await Promise.all(changes.map((change) => admin.ask(admin.root, 'PATCH', where, change)));
      const found = await admin.chit.context.users.byId(user.id);
      assert.deepEqual([found?.isActive, found?.isStaff], [false, true]);
      const log = (await admin.read(`/api/admin/audit/?target=user:${user.id}`)).entries;
      assert.equal(log.length, changes.length);
      const chain = log.toReversed() as { before: object; after: object }[];
      for (const [index, { before }] of chain.entries()) {
        if (index > 0) assert.deepEqual(before, chain[index - 1]?.after);
      }
    });

    test('a password link that staff have seen is revoked when its user becomes staff', async () => {
      const user = await admin.person();
      const where = `/api/admin/users/${user.id}/`;
      const { json } = await admin.ask(admin.staff, 'POST', `${where}password-link/`);
      await admin.ask(admin.root, 'PATCH', where, { is_superuser: true });
      const token = (json as { path: string }).path.split('#')[1];
      const body = { token, password: 'a new one' };
      const chosen = await admin.ask('', 'POST', '/api/password/choose/', body);
      assert.equal(chosen.status, 400);
      const login = { username: user.username, password: PASSWORD };
      assert.equal((await admin.ask('', 'POST', '/api/login/', login)).status, 200);
    });
  });
});
