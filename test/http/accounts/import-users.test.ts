/** Users from a CSV file, with groups and plans: what the dry run says, or nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { GroupStore } from '../../../src/store/groups/groups.ts';
import { AdminServer, type Json, PASSWORD } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';
import { type Answer, postJson } from '../../support/http.ts';
import { storeMonthlyPlan } from '../../support/pools.ts';

type Adding = Parameters<GroupStore['addMembers']>;

onEachDatabase((at) => {
  describe('import of users', () => {
    let admin: AdminServer;

    before(async () => {
      await storeMonthlyPlan(at.url);
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    const ask = (body: object): Promise<Answer> =>
      admin.ask(admin.staff, 'POST', '/api/admin/users/import/', body);
    const dryRun = async (csv: string, more: object = {}): Promise<Json> => {
      const { status, json, text } = await ask({ csv, dry_run: true, ...more });
      assert.equal(status, 200, text);
      return json;
    };
    const run = async (csv: string, more: object = {}): Promise<Json> => {
      const { expected } = await dryRun(csv, more);
      const { status, json, text } = await ask({ csv, expected, ...more });
      assert.equal(status, 200, text);
      return json;
    };
    const logIn = (username: string, password: string) =>
      postJson(`${admin.server.url}/api/login/`, { username, password });

    /** How much there is of what an import makes. */
    const stored = async () => {
      const database = await openMigrated(at.url);
      const counts = { users: 0, groups: 0, group_members: 0, transfers: 0 };
      for (const table of ['users', 'groups', 'group_members', 'transfers'] as const) {
        const rows = await database.kysely.selectFrom(table).selectAll().execute();
        counts[table] = rows.length;
      }
      await database.close();
      return counts;
    };

    test('three classes are imported as the dry run said; run again, nothing is left to do', async () => {
      const pupils = ['7a', '7b', '7c'].flatMap((group) =>
        Array.from({ length: 30 }, (_, index) => `pupil-${group}-${index};;${group};Monthly;10`),
      );
      const csv = `\ufeffBenutzername;Passwort;Klasse;Tarif;Guthaben\r\n${pupils.join('\r\n')}\r\n`;
      const before = await stored();
      const said = await dryRun(csv);
      assert.deepEqual(await stored(), before);
      assert.deepEqual(said.counts, {
        rows: 90,
        new_users: 90,
        existing_users: 0,
        unchanged_users: 0,
        new_groups: 3,
        new_pools: 3,
        joins: 90,
        plans_given: 90,
        plans_changed: 0,
        links: 90,
        passwords: 0,
        tokens: 900,
        faults: 0,
      });
      assert.deepEqual(said.new_groups, ['7a', '7b', '7c']);
      const without = await dryRun(csv, { pools: false });
      assert.deepEqual([without.counts.new_groups, without.counts.new_pools], [3, 0]);
      const startedAt = Date.now();
      const { status, json } = await ask({ csv, expected: said.expected });
      assert.equal(status, 200);
      const done = json as Json;
      assert.ok(Date.now() - startedAt < 120_000, 'a person waits for it');
      assert.deepEqual([done.imported, done.stopped, done.rows.length], [true, null, 90]);
      assert.deepEqual(done.counts, said.counts);
      const { groups } = await admin.read('/api/admin/groups/?q=7');
      assert.deepEqual(
        groups.map((it: Json) => [it.name, it.members, it.pool?.tokens]),
        ['7a', '7b', '7c'].map((name) => [name, 30, 0]),
        'each with an empty pool',
      );
      assert.deepEqual(await stored(), {
        users: before.users + 90,
        groups: before.groups + 3,
        group_members: before.group_members + 90,
        transfers: before.transfers + 180,
      });
      assert.equal(await admin.tokensOf(done.rows[0].id), 2_010);
      // The link of each works once, and nobody could sign in before.
      const [{ username, link }, second] = done.rows;
      assert.notEqual(link.path, second.link.path);
      const token = link.path.split('#')[1];
      const url = `${admin.server.url}/api/password/choose/`;
      assert.equal((await postJson(url, { token, password: PASSWORD })).status, 200);
      assert.equal((await logIn(username, PASSWORD)).status, 200);
      const after = await stored();
      const again = await dryRun(csv);
      assert.deepEqual(
        [again.counts.new_users, again.counts.unchanged_users, again.rows.length],
        [0, 90, 0],
      );
      // What was looked at before is not what would happen now.
      const late = await ask({ csv, expected: said.expected });
      assert.deepEqual([late.status, late.headers['chit-error']], [409, 'import_changed']);
      const nothing = await run(csv);
      assert.deepEqual([nothing.rows, nothing.counts.unchanged_users], [[], 90]);
      assert.deepEqual(await stored(), after);
      // Those who were never here can be given new links; who has a password keeps it.
      const renewed = await run(csv, { renew_access: true });
      assert.deepEqual([renewed.counts.links, renewed.rows.length], [89, 89]);
      assert.deepEqual(await stored(), after);
      assert.equal((await logIn(username, PASSWORD)).status, 200);
    });

    test('passwords of the file or made up let people in; who exists only gets what is missing', async () => {
      const eva = await admin.person();
      const csv = [
        'username,groups,plan,tokens,password',
        `${eva.username},Chess | Choir,monthly,500,"ignored, since she exists"`,
        'made-up,Choir,,"1,000",',
        'with-password,chess,,,correct horse',
      ].join('\n');
      const before = await admin.tokensOf(eva.id);
      const done = await run(csv, { access: 'password' });
      const { counts } = done;
      assert.deepEqual(
        [counts.new_users, counts.existing_users, counts.new_groups, counts.joins, counts.links],
        [2, 1, 2, 4, 0],
      );
      assert.deepEqual([counts.passwords, counts.tokens, counts.plans_given], [1, 5_000, 1]);
      assert.equal(await admin.tokensOf(eva.id), before + 2_000);
      assert.equal((await logIn(eva.username, PASSWORD)).status, 200);
      const [, made, given] = done.rows;
      assert.match(made.password, /^[a-z2-9]{4}(-[a-z2-9]{4})+$/);
      assert.equal((await logIn('made-up', made.password)).status, 200);
      assert.deepEqual([given.password, given.link, given.access], [null, null, 'given']);
      assert.equal((await logIn('with-password', 'correct horse')).status, 200);
      const database = await openMigrated(at.url);
      const groups = await database.kysely.selectFrom('groups').select('name').execute();
      await database.close();
      const names = groups.map(({ name }) => name).filter((it) => /^ch/i.test(it));
      assert.deepEqual(names.toSorted(), ['Chess', 'Choir']);
    });

    test('a file with faults names each by row and column, and nothing of it is done', async () => {
      const eva = await admin.person();
      const root = (await admin.read('/api/admin/users/?role=superuser')).users[0].username;
      const csv = [
        'username,plan,tokens,password,groups',
        'fine,Monthly,5,a long one,X',
        ',,,,',
        ' ,Monthly,,,',
        `${eva.username.toUpperCase()},,,,`,
        'fine,,,,',
        'FINE,,,,',
        'a:colon,,,,',
        'b,No plan,,,',
        'c,,1.5,,',
        'd,,-5,,',
        'e,,,sekrit,',
        `f,,,,${'g'.repeat(101)}`,
        `${'n'.repeat(51)},,,,`,
        'with\u0000null,,,,',
        `${root},,,,`,
      ].join('\n');
      const before = await stored();
      const said = await dryRun(csv);
      assert.deepEqual(
        said.faults.map((it: Json) => `${it.row} ${it.column} ${it.code}`),
        [
          '4 username missing',
          '5 username name_taken',
          '6 username named_twice',
          '7 username named_twice',
          '8 username not_a_username',
          '9 plan unknown_plan',
          '10 tokens not_tokens',
          '11 tokens not_tokens',
          '12 password too_short',
          '13 groups too_long',
          '14 username too_long',
          '15 username not_storable',
          '16 username untouchable',
        ],
      );
      assert.doesNotMatch(JSON.stringify(said.faults), /sekrit|a long one/);
      const { status, headers } = await ask({ csv, expected: said.expected });
      assert.deepEqual([status, headers['chit-error']], [400, 'import_refused']);
      for (const [file, code] of [
        ['', 'no_username_column no_rows'],
        ['username\n', 'no_rows'],
        ['name of pupil\nx', 'unknown_column no_username_column'],
        ['username,user\nx,y', 'column_twice'],
        ['username,shoe size\nx,42', 'unknown_column'],
        ['username\n"x', 'not_csv'],
        [`username\n${'x\n'.repeat(2_001)}`, 'too_many_rows'],
      ] as const) {
        const { faults } = await dryRun(file);
        const codes = faults.map((it: Json) => it.code).join(' ');
        assert.ok(
          code.split(' ').some((it) => codes.includes(it)),
          `${file}: ${codes}`,
        );
      }
      assert.equal((await ask({ csv: 'username\nx' })).status, 400);
      assert.equal((await ask({ csv: 'username\nx', expected: 'guess' })).status, 409);
      assert.deepEqual(await stored(), before);
    });

    test('a run stops where something is different by now, and goes on when run again', async (t) => {
      const csv = ['username,groups', ...Array.from({ length: 24 }, (_, i) => `late-${i},Late`)];
      const { groups } = admin.chit.context;
      const addMembers = groups.addMembers.bind(groups);
      let joins = 0;
      const failing = t.mock.method(groups, 'addMembers', (...[id, ...rest]: Adding) => {
        joins += 1;
        if (joins === 12) return Promise.reject(new Error('The database is away.'));
        return addMembers(id, ...rest);
      });
      const before = await stored();
      const stopped = await run(csv.join('\n'));
      failing.mock.restore();
      assert.equal(stopped.rows.length, 15);
      assert.ok(stopped.stopped.row > 9 && stopped.stopped.row <= 17);
      assert.doesNotMatch(stopped.stopped.message, /database/);
      assert.ok(stopped.rows.every((it: Json) => it.link !== null));
      const rest = await run(csv.join('\n'));
      assert.deepEqual([rest.stopped, rest.counts.new_users, rest.counts.joins], [null, 8, 9]);
      const after = await stored();
      assert.equal(after.users, before.users + 24);
      assert.equal(after.group_members, before.group_members + 24);
      const { entries } = await admin.read('/api/admin/audit/?action=user.import');
      const [newest] = entries.filter(({ target }: Json) => target === 'site');
      assert.deepEqual(newest.after, { users: 8, joined: 9, plans: 0, stopped_at: null });
    });

    test('users who are not staff import nobody', async () => {
      const { access } = await admin.person();
      const body = { csv: 'username\nx', dry_run: true };
      const path = '/api/admin/users/import/';
      assert.equal((await admin.ask(access, 'POST', path, body)).status, 403);
    });
  });
});
