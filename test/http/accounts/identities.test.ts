/** Disconnecting identities elsewhere from an account, by its user and by staff. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openAccount } from '../../../src/app/accounts/register-user.ts';
import { auditEntry, type Principal } from '../../../src/app/principal.ts';
import { unusableHash } from '../../../src/auth/passwords.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { SoftAuthenticator } from '../../support/authenticator.ts';
import { accessOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';

const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };
const OWN = '/api/account/identities/';
const FACTORS = '/api/account/factors/';

onEachDatabase((at) => {
  let admin: AdminServer;
  let subjects = 0;
  before(async () => {
    admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
  });
  after(() => admin.server.close());

  const refused = (answer: Answer, status: number, code: string) =>
    assert.deepEqual([answer.status, answer.headers['chit-error']], [status, code], answer.text);

  const tie = async (userId: number) => {
    subjects += 1;
    const of = { issuer: 'https://id.example', subject: `s${subjects}` };
    const entry = auditEntry(CLI, { action: 'user.identity', target: `user:${userId}` });
    assert.ok(await admin.chit.context.identities.tie(of, { userId, provider: 'school', entry }));
  };
  const listed = async (access: string): Promise<Json[]> =>
    ((await admin.ask(access, 'GET', OWN)).json as Json).identities;
  /** Somebody who has only ever come by a provider. */
  const withoutPassword = async () => {
    const { context } = admin.chit;
    const flags = { isStaff: false, isSuperuser: false, openingCredits: 1 };
    subjects += 1;
    const account = { username: `guest${subjects}`, password: '', ...flags };
    const { userId: id } = await openAccount(context, account, { passwordHash: unusableHash() });
    await tie(id);
    return { id, access: accessOf(context, id) };
  };
  const removals = async (userId: number) =>
    (await admin.chit.context.notices.of(userId, { limit: 10 }))
      .filter(({ kind }) => kind === 'identity.removed')
      .map(({ data }) => data);

  test('a user with a password disconnects an identity, with a fresh proof, and is told', async () => {
    const user = await admin.person();
    const other = await admin.person();
    await tie(user.id);
    const [identity] = await listed(user.access);
    assert.deepEqual(
      [identity.by, identity.provider, identity.names.de],
      ['provider', 'school', 'school'],
    );
    const path = `${OWN}${identity.id}/`;
    const old = admin.chit.context.tokens.issue('access', user.id, Date.now()).token;
    refused(await admin.ask(old, 'DELETE', path), 403, 'proof_required');
    refused(await admin.ask(other.access, 'DELETE', path), 404, 'identity_not_found');
    assert.equal((await listed(user.access)).length, 1);
    assert.deepEqual(await removals(user.id), []);
    assert.equal((await admin.ask(user.access, 'DELETE', path)).status, 204);
    assert.deepEqual(await listed(user.access), []);
    refused(await admin.ask(user.access, 'DELETE', path), 404, 'identity_not_found');
    refused(await admin.ask(user.access, 'DELETE', `${OWN}ldap/`), 404, 'identity_not_found');
    const names = { en: 'school', de: 'school' };
    const told = { by: 'provider', names, address: '127.0.0.1' };
    assert.deepEqual(await removals(user.id), [told]);
    const [entry] = (await admin.entries(`user=${user.username}`)) as Json[];
    assert.deepEqual([entry.action, entry.before], ['user.untie', { provider: 'school' }]);
    const exported = (await admin.ask(user.access, 'GET', '/api/account/export/')).json as Json;
    assert.deepEqual(exported.identities, []);
  });

  test('the only way to sign in stays, until there is a passkey', async () => {
    const { id, access } = await withoutPassword();
    const [identity] = await listed(access);
    const path = `${OWN}${identity.id}/`;
    refused(await admin.ask(access, 'DELETE', path), 409, 'only_way_in');
    // One of a provider that chit.json no longer has is no way, nor is a directory that is not set.
    await tie(id);
    await admin.chit.context.ldapUsers.link(id, `entry-${id}`, Date.now());
    refused(await admin.ask(access, 'DELETE', path), 409, 'only_way_in');
    refused(await admin.ask(access, 'DELETE', `${OWN}ldap/`), 409, 'only_way_in');
    assert.equal((await listed(access)).length, 3, 'nothing was disconnected');
    assert.deepEqual(await removals(id), []);
    const origin = admin.server.url.replace('127.0.0.1', 'localhost');
    const post = (to: string, body: object, token = access) =>
      send(`${admin.server.url}${to}`, {
        method: 'POST',
        headers: {
          host: new URL(origin).host,
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(body),
      });
    const { options } = (await post('/api/account/passkeys/options/', {})).json as Json;
    const passkey = new SoftAuthenticator(origin).create(options);
    const added = await post('/api/account/passkeys/', { name: 'Phone', passkey });
    assert.equal(added.status, 201, added.text);
    const { access: proved } = added.json as Json;
    for (const it of await listed(proved)) {
      assert.equal((await admin.ask(proved, 'DELETE', `${OWN}${it.id}/`)).status, 204);
    }
    assert.deepEqual(
      (await removals(id)).map(({ by }) => by),
      ['ldap', 'provider', 'provider'],
    );
    const kept = async () => ((await admin.ask(proved, 'GET', FACTORS)).json as Json).passkeys;
    const [{ id: phone }] = await kept();
    const removal = `/api/account/passkeys/${phone}/`;
    refused(await admin.ask(proved, 'DELETE', removal), 409, 'only_way_in');
    assert.equal((await kept()).length, 1);
  });

  test('staff disconnect any, with a reason: sessions end and the user is told', async () => {
    const { id, access } = await withoutPassword();
    const boss = await admin.person({ isStaff: true });
    await tie(boss.id);
    const shown = async (userId: number) =>
      (await admin.read(`/api/admin/users/${userId}/`)).identities as Json[];
    const [identity] = await shown(id);
    assert.deepEqual(await listed(access), [identity]);
    const [ofBoss] = await shown(boss.id);
    const path = (userId: number, of: Json) =>
      `/api/admin/users/${userId}/identities/${of.id}/?reason=wrong%20person`;
    refused(await admin.ask(access, 'DELETE', path(id, identity)), 403, 'permission_denied');
    const ask = (token: string, userId: number, of: Json) =>
      admin.ask(token, 'DELETE', path(userId, of));
    const old = admin.chit.context.tokens.issue('access', boss.id, Date.now()).token;
    refused(await ask(old, id, identity), 403, 'proof_required');
    refused(await ask(admin.staff, boss.id, ofBoss), 403, 'permission_denied');
    refused(await ask(admin.staff, boss.id, identity), 403, 'permission_denied');
    refused(await ask(admin.staff, id, ofBoss), 404, 'identity_not_found');
    assert.equal((await ask(admin.staff, id, identity)).status, 204);
    assert.deepEqual(await shown(id), []);
    assert.equal((await ask(admin.root, boss.id, ofBoss)).status, 204);
    const user = await admin.chit.context.users.byId(id);
    assert.ok((user?.refreshCutoffAtMs ?? 0) > 0, 'signed out everywhere');
    const [entry] = (await admin.entries(`target=user:${id}`)) as Json[];
    assert.deepEqual([entry.action, entry.reason], ['user.untie', 'wrong person']);
    const [told] = await removals(id);
    assert.deepEqual([told?.by, told?.address], ['provider', null]);
  });

  test('of two who are disconnected at once, one stays if it is the only way', async () => {
    const { context } = admin.chit;
    const { id } = await withoutPassword();
    await tie(id);
    const untying = (await context.identities.of(id)).map(({ key }) => {
      const entry = auditEntry(CLI, { action: 'user.untie', target: `user:${id}` });
      const what = { userId: id, id: key, passwordVersion: 0, entry, notices: [] };
      return context.identities.untie(what, { suffices: (left) => left.providers.length > 0 });
    });
    assert.deepEqual((await Promise.all(untying)).toSorted(), ['done', 'only_way']);
  });
});
