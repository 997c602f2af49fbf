/** Users that a directory keeps up to date by SCIM, as Entra ID and Okta send them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeUser } from '../../../src/app/accounts/manage-users.ts';
import { openAccount } from '../../../src/app/accounts/register-user.ts';
import { AdminServer, type Json, PASSWORD } from '../../support/admin.ts';
import { faultsOf, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { postJson, send } from '../../support/http.ts';
import { Directory, USER } from '../../support/scim.ts';
import { addressesTold } from '../../support/told-addresses.ts';

onEachDatabase((at) => {
  describe('users by SCIM', () => {
    let admin: AdminServer;
    let entra: Directory;
    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
      entra = await Directory.on(admin, 'Entra ID');
    });
    after(() => admin.server.close());

    const account = async (id: string) => (await admin.read(`/api/admin/users/${id}/`)).user;

    test('Entra ID looks for a user, makes the account and changes it', async () => {
      const none = await entra.done('GET', '/Users?filter=userName+eq+%22nobody%40x.example%22');
      assert.equal(none.totalResults, 0);
      assert.deepEqual(none.Resources, []);
      const made = await entra.ask('POST', '/Users', {
        schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
        externalId: '0a21f0f2',
        userName: 'anna@school.example',
        active: true,
        displayName: 'Anna Berg',
        emails: [{ primary: true, type: 'work', value: 'Anna@School.example' }],
        meta: { resourceType: 'User' },
        name: { formatted: 'Anna Berg', familyName: 'Berg', givenName: 'Anna' },
        roles: [],
        title: 'Teacher',
      });
      assert.equal(made.status, 201, made.text);
      assert.match(made.headers['content-type'] ?? '', /^application\/scim\+json/);
      const user = made.json as Json;
      assert.equal(made.headers.location, user.meta.location);
      assert.match(user.meta.location, new RegExp(`/scim/v2/Users/${user.id}$`));
      assert.equal(user.externalId, '0a21f0f2');
      assert.deepEqual(user.name, {
        formatted: 'Anna Berg',
        givenName: 'Anna',
        familyName: 'Berg',
      });
      assert.deepEqual(user.emails, [
        { value: 'Anna@School.example', type: 'work', primary: true },
      ]);
      const shown = await account(user.id);
      assert.equal(shown.username, 'anna@school.example');
      assert.equal(shown.tokens, admin.chit.context.policy.signupCredits);
      const email = await admin.chit.context.emails.of(Number(user.id));
      assert.ok(email?.verifiedAtMs, 'a directory vouches for the address');

      const path = `/Users/${user.id}`;
      const changed = await entra.patch(
        path,
        { op: 'Replace', path: 'displayName', value: 'Anna Tal' },
        { op: 'Replace', path: 'name.familyName', value: 'Tal' },
        { op: 'Add', path: 'emails[type eq "work"].value', value: 'tal@school.example' },
        { op: 'Replace', path: 'title', value: 'Head' },
        {
          op: 'Add',
          path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
          value: 'Maths',
        },
      );
      assert.equal(changed.status, 200, changed.text);
      const after = changed.json as Json;
      assert.equal(after.displayName, 'Anna Tal');
      assert.deepEqual(after.name, { ...user.name, familyName: 'Tal' });
      assert.equal(after.emails[0].value, 'tal@school.example');
      assert.deepEqual(await entra.done('GET', path), after);
      // Without a path, and with dots in names.
      const compliant = await entra.patch(path, {
        op: 'add',
        value: { 'name.givenName': 'Anne', externalId: 'new', active: 'True' },
      });
      assert.equal((compliant.json as Json).name.givenName, 'Anne');
      assert.equal((compliant.json as Json).externalId, 'new');
      for (const filter of [
        'userName eq "ANNA@school.example"',
        'externalId eq "new"',
        'emails[type eq "work"].value eq "TAL@school.example"',
        'emails.value eq "tal@school.example"',
        `id eq "${user.id}" and active eq true`,
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna@school.example"',
      ]) {
        const [found] = await entra.find('/Users', filter);
        assert.equal(found?.id, user.id, filter);
      }
    });

    test('a user is disabled and enabled in every way it is sent; the balance stays', async () => {
      const { id } = await entra.user('leaver');
      const { token } = admin.chit.context.tokens.issue('access', Number(id), Date.now());
      const statement = await admin.read(`/api/admin/users/${id}/history/`);
      const path = `/Users/${id}`;
      const put = { schemas: [USER], id, userName: 'leaver', name: {}, emails: [], groups: [] };
      const ways: [off: () => Promise<unknown>, on: () => Promise<unknown>][] = [
        [
          () => entra.patch(path, { op: 'Replace', path: 'active', value: 'False' }),
          () => entra.patch(path, { op: 'Replace', path: 'active', value: 'True' }),
        ],
        [
          () => entra.patch(path, { op: 'replace', value: { active: false } }),
          () => entra.patch(path, { op: 'replace', value: { active: true } }),
        ],
        [
          () => entra.done('PUT', path, { ...put, active: false }),
          () => entra.done('PUT', path, { ...put, active: true }),
        ],
      ];
      for (const [off, on] of ways) {
        await off();
        assert.equal((await account(id)).is_active, false);
        assert.equal((await entra.done('GET', path)).active, false);
        const found = await entra.find('/Users', 'userName eq "leaver"');
        assert.equal(found[0].active, false);
        await on();
        assert.equal((await account(id)).is_active, true);
      }
      await entra.patch(path, { op: 'Replace', path: 'active', value: 'False' });
      // As when the panel disables: within a second.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const refused = await admin.ask(token, 'GET', '/api/tokens/');
      assert.equal(refused.headers['chit-error'], 'user_inactive');
      assert.equal((await account(id)).tokens, admin.chit.context.policy.signupCredits);
      const later = await admin.read(`/api/admin/users/${id}/history/`);
      assert.deepEqual(later.results, statement.results, 'nothing was booked');
      assert.deepEqual(await faultsOf(admin.chit), []);
      const [entry] = (await admin.entries(`target=user:${id}`)) as Json[];
      assert.equal(entry.action, 'user.change');
      assert.equal(entry.actor, 'scim:Entra ID');
    });

    test('who is deleted is disabled and gone for the directory, and can come back', async () => {
      const { id } = await entra.user('gone', { externalId: 'g' });
      const path = `/Users/${id}`;
      assert.equal((await entra.ask('DELETE', path)).status, 204);
      for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { userName: 'gone' }]] as const) {
        const { status, json } = await entra.ask(method, path, body);
        assert.equal(status, 404);
        assert.equal((json as Json).status, '404');
      }
      assert.deepEqual(await entra.find('/Users', 'userName eq "gone"'), []);
      const left = await account(id);
      assert.equal(left.is_active, false);
      assert.equal(left.tokens, admin.chit.context.policy.signupCredits);
      const again = await entra.user('gone');
      assert.equal(again.id, id, 'the same account');
      assert.equal(again.active, true);
      assert.equal((await account(id)).tokens, left.tokens, 'no second opening balance');
    });

    test('a directory does not enable whom staff disabled', async () => {
      const { id } = await entra.user('naughty');
      await setActive(admin.chit, Number(id), false);
      const path = `/Users/${id}`;
      const reply = await entra.patch(path, { op: 'replace', path: 'active', value: true });
      assert.equal((reply.json as Json).active, false, 'it is told');
      // Also if the directory had disabled the user before.
      await setActive(admin.chit, Number(id), true);
      await entra.patch(path, { op: 'replace', path: 'active', value: false });
      await setActive(admin.chit, Number(id), true);
      await setActive(admin.chit, Number(id), false);
      await entra.patch(path, { op: 'replace', path: 'active', value: true });
      assert.equal((await account(id)).is_active, false);
    });

    test('an account is adopted by its exact name or verified address, never one of staff', async () => {
      const { context } = admin.chit;
      const open = async (username: string, isStaff = false) => {
        const flags = { isStaff, isSuperuser: false, openingCredits: 7 };
        const account = { username, password: PASSWORD, ...flags };
        return (await openAccount(context, account, {})).userId;
      };
      const local = await open('local.user');
      const adopted = await entra.user('local.user', { emails: [{ value: 'local@x.example' }] });
      assert.equal(adopted.id, String(local));
      assert.equal((await account(adopted.id)).tokens, 7, 'the balance stays as it was');
      const login = await postJson(`${admin.server.url}/api/login/`, {
        username: 'local.user',
        password: PASSWORD,
      });
      assert.equal(login.status, 200, 'and so does the password');

      const known = await open('known');
      await context.emails.set(known, 'known@x.example', Date.now());
      const claimed = await open('claimed');
      await context.emails.set(claimed, 'claimed@x.example', undefined);
      const byMail = await entra.user('known@x.example', {
        emails: [{ value: 'KNOWN@x.example', primary: true }],
      });
      assert.equal(byMail.id, String(known));
      assert.equal(byMail.userName, 'known@x.example');
      assert.equal((await account(byMail.id)).username, 'known', 'the username stays');
      const other = await entra.user('claimed@x.example', {
        emails: [{ value: 'claimed@x.example' }],
      });
      assert.notEqual(other.id, String(claimed), 'an unverified address proves nothing');

      const boss = await open('boss', true);
      await context.emails.set(boss, 'boss@x.example', Date.now());
      for (const body of [
        { userName: 'boss' },
        { userName: 'boss@x.example', emails: [{ value: 'boss@x.example' }] },
        { userName: 'Boss' },
        { userName: 'LOCAL.user' },
      ]) {
        const { status, json } = await entra.ask('POST', '/Users', body);
        assert.equal(status, 409, JSON.stringify(body));
        assert.equal((json as Json).scimType, 'uniqueness');
      }
      assert.equal(await context.scimUsers.byId(boss), undefined);
    });

    test('of somebody who became staff, the directory changes no address', async () => {
      const { context } = admin.chit;
      const made = await entra.user('riser', { emails: [{ value: 'riser@x.example' }] });
      const byRoot = { actor: 'cli:test', address: undefined, user: undefined } as const;
      const id = Number(made.id);
      await changeUser(context, byRoot, id, { isStaff: true, reason: undefined });
      const reply = await entra.patch(
        `/Users/${made.id}`,
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'thief@x.example' },
        { op: 'replace', path: 'active', value: 'False' },
      );
      assert.equal((reply.json as Json).emails[0].value, 'riser@x.example');
      assert.equal((reply.json as Json).active, false, 'but whoever leaves is disabled');
    });

    test('the address before is told of another one, and of nothing else', async () => {
      const { context } = admin.chit;
      const emails = (value: string) => [{ value, type: 'work', primary: true }];
      const { id } = await entra.user('mover', { emails: emails('mover@x.example') });
      const path = `/Users/${id}`;
      const told = () => addressesTold(at.url, Number(id));
      const give = (value: string) => ({
        op: 'replace',
        path: 'emails[type eq "work"].value',
        value,
      });
      for (const same of ['mover@x.example', 'Mover@x.example'])
        await entra.patch(path, give(same));
      await entra.patch(path, { op: 'replace', path: 'displayName', value: 'Mo' });
      assert.deepEqual(await told(), [], 'first made, or the same mailbox');
      await entra.patch(path, give('moved@x.example'));
      const first = ['Mover@x.example', 'moved@x.example'];
      assert.deepEqual(await told(), [first]);
      await entra.user('sitter', { emails: emails('sitter@x.example') });
      assert.equal((await entra.patch(path, give('sitter@x.example'))).status, 409);
      assert.deepEqual(await told(), [first], 'nothing of what was refused');
      await entra.patch(path, { op: 'remove', path: 'emails' });
      const second = ['moved@x.example', null];
      assert.deepEqual(await told(), [first, second], 'also if there is none any more');
      // Nobody has shown that they read this one.
      await context.emails.set(Number(id), 'given@x.example', undefined);
      await entra.patch(path, give('mover@x.example'));
      assert.deepEqual(await told(), [first, second]);
    });

    test('two requests for one name at once make one account', async () => {
      const both = await Promise.all([
        entra.ask('POST', '/Users', { userName: 'twice', active: true }),
        entra.ask('POST', '/Users', { userName: 'twice', active: true }),
      ]);
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409]);
      const found = await entra.find('/Users', 'userName eq "twice"');
      assert.equal(found.length, 1);
      assert.equal((await account(found[0].id)).tokens, admin.chit.context.policy.signupCredits);
    });

    test('a directory renames its user; a name or address of another is refused whole', async () => {
      const first = await entra.user('first', { emails: [{ value: 'first@x.example' }] });
      const second = await entra.user('second', { emails: [{ value: 'second@x.example' }] });
      const path = `/Users/${second.id}`;
      const renamed = await entra.patch(path, { op: 'Replace', path: 'userName', value: 'third' });
      assert.equal((renamed.json as Json).userName, 'third');
      assert.equal((await account(second.id)).username, 'second');
      for (const operation of [
        { op: 'replace', value: { userName: 'FIRST', displayName: 'changed' } },
        { op: 'replace', value: { 'emails[type eq "work"].value': 'first@X.example' } },
      ]) {
        const { status, json } = await entra.patch(path, operation);
        assert.equal(status, 409);
        assert.equal((json as Json).scimType, 'uniqueness');
      }
      assert.deepEqual(await entra.done('GET', path), renamed.json, 'nothing was changed');
      assert.equal((await entra.done('GET', `/Users/${first.id}`)).userName, 'first');
    });

    test('lists come in pages, and only with the attributes that are asked for', async () => {
      const all = await entra.done('GET', '/Users');
      assert.ok(all.totalResults > 5);
      const ids: string[] = [];
      for (let startIndex = 1; startIndex <= all.totalResults; startIndex += 4) {
        const page = await entra.done('GET', `/Users?startIndex=${startIndex}&count=4`);
        assert.equal(page.startIndex, startIndex);
        assert.equal(page.itemsPerPage, page.Resources.length);
        ids.push(...page.Resources.map((it: Json) => it.id));
      }
      assert.equal(new Set(ids).size, all.totalResults);
      const none = await entra.done('GET', '/Users?count=0');
      assert.deepEqual([none.totalResults, none.Resources], [all.totalResults, []]);
      const [first] = (await entra.done('GET', '/Users?count=1&attributes=userName')).Resources;
      assert.deepEqual(Object.keys(first).toSorted(), ['id', 'schemas', 'userName']);
      const path = `/Users/${ids[0]}?excludedAttributes=emails,name`;
      assert.equal((await entra.done('GET', path)).emails, undefined);
    });

    test('what cannot be done is refused in the shape of SCIM, with the reason', async () => {
      const { id } = await entra.user('plain');
      const path = `/Users/${id}`;
      const patch = (...Operations: object[]) => ['PATCH', path, { Operations }] as const;
      const cases: [request: readonly [string, string, object?], status: number, type?: string][] =
        [
          [['GET', '/Users?filter=userName+sw+%22a%22'], 400, 'invalidFilter'],
          [['GET', '/Users?filter=title+eq+%22a%22'], 400, 'invalidFilter'],
          [['GET', '/Users?filter=not+(active+eq+true)'], 400, 'invalidFilter'],
          [['GET', '/Users?filter=userName+eq'], 400, 'invalidFilter'],
          [['GET', `/Users?filter=${'('.repeat(5_000)}`], 400, 'invalidFilter'],
          [['GET', '/Users?count=many'], 400, 'invalidValue'],
          [['GET', '/Users/no-such'], 404],
          [['GET', `/Users/${'9'.repeat(20)}`], 404],
          [['GET', '/Nothing'], 404],
          [['POST', path, {}], 405],
          [['POST', '/Users', { userName: ' ' }], 400, 'invalidValue'],
          [['POST', '/Users', { userName: 'a\0b' }], 400, 'invalidValue'],
          [['POST', '/Users', { userName: 'user:1' }], 400, 'invalidValue'],
          [['POST', '/Users', { userName: 'x'.repeat(151) }], 400, 'invalidValue'],
          [['POST', '/Users', { userName: 'x', active: 'maybe' }], 400, 'invalidValue'],
          [['POST', '/Users', { userName: 'x', emails: [{ value: 'no' }] }], 400, 'invalidValue'],
          [['PATCH', path, {}], 400, 'invalidSyntax'],
          [patch({ op: 'move', path: 'active' }), 400, 'invalidSyntax'],
          [patch({ op: 'remove' }), 400, 'noTarget'],
          [patch({ op: 'replace', path: 'a b' }), 400, 'invalidPath'],
          [patch({ op: 'remove', path: 'emails[value eq "x"]' }), 400, 'invalidPath'],
          [patch({ op: 'remove', path: 'userName' }), 400, 'invalidValue'],
        ];
      for (const [[method, to, body], status, scimType] of cases) {
        const reply = await entra.ask(method, to, body);
        const shown = `${method} ${to.slice(0, 80)} ${JSON.stringify(body)}: ${reply.text}`;
        assert.equal(reply.status, status, shown);
        assert.match(reply.headers['content-type'] ?? '', /^application\/scim\+json/, shown);
        const error = reply.json as Json;
        assert.deepEqual(error.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'], shown);
        assert.equal(error.status, String(status));
        assert.equal(error.scimType, scimType, shown);
        assert.notEqual(error.detail, '');
      }
      assert.equal(await admin.chit.context.users.byUsername('x'), undefined, 'nobody was made');
      const url = `${admin.server.url}/scim/v2/Users`;
      const headers = { authorization: `Bearer ${entra.token}` };
      const json = { ...headers, 'content-type': 'application/json' };
      const body = JSON.stringify({ userName: 'by-json' });
      assert.equal((await send(url, { method: 'POST', headers: json, body })).status, 201);
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      assert.equal((await send(url, { method: 'POST', headers: form, body: 'a=b' })).status, 415);
    });

    test('what this server can do is told', async () => {
      const about = await entra.done('GET', '/ServiceProviderConfig');
      assert.equal(about.patch.supported, true);
      assert.equal(about.bulk.supported, false);
      const types = await entra.done('GET', '/ResourceTypes');
      assert.deepEqual(
        types.Resources.map((it: Json) => it.endpoint),
        ['/Users', '/Groups'],
      );
      const known = await entra.done('GET', `/Schemas/${USER}`);
      assert.ok(known.attributes.some((it: Json) => it.name === 'userName' && it.required));
      assert.equal((await entra.done('GET', '/Schemas')).totalResults, 2);
    });
  });
});
