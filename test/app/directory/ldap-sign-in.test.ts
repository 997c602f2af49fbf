/** Signing in by LDAP: who is asked, what becomes of accounts, groups and sessions. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, mock, test } from 'node:test';
import { changePassword, confirmPassword } from '../../../src/app/accounts/change-password.ts';
import { logIn } from '../../../src/app/accounts/log-in.ts';
import { passwordLinkFor } from '../../../src/app/accounts/manage-users.ts';
import { openAccount } from '../../../src/app/accounts/register-user.ts';
import { untieByStaff } from '../../../src/app/accounts/sign-in/untie-identity.ts';
import { refreshAccess } from '../../../src/app/accounts/use-refresh-token.ts';
import type { Context } from '../../../src/app/context.ts';
import { createScimUser } from '../../../src/app/directory/scim-users.ts';
import { createGroup } from '../../../src/app/groups/manage-groups.ts';
import { auditEntry, type Principal } from '../../../src/app/principal.ts';
import { FairQueue } from '../../../src/auth/fair-queue.ts';
import { LdapChecks } from '../../../src/auth/ldap/ldap-checks.ts';
import { LdapDirectories } from '../../../src/auth/ldap/ldap-directory.ts';
import type { Chit } from '../../../src/compose.ts';
import type { LdapSettings } from '../../../src/core/ldap.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, openTestChit, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { LDAP, ScriptedLdap } from '../../support/ldap.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { addressesTold } from '../../support/told-addresses.ts';

const PASSWORD = 'velvet-tram-19';
const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };
const SCIM: Principal = { actor: 'scim:test', address: undefined, user: undefined };

onEachDatabase((at) => {
  describe('sign-in by LDAP', () => {
    let chit: Chit;
    let context: Context;
    let server: ScriptedLdap;
    let settings: LdapSettings | undefined;
    let names = 0;
    before(async () => {
      chit = await openTestChit(at.url, scriptedModel(flatPrice(1)));
      context = chit.context;
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await chit.close();
    });
    beforeEach(() => {
      server = new ScriptedLdap();
      settings = LDAP;
      Object.assign(context, {
        ldap: new LdapDirectories(() => settings, server.connect),
        ldapChecks: new LdapChecks(),
      });
    });

    const newName = () => {
      names += 1;
      return `pupil${names}`;
    };
    const signIn = (username: string, password: string) =>
      logIn(context, { username, password, address: `10.0.${names}.1` });
    const refused = (username: string, password: string, code = 'invalid_credentials') =>
      assert.rejects(signIn(username, password), { code });
    const open = async (username: string, isStaff = false) => {
      const flags = { isStaff, isSuperuser: false, openingCredits: 1 };
      const account = { username, password: PASSWORD, ...flags };
      return (await openAccount(context, account, {})).userId;
    };

    /** By what identities were tied to an account, as its user was told. */
    const toldOf = async (userId: number) =>
      (await context.notices.of(userId, { limit: 20 }))
        .filter(({ kind }) => kind === 'identity.new')
        .map(({ data }) => data.by);

    test('somebody new gets an account, and the same one the next time and under a new name', async () => {
      const uid = newName();
      const person = server.add({
        uid,
        password: 'secret',
        id: `id-${uid}`,
        mail: `${uid}@x.example`,
      });
      await refused(uid, 'wrong');
      assert.equal(
        await context.users.byUsername(uid),
        undefined,
        'not before the password is right',
      );
      const { userId } = await signIn(uid, 'secret');
      assert.equal((await signIn(uid.toUpperCase(), 'secret')).userId, userId);
      const account = await context.ledger.account(userId);
      assert.equal(account?.postedCredits, context.policy.signupCredits);
      const email = await context.emails.of(userId);
      assert.equal(email?.email, `${uid}@x.example`);
      assert.notEqual(email?.verifiedAtMs, undefined);
      person.uid = `${uid}-married`;
      assert.equal((await signIn(person.uid, 'secret')).userId, userId);
      await refused(uid, 'secret');
      await setActive(chit, userId, false);
      await refused(person.uid, 'secret');
    });

    test('the address before is told of another one of the directory, and of nothing else', async () => {
      const uid = newName();
      const mail = `${uid}@x.example`;
      const person = server.add({ uid, password: 'secret', mail });
      const { userId } = await signIn(uid, 'secret');
      await signIn(uid, 'secret');
      person.mail = `${uid}@X.example`;
      await signIn(uid, 'secret');
      assert.deepEqual(await addressesTold(at.url, userId), [], 'first made, or the same mailbox');
      person.mail = `other-${uid}@x.example`;
      await signIn(uid, 'secret');
      await signIn(uid, 'secret');
      const told = [[`${uid}@X.example`, person.mail]];
      assert.deepEqual(await addressesTold(at.url, userId), told);
      // One that somebody else has confirmed is not taken over, so nothing changes.
      const owner = await open(newName());
      await context.emails.set(owner, `taken-${uid}@x.example`, Date.now());
      person.mail = `taken-${uid}@x.example`;
      await signIn(uid, 'secret');
      assert.deepEqual(await addressesTold(at.url, userId), told);
    });

    test('a local account is never checked there, and a linked one never here', async () => {
      const local = newName();
      const userId = await open(local);
      server.add({ uid: local, password: 'of the directory' });
      assert.equal((await signIn(local, PASSWORD)).userId, userId);
      assert.equal(server.asked.length, 0);
      await refused(local, 'of the directory');
      const binds = server.asked.filter((it) => it.startsWith('bind'));
      assert.deepEqual(binds, ['bind cn=chit'], 'its password is not sent there');
      // Also by another spelling of its name.
      await refused(local.toUpperCase(), 'of the directory', 'directory_no_account');
      assert.equal((await context.users.byId(userId))?.username, local);

      const linked = newName();
      server.add({ uid: linked, password: 'secret' });
      const { userId: id } = await signIn(linked, 'secret');
      const user = await context.users.byId(id);
      assert.ok(user);
      await assert.rejects(
        changePassword(context, user, {
          oldPassword: 'secret',
          newPassword: PASSWORD,
          endsApiKeys: false,
          address: '10.1.1.1',
        }),
        { code: 'directory_password' },
      );
      const given = { field: 'password', address: '10.1.1.1' };
      await confirmPassword(context, user, { ...given, password: 'secret' });
      const wrong = confirmPassword(context, user, { ...given, password: PASSWORD });
      await assert.rejects(wrong, { code: 'invalid_fields' });
      const staff: Principal = { actor: 'cli:test', address: undefined, user: undefined };
      const link = passwordLinkFor(context, staff, id);
      await assert.rejects(link, { code: 'directory_password' });
      // Passwords of this site can be off: those of the directory go on.
      const { policy } = context;
      Object.assign(context, { policy: { ...policy, isPasswordLoginOn: false } });
      try {
        await signIn(linked, 'secret');
        await refused(local, PASSWORD, 'password_login_off');
        // Whoever guesses is not told which names have an account here.
        await refused(local, 'wrong', 'invalid_credentials');
      } finally {
        Object.assign(context, { policy });
      }
      // Without a directory nobody can check it.
      settings = undefined;
      await refused(linked, 'secret');
    });

    test('an account that SCIM made is linked; one of staff, or adopted, is not taken', async () => {
      const made = newName();
      const { userId } = await createScimUser(context, SCIM, { userName: made });
      server.add({ uid: made, password: 'secret' });
      for (let times = 0; times < 2; times += 1) {
        assert.equal((await signIn(made, 'secret')).userId, userId);
      }
      assert.deepEqual(await toldOf(userId), ['ldap']);
      const adopted = newName();
      const adoptedId = await open(adopted);
      await createScimUser(context, SCIM, { userName: adopted });
      assert.deepEqual(await toldOf(adoptedId), ['scim']);
      server.add({ uid: adopted, password: 'secret' });
      await refused(adopted, 'secret');
      await signIn(adopted, PASSWORD);
    });

    test('another person who gets the name of somebody before gets no account of theirs', async () => {
      const uid = newName();
      server.add({ uid, password: 'secret', id: 'first' });
      const { userId } = await signIn(uid, 'secret');
      server.remove(uid);
      server.add({ uid, password: 'other', id: 'second' });
      await refused(uid, 'other', 'directory_no_account');
      assert.equal(await context.ldapUsers.subjectOf(userId), 'entryuuid:first');
    });

    test('once staff disconnect an entry, one of the same name that is new there signs in', async () => {
      const uid = newName();
      server.add({ uid, password: 'secret', id: `before-${uid}` });
      const { userId } = await signIn(uid, 'secret');
      server.remove(uid);
      server.add({ uid, password: 'other', id: `after-${uid}` });
      await refused(uid, 'other', 'directory_no_account');
      await untieByStaff(context, CLI, { userId, id: 'ldap' }, 'new directory');
      assert.equal(await context.ldapUsers.subjectOf(userId), undefined);
      assert.equal((await signIn(uid, 'other')).userId, userId);
      assert.equal(await context.ldapUsers.subjectOf(userId), `entryuuid:after-${uid}`);
    });

    test('no account is made if the file says so', async () => {
      settings = { ...LDAP, createsAccounts: false };
      const uid = newName();
      server.add({ uid, password: 'secret' });
      await refused(uid, 'secret', 'directory_no_account');
      assert.equal(await context.users.byUsername(uid), undefined);
      const made = newName();
      await createScimUser(context, SCIM, { userName: made });
      server.add({ uid: made, password: 'secret' });
      await signIn(made, 'secret');
    });

    test('sign-ins of one new person at once make one account, and one that was broken off is linked', async () => {
      const uid = newName();
      server.add({ uid, password: 'secret' });
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          logIn(context, { username: uid, password: 'secret', address: `10.9.${index}.1` }),
        ),
      );
      const ids = new Set(all.map(({ userId }) => userId));
      assert.equal(ids.size, 1);
      const other = newName();
      server.add({ uid: other, password: 'secret' });
      const link = context.ldapUsers.link;
      Object.assign(context.ldapUsers, { link: () => Promise.reject(new Error('killed')) });
      await assert.rejects(signIn(other, 'secret'), /killed/);
      Object.assign(context.ldapUsers, { link });
      const opened = await context.users.byUsername(other);
      assert.equal((await signIn(other, 'secret')).userId, opened?.id);
    });

    test('the same work is done for a wrong password, whether a name has an account here or not', async () => {
      const [local, nobody, disabled] = [newName(), newName(), newName()];
      await open(local);
      await setActive(chit, await open(disabled), false);
      const workOf = async (username: string, password: string, code?: string) => {
        const runs = mock.method(FairQueue.prototype, 'run');
        const from = server.asked.length;
        await refused(username, password, code);
        runs.mock.restore();
        const asked = server.asked.slice(from).map((it) => it.replaceAll(username, 'NAME'));
        return { queued: runs.mock.callCount(), asked };
      };
      const ofNobody = await workOf(nobody, 'wrong');
      // A hash here, and one connection there.
      assert.equal(ofNobody.queued, 2);
      assert.equal(ofNobody.asked.length, 3);
      assert.deepEqual(await workOf(local, 'wrong'), ofNobody);
      assert.deepEqual(await workOf(disabled, PASSWORD), ofNobody);
      assert.deepEqual(await workOf(local, ''), await workOf(nobody, ''));
      server.down.add(LDAP.urls[0] as string).add(LDAP.urls[1] as string);
      const unavailable = 'directory_unavailable';
      const whileDown = await workOf(nobody, 'wrong', unavailable);
      assert.deepEqual(await workOf(local, 'wrong', unavailable), whileDown);
      // A right one is enough, and wrong ones count though nobody could be asked.
      await signIn(local, PASSWORD);
      for (let nth = 0; nth < 10; nth += 1) {
        await refused(local, `wrong ${nth}`, unavailable).catch(() => undefined);
      }
      await refused(local, 'wrong', 'throttled');
    });

    test('an entry gets nobody into an account that somebody signs in to by a provider', async () => {
      const userName = newName();
      const { userId } = await createScimUser(context, SCIM, { userName });
      const entry = auditEntry(SCIM, { action: 'user.identity', target: `user:${userId}` });
      const of = { issuer: 'https://id.example', subject: userName };
      await context.identities.tie(of, { userId, provider: 'school', entry });
      server.add({ uid: userName, password: 'secret' });
      await refused(userName, 'secret');
      assert.equal(await context.ldapUsers.subjectOf(userId), undefined);
    });

    test('wrong passwords are limited; a directory that is down counts as none', async () => {
      const uid = newName();
      server.add({ uid, password: 'secret' });
      server.down.add(LDAP.urls[0] as string).add(LDAP.urls[1] as string);
      for (let tries = 0; tries < 12; tries += 1) await refused(uid, 'x', 'directory_unavailable');
      const local = newName();
      await open(local);
      await signIn(local, PASSWORD);
      server.down.clear();
      for (let tries = 0; tries < 10; tries += 1) await refused(uid, 'wrong');
      const asked = server.asked.length;
      await refused(uid, 'secret', 'throttled');
      assert.equal(server.asked.length, asked, 'the directory locks nobody out for it');
    });

    test('groups and staff follow the directory at each sign-in; roles in groups stay', async () => {
      const uid = newName();
      const person = server.add({
        uid,
        password: 'secret',
        groups: ['CN=Teachers, DC=school', 'cn=admins,dc=school'],
      });
      for (const name of ['Kollegium', 'Pupils']) {
        await createGroup(context, SCIM, { name, hasPool: false, models: undefined });
      }
      settings = {
        ...LDAP,
        groups: new Map([
          ['cn=teachers,dc=school', 'Kollegium'],
          ['cn=pupils,dc=school', 'Pupils'],
          ['cn=other,dc=school', 'nowhere'],
        ]),
        staff: new Set(['cn=admins,dc=school']),
      };
      const { userId } = await signIn(uid, 'secret');
      const groupsOf = async () =>
        (await context.groups.ofUser(userId, 10)).map(({ group, isManager }) => [
          group.name,
          isManager,
        ]);
      assert.deepEqual(await groupsOf(), [['Kollegium', false]]);
      assert.equal((await context.users.byId(userId))?.isStaff, true);
      person.groups = ['cn=pupils,dc=school'];
      await signIn(uid, 'secret');
      assert.deepEqual(await groupsOf(), [['Pupils', false]]);
      assert.equal((await context.users.byId(userId))?.isStaff, false);
      const { rows } = await context.auditLog.page({ target: `user:${userId}`, limit: 10 });
      assert.ok(rows.every(({ actor }) => actor === 'ldap:directory'));
    });

    test('a session of somebody who left the directory ends when it is renewed', async () => {
      const uid = newName();
      server.add({ uid, password: 'secret' });
      const { refresh, userId } = await signIn(uid, 'secret');
      const asked = server.asked.length;
      await refreshAccess(context, refresh);
      assert.equal(server.asked.length, asked, 'looked up a moment ago');
      Object.assign(context, { ldapChecks: new LdapChecks() });
      await refreshAccess(context, refresh);
      assert.ok(server.asked.length > asked);
      server.remove(uid);
      Object.assign(context, { ldapChecks: new LdapChecks() });
      server.down.add(LDAP.urls[0] as string).add(LDAP.urls[1] as string);
      await refreshAccess(context, refresh);
      server.down.clear();
      await assert.rejects(refreshAccess(context, refresh), { code: 'token_invalid' });
      const [session] = await context.refreshTokens.validOf(userId, context.now(), { limit: 5 });
      assert.equal(session, undefined);
    });
  });
});
