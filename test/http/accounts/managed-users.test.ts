/** Lists of users, grants and adjustments by staff, and their log entries. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { AdminServer, SLOW } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';

onEachDatabase((at) => {
  describe('users and credits', () => {
    let admin: AdminServer;

    before(async () => {
      const settings = { CHIT_DATABASE_URL: at.url, CHIT_STAFF_READS_CHATS: '1' };
      admin = await AdminServer.start(settings);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    test('paging lists every user once, in every order', async () => {
      for (let made = 0; made < 7; made += 1) await admin.person();
      const all = await admin.server.chit.context.users.list({ afterId: -1, limit: 500 });
      for (const column of ['name', 'joined', 'last_seen', 'balance']) {
        for (const sort of [column, `-${column}`]) {
          const seen: number[] = [];
          let cursor = '';
          do {
            const query = `sort=${sort}&limit=3${cursor && `&cursor=${cursor}`}`;
            const page = await admin.read(`/api/admin/users/?${query}`);
            seen.push(...(page.users as { id: number }[]).map(({ id }) => id));
            cursor = page.next_cursor ?? '';
          } while (cursor !== '');
          assert.deepEqual(seen.toSorted(), all.map(({ id }) => id).toSorted(), sort);
        }
      }
    });

    test('users are found by the beginning of their name, by id, state and role', async () => {
      const user = await admin.person();
      const names = async (query: string) =>
        ((await admin.read(`/api/admin/users/?${query}`)).users as { username: string }[]).map(
          ({ username }) => username,
        );
      assert.deepEqual(await names(`q=${user.username.toLowerCase()}`), [user.username]);
      assert.deepEqual(await names(`q=${user.id}`), [user.username]);
      assert.deepEqual(await names('q=nobody'), []);
      assert.deepEqual(await names('q=%25'), []);
      assert.ok(!(await names('role=staff')).includes(user.username));
      await admin.ask(admin.root, 'PATCH', `/api/admin/users/${user.id}/`, { is_active: false });
      assert.deepEqual(await names('state=disabled'), [user.username]);
      assert.equal(
        (await admin.ask(admin.root, 'GET', '/api/admin/users/?sort=password')).status,
        400,
      );
    });

    test('users are downloaded as they are listed, with their plans and groups', async () => {
      const [first, second] = [await admin.person(), await admin.person()];
      const post = (path: string, body: object) => admin.ask(admin.staff, 'POST', path, body);
      const calendar = { kind: 'month', time_zone: 'UTC' };
      const wanted = { name: 'Exported', tokens: 5, calendar };
      const made = (await post('/api/admin/plans/', wanted)).json as { plan: { id: string } };
      const accounts = { accounts: [first.id], from: 'now' };
      await post(`/api/admin/plans/${made.plan.id}/accounts/`, accounts);
      for (const name of ['Class 9', 'Class "8"']) {
        const { json } = await post('/api/admin/groups/', { name });
        const { group } = json as { group: { id: string } };
        const users = [{ id: first.id }];
        await post(`/api/admin/groups/${group.id}/members/`, { users });
      }
      const file = async (query: string) =>
        (await admin.ask(admin.staff, 'GET', `/api/admin/users/?format=csv${query}`)).text
          .trimEnd()
          .split('\r\n');
      const [head, row, ...rest] = await file(`&q=${first.username}`);
      assert.deepEqual(rest, []);
      assert.match(head ?? '', /^id,username,groups,plan,tokens,held,is_active,/);
      const places = '"Class ""8""; Class 9",Exported';
      assert.match(row ?? '', new RegExp(`^${first.id},${first.username},${places},\\d+,0,true,`));
      const all = await file('&sort=joined');
      const total = await admin.server.chit.context.users.list({ afterId: -1, limit: 500 });
      assert.equal(all.length - 1, total.length, 'everybody, however many there are');
      assert.ok(all.some((line) => line.startsWith(`${second.id},${second.username},,,`)));
      const refused = await admin.ask(first.access, 'GET', '/api/admin/users/?format=csv');
      assert.equal(refused.status, 403);
    });

    test('a dry run books nothing; a list is booked completely or not at all, and once', async () => {
      const [one, two] = [await admin.person(), await admin.person()];
      const to = [
        { username: one.username, tokens: 500 },
        { id: two.id, tokens: -5_000 },
      ];
      const body = { to, reason: 'Term begins' };
      const dry = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', {
        ...body,
        dry_run: true,
      });
      const plan = dry.json as { booked: boolean; rows: { problem: string | null }[] };
      assert.equal(plan.booked, false);
      assert.deepEqual(
        plan.rows.map(({ problem }) => problem),
        [null, 'The balance is too low.'],
      );
      const refused = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', body);
      assert.equal(refused.status, 400);
      assert.match(refused.text, /Nothing was booked: 1 of the accounts/);
      assert.deepEqual(
        [await admin.tokensOf(one.id), await admin.tokensOf(two.id)],
        [4_000, 4_000],
      );
      assert.deepEqual(await admin.entries(`target=user:${one.id}&action=credits.grant`), []);

      const right = {
        to: [
          { ...to[0], tokens: 500 },
          { id: two.id, tokens: -1_000 },
        ],
        reason: 'a',
      };
      const key = { 'idempotency-key': `list-${at.name}` };
      const booked = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', right, key);
      assert.deepEqual(booked.json, { booked: true, accounts: 2, tokens: -500, rows: [] });
      const again = await admin.ask(admin.staff, 'POST', '/api/admin/grants/', right, key);
      assert.deepEqual(again.json, booked.json);
      assert.equal(again.headers['idempotent-replayed'], 'true');
      assert.deepEqual(
        [await admin.tokensOf(one.id), await admin.tokensOf(two.id)],
        [4_500, 3_000],
      );
      const log = await admin.entries(`target=user:${one.id}&action=credits.grant`);
      assert.deepEqual(
        log.map(({ reason }) => reason),
        ['a'],
      );
      const other = await admin.ask(
        admin.staff,
        'POST',
        '/api/admin/grants/',
        { ...right, reason: 'b' },
        key,
      );
      assert.equal(other.status, 422);
      for (const wrong of [
        { ...right, reason: ' ' },
        { to: [], reason: 'a' },
        { to: [to[0], to[0]], reason: 'a' },
        { to: [{ id: one.id, tokens: 0 }], reason: 'a' },
        { to: [{ username: 'nobody', tokens: 1 }], reason: 'a' },
        { to: [{ id: one.id, username: two.username, tokens: 1 }], reason: 'a' },
      ]) {
        assert.equal(
          (await admin.ask(admin.staff, 'POST', '/api/admin/grants/', wrong)).status,
          400,
        );
      }
      assert.equal(await admin.tokensOf(one.id), 4_500);
    });

    test('concurrent distributions to the same accounts are each booked once', async () => {
      const some = await Promise.all([admin.person(), admin.person(), admin.person()]);
      const to = some.map(({ id }) => ({ id, tokens: -150 }));
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, nth) =>
          admin.ask(admin.staff, 'POST', '/api/admin/grants/', {
            to: nth % 2 === 0 ? to : to.toReversed(),
            reason: 'a race',
          }),
        ),
      );
      const booked = answers.filter(({ status }) => status === 200).length;
      assert.equal(booked, Math.floor(4_000 / 150));
      for (const { id } of some) assert.equal(await admin.tokensOf(id), 4_000 - booked * 150);
    });

    test('a charge is refunded once, with a reason', async () => {
      const user = await admin.person();
      await admin.ask(user.access, 'POST', '/api/chat/', { message: 'hello' });
      const lines = (await admin.read(`/api/admin/users/${user.id}/history/`)).results as {
        id: string;
        kind: string;
      }[];
      const charge = lines.find(({ kind }) => kind === 'charge')?.id;
      assert.equal(
        (await admin.ask(admin.staff, 'POST', '/api/admin/refunds/', { charge })).status,
        400,
      );
      const body = { charge, reason: 'It was wrong' };
      const refunded = await admin.ask(admin.staff, 'POST', '/api/admin/refunds/', body);
      assert.deepEqual(refunded.json, { user: user.id, tokens: 100, tokens_after: 4_000 });
      assert.equal((await admin.ask(admin.staff, 'POST', '/api/admin/refunds/', body)).status, 409);
      assert.equal(await admin.tokensOf(user.id), 4_000);
      const { entries } = await admin.read(`/api/admin/audit/?target=${user.username}`);
      assert.equal(entries.length, 1);
      const [{ action, reason, before, after: found }] = entries;
      assert.deepEqual([action, reason], ['credits.refund', 'It was wrong']);
      assert.deepEqual(before, { balance: 3_900 });
      assert.deepEqual([found.charge, found.balance], [charge, 4_000]);
      const [refund, refundedCharge] = (await admin.read(`/api/admin/users/${user.id}/history/`))
        .results;
      assert.deepEqual([refund.refunded, refundedCharge.refunded], [false, true]);
    });

    test('a deleted user is gone except for the transfers', async () => {
      const user = await admin.server.newUser();
      const name = (await admin.server.chit.context.users.byId(user.userId))?.username ?? '';
      const made = await admin.ask(user.access, 'POST', '/api/conversations/', {
        title: 'My private wish',
      });
      const { id } = made.json as { id: string };
      const path = `/api/conversations/${id}/messages/`;
      await admin.ask(user.access, 'POST', path, { message: 'a private wish' });
      await admin.ask(user.access, 'POST', '/api/chat/', { message: 'a private wish' });
      await admin.ask(user.access, 'POST', path, { message: SLOW });
      const where = `/api/admin/users/${user.userId}/`;
      assert.equal(
        (await admin.ask(admin.staff, 'DELETE', `${where}?reason=They%20left`)).status,
        204,
      );
      assert.equal((await admin.ask(admin.staff, 'GET', where)).status, 404);
      const database = openDatabase(at.url);
      for (const table of [
        'users',
        'messages',
        'conversations',
        'api_keys',
        'audit_log',
      ] as const) {
        const { rows } = await sql`SELECT * FROM ${sql.table(table)}`.execute(database.kysely);
        const text = JSON.stringify(rows);
        for (const word of [name, 'private', user.key.slice(0, 12)]) {
          assert.ok(!text.includes(word), `${table} has "${word}"`);
        }
      }
      await database.close();
      assert.equal((await admin.server.balanceOf(user.userId)).heldCredits, 0);
      const actions = (await admin.entries(`target=user:${user.userId}`)).map(
        ({ action }) => action,
      );
      assert.deepEqual(actions, ['user.delete', 'user.change']);
    });

    test('the database refuses to change the log', async () => {
      const database = openDatabase(at.url);
      for (const statement of ["UPDATE audit_log SET reason = 'x'", 'DELETE FROM audit_log']) {
        await assert.rejects(
          sql.raw(statement).execute(database.kysely),
          /never changed|only when they are old/,
        );
      }
      await database.close();
    });

    test('the log is searched and downloaded, and no cell of the file is a formula', async () => {
      const user = await admin.person();
      const body = { to: [{ id: user.id, tokens: 1 }], reason: '=1+1, "so"' };
      await admin.ask(admin.root, 'POST', '/api/admin/grants/', body);
      assert.equal((await admin.entries('q=1%2B1')).length, 1);
      const file = await admin.ask(admin.root, 'GET', '/api/admin/audit/?format=csv');
      assert.match(String(file.headers['content-type']), /text\/csv/);
      assert.match(file.text, /,"'=1\+1, ""so""",/);
      assert.ok(file.text.split('\r\n').length > 5);
    });

    test('a long log is searched in parts and downloaded whole', async () => {
      const database = openDatabase(at.url);
      // The search is for the oldest.
      await sql`INSERT INTO audit_log (id, at, actor, action, target, reason)
        WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10500)
        SELECT '00000000-0000-7000-8000-' || (100000000000 + n), 1000 + n,
          'cli:long', 'credits.grant', 'user:1',
          CASE n WHEN 0 THEN 'A needle' ELSE 'Hay' END FROM numbers`.execute(database.kysely);
      await database.close();
      const address = '/api/admin/audit/?actor=cli:long&q=needle';
      const first = await admin.read(address);
      assert.deepEqual([first.entries, first.has_more], [[], true]);
      assert.equal(first.searched_back_to, '1970-01-01T00:00:01.501Z');
      const second = await admin.read(`${address}&cursor=${first.next_cursor}`);
      assert.equal(second.entries[0].reason, 'A needle');
      assert.equal(second.has_more, false);
      const csv = '/api/admin/audit/?actor=cli:long&format=csv';
      const file = await admin.ask(admin.root, 'GET', csv);
      assert.equal(file.text.trim().split('\r\n').length, 10_502);
    });
  });
});
