/** Invitations: made by staff, printed, and used once, by an account that is opened only then. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { finishInvitations } from '../../../src/app/invitations/finish-invitations.ts';
import { forgetInvitations } from '../../../src/app/invitations/manage-invitations.ts';
import { InvitationCodes } from '../../../src/auth/invitation-codes.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { argon2Calls } from '../../support/argon2-calls.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';
import { type Answer, postJson } from '../../support/http.ts';
import { storeMonthlyPlan } from '../../support/pools.ts';

const ADDRESS = '/api/admin/invitations/';
const PASSWORD = 'velvet-tram-19';
const DAY_MS = 86_400_000;

onEachDatabase((at) => {
  describe('invitations', () => {
    let admin: AdminServer;

    before(async () => {
      await storeMonthlyPlan(at.url);
      admin = await AdminServer.start({
        CHIT_DATABASE_URL: at.url,
        CHIT_SIGNUP: 'open',
        CHIT_PASSWORD_MIN_LENGTH: '8',
      });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    const post = (path: string, body: object): Promise<Answer> =>
      admin.ask(admin.staff, 'POST', `${ADDRESS}${path}`, body);
    const dryRun = async (csv: string, more: object = {}): Promise<Json> => {
      const { status, json, text } = await post('', { csv, dry_run: true, ...more });
      assert.equal(status, 200, text);
      return json;
    };
    const invite = async (csv: string, more: object = {}): Promise<Json> => {
      const { expected } = await dryRun(csv, more);
      const { status, json, text } = await post('', { csv, expected, ...more });
      assert.equal(status, 200, text);
      return json;
    };
    const inviteOne = async (person: object, more: object = {}): Promise<Json> => {
      const { status, json, text } = await post('', { people: [person], ...more });
      assert.equal(status, 200, text);
      return { batch: (json as Json).batch, ...(json as Json).invitations[0] };
    };
    const ask = (path: string, body: object): Promise<Answer> =>
      postJson(`${admin.server.url}/api/invitations/${path}/`, body);
    const accept = (code: string, body: object = {}): Promise<Answer> =>
      ask('accept', { code, password: PASSWORD, ...body });
    const refused = async (answer: Promise<Answer>, status: number, code: string) => {
      const { status: got, headers, json } = await answer;
      assert.deepEqual([got, headers['chit-error']], [status, code]);
      return json as Json;
    };
    const list = (query: string): Promise<Json> => admin.read(`${ADDRESS}?${query}`);
    const logIn = (username: string) =>
      postJson(`${admin.server.url}/api/login/`, { username, password: PASSWORD });

    /** How much there is of what coming makes. */
    const stored = async () => {
      const database = await openMigrated(at.url);
      const counts = { users: 0, accounts: 0, groups: 0, group_members: 0, transfers: 0 };
      for (const table of Object.keys(counts) as (keyof typeof counts)[]) {
        counts[table] = (await database.kysely.selectFrom(table).selectAll().execute()).length;
      }
      await database.close();
      return counts;
    };
    /** Changes what only time or a crash would. */
    const inDatabase = async (statement: ReturnType<typeof sql>) => {
      const database = await openMigrated(at.url);
      await statement.execute(database.kysely);
      await database.close();
    };

    test('a class is invited as the dry run said, and has nothing before it comes', async () => {
      const csv =
        '\ufeffName;Benutzername;E-Mail;Klasse;Tarif;Guthaben\r\n' +
        'Ada Lovelace;ada;ada@school.example;7a;Monthly;10\r\n' +
        'Grace Hopper;;;7a|Chess;;\r\n' +
        ';alan;;7b;;0\r\n';
      const before = await stored();
      const said = await dryRun(csv);
      assert.deepEqual(await stored(), before);
      assert.deepEqual(said.counts, {
        rows: 3,
        invitations: 3,
        here: 0,
        invited: 0,
        emails: 1,
        mails: 0,
        new_groups: 3,
        new_pools: 3,
        joins: 4,
        plans: 1,
        tokens: 4_010,
        faults: 0,
      });
      assert.deepEqual(said.new_groups, ['7a', 'Chess', '7b']);
      const run = () => post('', { csv, expected: said.expected });
      const [one, other] = await Promise.all([run(), run()]);
      const done = one.json as Json;
      // Two at once, and again later: nobody is invited twice, and everybody has the same code.
      assert.deepEqual((other.json as Json).invitations, done.invitations);
      assert.deepEqual(((await run()).json as Json).invitations, done.invitations);
      assert.deepEqual(
        done.invitations.map((it: Json) => [it.name, it.username, it.groups]),
        [
          ['Ada Lovelace', 'ada', ['7a']],
          ['Grace Hopper', null, ['7a', 'Chess']],
          ['alan', 'alan', ['7b']],
        ],
      );
      const { users, accounts, transfers, groups } = await stored();
      assert.deepEqual(
        [users, transfers, groups, accounts],
        [before.users, before.transfers, before.groups + 3, before.accounts + 3],
        'only the groups, and their pools',
      );
      const [{ code, path }] = done.invitations;
      assert.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
      assert.equal(path, `/invited#${code}`);
      // Invited again with more people, only those are.
      const more = await invite(`${csv}Joan;joan;;7b;;5\r\n`);
      assert.deepEqual(
        [more.counts.invitations, more.counts.invited, more.counts.new_groups],
        [2, 2, 0],
        'who has neither a username nor an address cannot be told from a namesake',
      );
      const page = await list(`batch=${done.batch}`);
      assert.deepEqual(page.counts, { open: 3, expired: 0, ended: 0, accepted: 0 });
      const days = (Date.parse(page.invitations[0].expires_at) - Date.now()) / DAY_MS;
      assert.ok(days > 13.9 && days <= 14, `${days}`);

      const typed = code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
      const found = await ask('find', { code: ` ${typed} ` });
      assert.deepEqual([found.status, (found.json as Json).username], [200, 'ada']);
      const came = await accept(typed);
      assert.deepEqual([came.status, came.json], [201, { username: 'ada' }]);
      assert.equal((await logIn('ada')).status, 200);
      const { invitations, counts } = await list(`batch=${done.batch}&q=lovelace`);
      assert.deepEqual(counts, { open: 0, expired: 0, ended: 0, accepted: 1 });
      const { user, state } = invitations[0];
      assert.deepEqual([state, user.username], ['accepted', 'ada']);
      assert.equal(await admin.tokensOf(user.id), 2_010, 'the opening balance and the allowance');
      const detail = await admin.read(`/api/admin/users/${user.id}/`);
      assert.equal(detail.plan.name, 'Monthly');
      const { groups: joined } = await admin.read(`/api/admin/users/${user.id}/groups/`);
      assert.deepEqual(
        joined.map((it: Json) => it.name),
        ['7a'],
      );
      const email = await admin.chit.context.emails.of(user.id);
      assert.deepEqual(email, {
        email: 'ada@school.example',
        verifiedAtMs: undefined,
        confirmedBy: undefined,
      });
      const { token } = admin.chit.context.tokens.issue('access', user.id, Date.now());
      const exported = await admin.ask(token, 'GET', '/api/account/export/');
      const { name, email: kept, accepted_at: acceptedAt } = (exported.json as Json).invitation;
      assert.deepEqual([name, kept], ['Ada Lovelace', 'ada@school.example']);
      assert.ok(acceptedAt);
      const actions = (await admin.entries(`target=user:${user.id}`)).map((it) => it.action);
      assert.deepEqual(actions.toSorted(), ['group.add_member', 'user.create', 'user.plan']);
      const [made] = await admin.entries(`target=invitation:${done.batch}`);
      assert.equal(made?.action, 'invitation.create');
    });

    test('of two browsers with one invitation one has the account; used again it gives nothing', async () => {
      const { code } = await inviteOne({ name: 'Twin', groups: ['Twins'], tokens: 7 });
      const before = await stored();
      const answers = await Promise.all(
        ['twin-1', 'twin-2', 'twin-3'].map((username) => accept(code, { username })),
      );
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409, 409]);
      await refused(accept(code, { username: 'twin-4' }), 409, 'invitation_used');
      await refused(ask('find', { code }), 409, 'invitation_used');
      const now = await stored();
      assert.deepEqual(
        [now.users - before.users, now.transfers - before.transfers],
        [1, 1],
        'one account with one opening balance',
      );
    });

    test('the name of an invitation is kept, and no other opens the account', async () => {
      const { code, id } = await inviteOne({ username: 'Mary Jackson' });
      const before = await stored();
      const register = (username: string) =>
        postJson(`${admin.server.url}/api/register/`, { username, password: PASSWORD });
      await refused(register('Mary Jackson'), 400, 'username_taken');
      await refused(register('mary jackson'), 400, 'username_taken');
      await refused(accept(code, { username: 'Mary' }), 400, 'invalid_fields');
      const { code: other } = await inviteOne({ name: 'Somebody' });
      await refused(accept(other, { username: 'Mary Jackson' }), 400, 'username_taken');
      await refused(accept(other), 400, 'invalid_fields');
      await refused(accept(other, { username: 'system' }), 400, 'invalid_fields');
      await refused(accept(code, { password: 'short' }), 400, 'invalid_fields');
      const { faults } = await dryRun('username\nmary  jackson\nMARY JACKSON\nmary jackson\n');
      assert.deepEqual(
        faults.map((it: Json) => [it.row, it.code]),
        [
          [2, 'not_a_username'],
          [3, 'named_twice'],
          [4, 'named_twice'],
        ],
      );
      const taken = await dryRun('username\nMARY JACKSON\n');
      assert.deepEqual(
        taken.faults.map((it: Json) => [it.code, it.value]),
        [['name_taken', 'Mary Jackson']],
      );
      const imported = await admin.ask(admin.staff, 'POST', '/api/admin/users/import/', {
        csv: 'username\nmary jackson\n',
        dry_run: true,
      });
      assert.equal((imported.json as Json).faults[0].code, 'name_taken');
      assert.deepEqual(await stored(), before);
      // The other one is not used up by what was refused.
      assert.equal((await accept(other, { username: 'Dorothy' })).status, 201);
      // An ended one gives its name back.
      const ended = await post('end/', { ids: [id], reason: 'Left the school' });
      assert.deepEqual(ended.json, { changed: 1 });
      await refused(accept(code), 410, 'invitation_ended');
      assert.equal((await register('mary jackson')).status, 201);
      const [entry] = await admin.entries(`target=invitation:${id}`);
      assert.deepEqual([entry?.action, entry?.reason], ['invitation.end', 'Left the school']);
      await refused(post('end/', { ids: [id] }), 404, 'invitation_not_found');
    });

    test('an expired one opens nothing until it is extended; then its slip works again', async () => {
      const { code, id, expires_at: until } = await inviteOne({ username: 'late' }, { hours: 1 });
      assert.ok(Math.abs(Date.parse(until) - Date.now() - 3_600_000) < 60_000);
      await inDatabase(sql`UPDATE invitations SET expires_at = ${Date.now() - 1} WHERE id = ${id}`);
      const before = await stored();
      await refused(accept(code), 410, 'invitation_expired');
      assert.deepEqual(await stored(), before);
      assert.equal((await list('state=expired')).invitations[0].id, id);
      await refused(
        admin.ask(admin.staff, 'GET', `${ADDRESS}codes/?id=${id}`),
        404,
        'invitation_not_found',
      );
      await refused(post('extend/', { ids: [id], hours: 9_000 }), 400, 'invalid_fields');
      await refused(post('extend/', {}), 400, 'invalid_fields');
      const extended = await post('extend/', { ids: [id], hours: 8_784 });
      assert.deepEqual(extended.json, { changed: 1 });
      const slip = await admin.read(`${ADDRESS}codes/?id=${id}`);
      assert.equal(slip.invitations[0].code, code);
      assert.equal((await accept(code)).status, 201);
      const actions = (await admin.entries(`target=invitation:${id}`)).map((it) => it.action);
      assert.deepEqual(actions, ['invitation.accept', 'invitation.codes', 'invitation.extend']);
    });

    test('all of a group last until a day, and a file says who has come', async () => {
      const csv =
        'Vorname;Name;Benutzername;E-Mail;Klasse\r\n' +
        'Ämilie;=1+1;emilie;emilie@b.example;Files\r\nNoor;Ali;noor;;Files\r\n;;ines;;Files\r\n';
      const { invitations } = await invite(`sep=;\r\n${csv}`);
      assert.equal(invitations[0].name, 'Ämilie =1+1');
      const { id: group } = (await list('q=noor')).invitations[0].groups[0];
      assert.equal((await accept(invitations[1].code)).status, 201);
      const last = invitations[2].id;
      await inDatabase(sql`UPDATE invitations SET name = '=1+1', expires_at = ${Date.now() - 1}
        WHERE id = ${last}`);
      const until = new Date(Date.now() + 9 * DAY_MS).toISOString();
      const extend = (more: object) => post('extend/', { group, ...more });
      await refused(extend({ until, hours: 1 }), 400, 'invalid_fields');
      await refused(extend({ until: '2020-01-01T00:00:00Z' }), 400, 'invalid_fields');
      const late = new Date(Date.now() + 400 * DAY_MS).toISOString();
      await refused(extend({ until: late }), 400, 'invalid_fields');
      await refused(extend({ state: 'accepted', until }), 400, 'invalid_fields');
      assert.deepEqual((await extend({ state: 'open', until })).json, { changed: 1 });
      assert.deepEqual((await extend({ q: 'ines', until })).json, { changed: 1 });
      const file = await admin.ask(admin.staff, 'GET', `${ADDRESS}?group=${group}&format=csv`);
      assert.match(String(file.headers['content-disposition']), /invitations\.csv/);
      const [head, emilie, noor, ines, ...none] = file.text.split('\r\n');
      assert.equal(head, 'name,email,groups,state,invited_at,expires_at,accepted_at,username');
      assert.match(emilie ?? '', /^Ämilie =1\+1,emilie@b\.example,Files,open,2/);
      assert.ok(emilie?.includes(`,${until},,emilie`));
      assert.match(noor ?? '', /^Noor Ali,,Files,accepted,2[^,]+,2[^,]+,2[^,]+,noor$/);
      assert.match(ines ?? '', /^'=1\+1,,Files,open,/, 'no spreadsheet runs it');
      assert.deepEqual(none, ['']);
      const few = await admin.ask(admin.staff, 'GET', `${ADDRESS}?q=noor&state=open&format=csv`);
      assert.equal(few.text.split('\r\n').length, 2, 'only the headings');
      assert.deepEqual((await post('end/', { group, state: 'open' })).json, { changed: 2 });
    });

    test('who comes by the link that was mailed has shown that the address is theirs', async () => {
      const { id, username } = await inviteOne({ username: 'mailed', email: 'Mailed@b.example' });
      const { context } = admin.chit;
      assert.equal((await accept(context.invitationCodes.mailTokenOf(id))).status, 201);
      const user = await context.users.byUsername(username);
      const email = await context.emails.of(user?.id ?? 0);
      assert.equal(email?.email, 'Mailed@b.example');
      assert.ok(email?.verifiedAtMs);
      // An account or an invitation with this address is enough.
      await inviteOne({ email: 'waits@b.example' });
      const { counts } = await dryRun('email\nmailed@B.example\nWAITS@b.example\nnew@b.example\n');
      assert.deepEqual([counts.here, counts.invited, counts.invitations], [1, 1, 1]);
    });

    test('a file with faults invites nobody and makes no group, and says what is wrong', async () => {
      const csv =
        'name,email,groups,plan,tokens\n' +
        'A,nobody at all,Never,,\nB,b@c.example,Never,Nothing,\n,,Never,,\n' +
        'C,B@c.example,Never,,-1\n';
      const before = await stored();
      const said = await dryRun(csv);
      assert.deepEqual(
        said.faults.map((it: Json) => [it.row, it.column, it.code]),
        [
          [2, 'email', 'not_an_email'],
          [3, 'plan', 'unknown_plan'],
          [4, null, 'nobody'],
          [5, 'tokens', 'not_tokens'],
          [5, 'email', 'email_twice'],
        ],
      );
      const { detail } = await refused(
        post('', { csv, expected: said.expected }),
        400,
        'invitations_refused',
      );
      assert.match(detail, /^Nobody was invited\. Row 2, email: This is not an e-mail address\./);
      await refused(post('', { csv: 'name\nA\n' }), 400, 'invalid_fields');
      await refused(post('', { csv: 'name\nA\n', expected: 'x' }), 409, 'invitations_changed');
      const codesOf = async (text: string) =>
        (await dryRun(text)).faults.map((it: Json) => [it.row, it.column, it.code, it.earlier_row]);
      const noHead = [[1, null, 'no_person_column', null]];
      assert.deepEqual(await codesOf('Ada,7a\nGrace,7b\n'), noHead, 'a row without headings');
      assert.deepEqual(await codesOf('name,city\nA,Berlin\n'), [
        [1, 'city', 'unknown_column', null],
      ]);
      assert.deepEqual(await codesOf('PK\u0003\u0004'), [[1, null, 'workbook', null]]);
      assert.deepEqual(await codesOf('name,email\nLovelace, Ada,a@b.example\n'), [
        [2, null, 'cell_without_column', null],
        [2, 'email', 'not_an_email', null],
      ]);
      assert.deepEqual(await codesOf('username\nava\nleo\nAVA\n'), [
        [4, 'username', 'named_twice', 2],
      ]);
      // A name that was taken since the dry run.
      const late = await dryRun('username,groups\nquick,Never\n');
      await inviteOne({ username: 'quick' });
      const again = post('', { csv: 'username,groups\nquick,Never\n', expected: late.expected });
      await refused(again, 409, 'invitations_changed');
      assert.deepEqual(await stored(), before);
    });

    test('a server that stops while somebody comes leaves nothing for good', async () => {
      const { context } = admin.chit;
      const long = Date.now() - 2 * 60_000;
      // Before the account was opened: the invitation is free again.
      const first = await inviteOne({ username: 'broken-1', groups: ['Broken'] });
      const claimed = { userId: 7, cameBy: 'code' as const, atMs: Date.now() };
      assert.ok((await context.invitationClaims.claim(first.id, claimed)) !== undefined);
      await refused(accept(first.code), 409, 'invitation_used');
      await inDatabase(sql`UPDATE invitations SET claimed_at = ${long} WHERE id = ${first.id}`);
      assert.equal((await accept(first.code)).status, 201);
      // After that: what the account lacks is added by any server.
      const second = await inviteOne({ username: 'broken-2', groups: ['Broken'], plan: 'Monthly' });
      assert.equal((await accept(second.code)).status, 201);
      const user = await context.users.byUsername('broken-2');
      const { groups } = await admin.read(`/api/admin/users/${user?.id}/groups/`);
      await inDatabase(sql`DELETE FROM group_members WHERE user_id = ${user?.id}`);
      await inDatabase(sql`UPDATE invitations SET claimed_at = ${long}, accepted_at = NULL,
        completed_at = NULL WHERE id = ${second.id}`);
      const tokens = await admin.tokensOf(user?.id ?? 0);
      assert.equal(await finishInvitations(context, () => false), 1);
      const after = await admin.read(`/api/admin/users/${user?.id}/groups/`);
      assert.deepEqual(
        after.groups.map((it: Json) => it.name),
        groups.map((it: Json) => it.name),
      );
      assert.equal(await admin.tokensOf(user?.id ?? 0), tokens, 'the allowance is given once');
      assert.equal((await list(`q=broken-2`)).invitations[0].state, 'accepted');
    });

    test('guesses are limited, and none of them is hashed; a class that types right is not', async () => {
      const { code } = await inviteOne({ username: 'last' });
      const hashes = argon2Calls.length;
      await refused(ask('find', { code: 'no code' }), 404, 'invitation_unknown');
      const guess = (n: number) => `AAAAA-AAA${String(n).padStart(2, '0')}`;
      for (const wrong of [0, 0, 1]) {
        await refused(accept(guess(wrong)), 404, 'invitation_unknown');
      }
      // The same mistake counts once; the rest of the class makes 597 others.
      await inDatabase(sql`UPDATE attempts SET attempts = attempts + 597
        WHERE key LIKE 'invitation:address:%'`);
      await refused(accept(guess(2)), 404, 'invitation_unknown');
      await refused(accept(guess(3)), 429, 'throttled');
      await refused(accept(code), 429, 'throttled');
      assert.equal(argon2Calls.length, hashes);
      await inDatabase(sql`DELETE FROM attempts`);
      for (let count = 0; count < 100; count += 1) {
        assert.equal((await ask('find', { code })).status, 200);
      }
    });

    test('who left the school leaves no invitation, and old ones are forgotten', async () => {
      const { context } = admin.chit;
      const { id, code } = await inviteOne({ username: 'gone' });
      assert.equal((await accept(code)).status, 201);
      const user = await context.users.byUsername('gone');
      await admin.ask(admin.root, 'DELETE', `/api/admin/users/${user?.id}/`);
      assert.deepEqual((await list(`q=gone`)).invitations, []);
      const old = await inviteOne({ username: 'old' });
      const kept = await inviteOne({ username: 'kept' });
      const long = Date.now() - 181 * DAY_MS;
      await inDatabase(sql`UPDATE invitations SET expires_at = ${long} WHERE id = ${old.id}`);
      await forgetInvitations(context, () => false);
      const ids = (await list('q=old')).invitations.map((it: Json) => it.id);
      assert.deepEqual(ids, []);
      assert.equal((await list('q=kept')).invitations[0].id, kept.id);
      assert.notEqual(id, kept.id);
      const again = await dryRun('username\nold\nkept\n');
      assert.deepEqual([again.counts.invitations, again.counts.invited], [1, 1]);
    });

    test('a copy of the database has no code, and another key has new ones once extended', async () => {
      const { code, id } = await inviteOne({ username: 'keyed' });
      const other = new InvitationCodes('another key');
      assert.notEqual(other.codeOf(id), code);
      assert.notEqual(other.read(code)?.hash, admin.chit.context.invitationCodes.read(code)?.hash);
      await inDatabase(sql`UPDATE invitations SET code_hash = 'of another key' WHERE id = ${id}`);
      await refused(
        admin.ask(admin.staff, 'GET', `${ADDRESS}codes/?id=${id}`),
        409,
        'invitation_codes_lost',
      );
      await post('extend/', { ids: [id] });
      const { id: second } = await inviteOne({ username: 'keyed-2' });
      const both = await admin.read(`${ADDRESS}codes/?id=${id},${second}`);
      assert.equal(both.invitations.length, 2);
      assert.equal((await admin.read(`${ADDRESS}codes/?id=${id}`)).invitations[0].code, code);
      await refused(
        admin.ask((await admin.person()).access, 'GET', ADDRESS),
        403,
        'permission_denied',
      );
    });

    test('300 people are invited from CSV in a moment', async () => {
      const rows = Array.from({ length: 300 }, (_, n) => `Pupil ${n},pupil.${n},Year ${n % 10}`);
      const csv = `name,username,groups\n${rows.join('\n')}\n`;
      const startedAt = performance.now();
      const { invitations } = await invite(csv);
      assert.equal(invitations.length, 300);
      assert.ok(performance.now() - startedAt < 60_000, 'a person waits for it');
      assert.equal(new Set(invitations.map((it: Json) => it.code)).size, 300);
    });
  });
});
