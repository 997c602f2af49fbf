/** How an LDAP directory is asked, with a scripted one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OWN_SOURCE } from '../../../src/auth/fair-queue.ts';
import { LdapDirectories, LdapDirectory } from '../../../src/auth/ldap/ldap-directory.ts';
import { dnKey, filledFilter, filterValue, type LdapSettings } from '../../../src/core/ldap.ts';
import { LDAP, ScriptedLdap } from '../../support/ldap.ts';

function directoryOf(server: ScriptedLdap, more: Partial<LdapSettings> = {}) {
  const directory = new LdapDirectory({ ...LDAP, ...more }, server.connect);
  const signIn = (username: string, password: string) =>
    directory.signIn({ username }, password, OWN_SOURCE);
  return { directory, signIn };
}

test('a name in a filter matches only itself (RFC 4515)', () => {
  assert.equal(filterValue('a*)(uid=\\\0'), 'a\\2a\\29\\28uid=\\5c\\00');
  assert.equal(filterValue('zoë'), 'zoë');
  const filter = filledFilter('(&(uid={username})(x={other}))', { username: '*' });
  assert.equal(filter, '(&(uid=\\2a)(x={other}))');
  assert.equal(dnKey(' CN = Teachers , OU=Groups,dc=X'), 'cn=teachers,ou=groups,dc=x');
});

test('an entry is looked up by the service, then signed in as', async () => {
  const server = new ScriptedLdap();
  server.add({ uid: 'anna', password: 'right', mail: 'anna@x.example' });
  const { signIn } = directoryOf(server);
  const person = await signIn('ANNA', 'right');
  assert.deepEqual(person, {
    subject: 'entryuuid:anna',
    username: 'anna',
    email: 'anna@x.example',
    groups: new Set(),
  });
  assert.deepEqual(server.asked, [
    'connect ldaps://one.example',
    'bind cn=chit',
    'search ou=people,dc=school (&(objectClass=person)(uid=ANNA))',
    'bind uid=anna,ou=people,dc=school',
  ]);
  assert.equal(await signIn('anna', 'wrong'), undefined);
  assert.equal(await signIn('*', 'right'), undefined);
  assert.equal(await signIn('nobody', 'right'), undefined);
  assert.equal(server.open, 0, 'every connection is closed');
});

test('an empty password or name never reaches the server (RFC 4513, 5.1.2)', async () => {
  const server = new ScriptedLdap();
  server.add({ uid: 'anna', password: 'right' });
  const { directory, signIn } = directoryOf(server);
  assert.equal(await signIn('anna', ''), undefined);
  assert.equal(await signIn('', 'right'), undefined);
  assert.equal(await directory.signIn({ subject: 'entryuuid:anna' }, '', OWN_SOURCE), undefined);
  assert.deepEqual(server.asked, []);
});

test('a name of two entries is nobody’s', async () => {
  const server = new ScriptedLdap();
  server.add({ uid: 'anna', password: 'right', id: '1' });
  server.add({ uid: 'anna', password: 'right', id: '2' });
  assert.equal(await directoryOf(server).signIn('anna', 'right'), undefined);
  assert.ok(!server.asked.some((it) => it.startsWith('bind uid')));
});

test('the next server is asked if one is down, and first from then on', async () => {
  const server = new ScriptedLdap();
  server.add({ uid: 'anna', password: 'right' });
  const { signIn } = directoryOf(server);
  server.down.add('ldaps://one.example');
  assert.ok(await signIn('anna', 'right'));
  server.asked.length = 0;
  assert.ok(await signIn('anna', 'right'));
  assert.equal(server.asked[0], 'connect ldaps://two.example');
  server.down.add('ldaps://two.example');
  await assert.rejects(signIn('anna', 'right'), { code: 'directory_unavailable' });
});

test('a service account that is refused is a fault of the directory, not of the password', async () => {
  const server = new ScriptedLdap();
  server.add({ uid: 'anna', password: 'right' });
  const { signIn } = directoryOf(server, { bindPassword: 'old' });
  await assert.rejects(signIn('anna', 'right'), { code: 'directory_unavailable' });
  assert.ok(!server.asked.some((it) => it.startsWith('bind uid')));
});

test('whoever left the directory is not there, whatever the entry is called now', async () => {
  const server = new ScriptedLdap();
  const anna = server.add({ uid: 'anna', password: 'right', id: '7' });
  const { directory } = directoryOf(server);
  const isThere = () => directory.isThere('entryuuid:7', OWN_SOURCE);
  assert.equal(await isThere(), true);
  anna.uid = 'anna.berg';
  assert.equal(await isThere(), true);
  const renamed = await directory.signIn({ subject: 'entryuuid:7' }, 'right', OWN_SOURCE);
  assert.equal(renamed?.username, 'anna.berg');
  server.remove('anna.berg');
  assert.equal(await isThere(), false);
});

test('new settings are in force at once', () => {
  let settings: LdapSettings | undefined;
  const directories = new LdapDirectories(() => settings, new ScriptedLdap().connect);
  const current = () => directories.current;
  assert.equal(current(), undefined);
  settings = LDAP;
  const first = current();
  assert.equal(first?.settings, LDAP);
  assert.equal(current(), first);
  settings = { ...LDAP, base: 'other' };
  assert.equal(current()?.settings.base, 'other');
});
