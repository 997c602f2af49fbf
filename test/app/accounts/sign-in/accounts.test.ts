/** Which account somebody gets whom a provider names, on both databases. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { Secret, TOTP } from 'otpauth';
import { beginTotp, confirmTotp } from '../../../../src/app/accounts/factors/manage-factors.ts';
import { logIn } from '../../../../src/app/accounts/log-in.ts';
import { changeUser, deleteUser } from '../../../../src/app/accounts/manage-users.ts';
import { openAccount } from '../../../../src/app/accounts/register-user.ts';
import { tieProven } from '../../../../src/app/accounts/sign-in/tie-identity.ts';
import type { Context } from '../../../../src/app/context.ts';
import { createScimUser } from '../../../../src/app/directory/scim-users.ts';
import { addMembers, createGroup } from '../../../../src/app/groups/manage-groups.ts';
import type { Principal } from '../../../../src/app/principal.ts';
import { unusableHash } from '../../../../src/auth/passwords.ts';
import type { Chit } from '../../../../src/compose.ts';
import { hasCode } from '../../../../src/core/errors.ts';
import { IdentityStore } from '../../../../src/store/accounts/identities.ts';
import { type OpenDatabase, openDatabase } from '../../../../src/store/database/dialect.ts';
import { createAccount, faultsOf } from '../../../support/chit.ts';
import { onEachDatabase } from '../../../support/databases.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';
import {
  comeBack,
  leave,
  openProviderChit,
  otherBrowser,
  signInAs,
} from '../../../support/provider-chit.ts';
import { awayFromTheEndOfAStep } from '../../../support/totp-steps.ts';

const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };
const SCIM: Principal = { actor: 'scim:test', address: undefined, user: undefined };
const PASSWORD = 'velvet-tram-19';
const SCHOOL = {
  groups: { 'class-7b': '7b', pupils: '7b', chess: 'Chess club' },
  staff: ['teachers'],
  matchByEmail: true,
  button: { en: 'School', de: 'Schulkonto' },
};

onEachDatabase((at) => {
  describe('accounts of people whom a provider names', () => {
    let provider: FakeIdentityProvider;
    let chit: Chit;
    let context: Context;
    let database: OpenDatabase;

    before(async () => {
      provider = await FakeIdentityProvider.make();
      const settings = { CHIT_SIGNUP: 'closed' };
      ({ chit, context } = await openProviderChit(at.url, provider, { school: SCHOOL, settings }));
      database = openDatabase(at.url);
      for (const name of ['7b', 'Chess club', 'Others']) {
        await createGroup(context, CLI, { name, hasPool: false, models: undefined });
      }
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await database.close();
      await chit.close();
    });

    const signIn = (sub: string, claims: Record<string, unknown> = {}) =>
      signInAs(context, provider, { sub, claims });
    const account = (username: string, isSuperuser = false) =>
      createAccount(context, {
        username,
        password: PASSWORD,
        isStaff: isSuperuser,
        isSuperuser,
      });
    const nameOf = async (id: number) => (await context.users.byId(id))?.username;
    const groupsOf = async (id: number) =>
      (await context.groups.ofUser(id, 10)).map(({ group }) => group.name).sort();
    const names = { en: 'School', de: 'Schulkonto' };
    /** What a user was told of identities that were tied to the account. */
    const toldOf = async (id: number) =>
      (await context.notices.of(id, { limit: 20 }))
        .filter(({ kind }) => kind === 'identity.new')
        .map(({ data }) => data);
    const actionsOn = async (id: number) => {
      const page = { target: `user:${id}`, beforeId: undefined, limit: 50 };
      const { rows } = await context.auditLog.page(page);
      return rows.map(({ action, actor }) => `${action} by ${actor}`).toReversed();
    };

    test('an account is made with the opening balance, though sign-up is closed, and found again', async () => {
      const { userId } = await signIn('anna', { preferred_username: 'anna' });
      assert.equal(await nameOf(userId), 'anna');
      const opened = await context.ledger.account(userId);
      assert.equal(opened?.postedCredits, context.policy.signupCredits);
      assert.equal((await signIn('anna', { preferred_username: 'another name' })).userId, userId);
      assert.deepEqual(await actionsOn(userId), ['user.create by provider:school']);
      assert.deepEqual(await toldOf(userId), [], 'an account that was opened for it is no news');
      const [identity] = await context.identities.of(userId);
      assert.equal(identity?.issuer, provider.issuer);
      assert.equal(identity.subject, 'anna');
    });

    test('no password signs in to it', async () => {
      await signIn('nopass', { preferred_username: 'nopass' });
      const given = { username: 'nopass', password: '', address: '192.0.2.9' };
      await assert.rejects(logIn(context, given), (it) => hasCode(it, 'invalid_credentials'));
    });

    test('names that are taken, similar, reserved or impossible become others', async () => {
      await account('berta');
      const names = async (sub: string, claims: Record<string, unknown>) =>
        nameOf((await signIn(sub, claims)).userId);
      assert.equal(await names('b1', { preferred_username: 'berta' }), 'berta-2');
      assert.equal(await names('b2', { preferred_username: 'BERTA' }), 'BERTA-3');
      assert.equal(await names('b3', { preferred_username: 'system' }), 'user');
      assert.equal(await names('b4', { email: 'carl.clever@school.example' }), 'carl.clever');
      assert.equal(await names('b5', { name: 'Dörte  Dachs' }), 'Dörte Dachs');
      assert.equal(await names('b6', { preferred_username: 'a:b\u200bc' }), 'a bc');
      const long = await names('b7', { preferred_username: 'x'.repeat(300) });
      assert.equal(long, 'x'.repeat(40));
      assert.match((await names('b8', {})) ?? '', /^user-\d+$/);
    });

    test('a verified e-mail address leads to the account that has it', async () => {
      const userId = await account('emil');
      await context.emails.set(userId, 'Emil@school.example', context.now());
      const claims = { email: 'emil@school.example', email_verified: true };
      assert.equal((await signIn('emil', claims)).userId, userId);
      assert.deepEqual(await actionsOn(userId), ['user.identity by provider:school']);
      assert.deepEqual(await toldOf(userId), [{ by: 'provider', names, address: '192.0.2.1' }]);
      // From then on it is the identity that counts.
      assert.equal((await signIn('emil')).userId, userId);
      assert.equal((await toldOf(userId)).length, 1);
    });

    test('an address that nobody has verified, here or there, leads nowhere', async () => {
      const userId = await account('fritz');
      await context.emails.set(userId, 'fritz@school.example', undefined);
      const claims = { email: 'fritz@school.example', preferred_username: 'mallory' };
      const there = await signIn('f1', { ...claims, email_verified: true });
      assert.notEqual(there.userId, userId);
      await context.emails.remove(there.userId);
      await context.emails.set(userId, 'fritz@school.example', context.now());
      for (const verified of [false, undefined, 'no', 1]) {
        const here = await signIn(`f2 ${verified}`, { ...claims, email_verified: verified });
        assert.notEqual(here.userId, userId);
      }
    });

    test('an address never leads to a superuser', async () => {
      const root = await account('root-1', true);
      await context.emails.set(root, 'root@school.example', context.now());
      const claims = { email: 'root@school.example', email_verified: true };
      assert.notEqual((await signIn('root', claims)).userId, root);
    });

    /** Signs in, and returns the error that asks for a proof, with the mark of the browser. */
    const unproven = async (sub: string, claims: Record<string, unknown>) => {
      const away = await leave(context);
      const back = comeBack(context, provider.authorize(away.url, { sub, claims }), away);
      const error = await back.then(
        () => undefined,
        (it: unknown) => it,
      );
      assert.ok(hasCode(error, 'sign_in_unproven'));
      return { provider: 'school', browser: away.browser, ticket: error.details.ticket };
    };
    const from = { address: '192.0.2.7', party: undefined };
    const claimsOf = (name: string) => ({ email: `${name}@school.example`, email_verified: true });
    const withAddress = async (username: string, flags = { isStaff: false }) => {
      const given = { username, password: PASSWORD, isSuperuser: false, ...flags };
      const userId = await createAccount(context, given);
      await context.emails.set(userId, `${username}@school.example`, context.now());
      return userId;
    };

    test('an address leads to an account of staff only with its password, once', async () => {
      const userId = await withAddress('rector', { isStaff: true });
      const prover = await unproven('rector', claimsOf('rector'));
      assert.deepEqual(await context.identities.of(userId), []);
      const nothing = tieProven(context, prover, {}, from);
      await assert.rejects(nothing, { code: 'proof_required', details: { methods: ['password'] } });
      const wrong = tieProven(context, prover, { password: 'guessed-1' }, from);
      await assert.rejects(wrong, { code: 'invalid_fields' });
      const given = { password: PASSWORD };
      // Whoever is lured to a ticket of somebody else, or uses it elsewhere, ties nothing.
      for (const other of [otherBrowser(), { provider: 'other' }]) {
        const lured = tieProven(context, { ...prover, ...other }, given, from);
        await assert.rejects(lured, { code: 'ticket_invalid' });
      }
      assert.deepEqual(await context.identities.of(userId), []);
      await tieProven(context, prover, given, from);
      await assert.rejects(tieProven(context, prover, given, from), { code: 'ticket_invalid' });
      const signedIn = await signIn('rector', { ...claimsOf('rector'), groups: ['teachers'] });
      assert.equal(signedIn.userId, userId);
      assert.ok((await actionsOn(userId)).includes(`user.identity by user:${userId}`));
      assert.deepEqual(await toldOf(userId), [{ by: 'provider', names, address: '192.0.2.7' }]);
    });

    test('a second factor is asked for before an address leads to the account', async () => {
      const userId = await withAddress('careful');
      const user = await context.users.byId(userId);
      assert.ok(user);
      const { secret, ticket } = await beginTotp(context, user, 'Chit');
      const totp = new TOTP({ secret: Secret.fromBase32(secret) });
      const codeAt = (timestamp: number) => totp.generate({ timestamp });
      const owner = { user, address: '192.0.2.1' };
      await awayFromTheEndOfAStep();
      await confirmTotp(context, owner, { ticket, code: codeAt(context.now() - 30_000) });
      const prover = await unproven('careful', claimsOf('careful'));
      const byPassword = tieProven(context, prover, { password: PASSWORD }, from);
      await assert.rejects(byPassword, { code: 'proof_required' });
      await assert.rejects(tieProven(context, prover, { code: '000000' }, from), {
        code: 'code_wrong',
      });
      assert.deepEqual(await context.identities.of(userId), []);
      await tieProven(context, prover, { code: codeAt(context.now()) }, from);
      assert.equal((await signIn('careful', claimsOf('careful'))).userId, userId);
    });

    test('an address that a directory gave later leads to no account with a password', async () => {
      const userId = await account('ina');
      const vouched = { atMs: context.now(), isOpening: false };
      await context.emails.vouch(userId, 'ina@school.example', vouched);
      await unproven('thief', claimsOf('ina'));
      assert.deepEqual(await context.identities.of(userId), []);
      // Of an account that the directory made it is the way in.
      await context.emails.remove(userId);
      const made = await createScimUser(context, SCIM, {
        userName: 'ina.made',
        email: 'ina@school.example',
      });
      assert.equal((await signIn('ina', claimsOf('ina'))).userId, made.userId);
    });

    test('an address that was given to somebody else leads to no account of before', async () => {
      const userId = await withAddress('gone');
      assert.equal((await signIn('gone 1', claimsOf('gone'))).userId, userId);
      const prover = await unproven('gone 2', claimsOf('gone'));
      const { length } = await context.identities.of(userId);
      assert.equal(length, 1);
      // The same person, whom the provider names anew, has the password.
      await tieProven(context, prover, { password: PASSWORD }, from);
      assert.equal((await signIn('gone 2')).userId, userId);
      // Whoever has only ever come by the provider has nothing to prove it with.
      const only = await signIn('only 1', claimsOf('only'));
      const refused = signIn('only 2', claimsOf('only'));
      await assert.rejects(refused, { code: 'sign_in_unprovable' });
      assert.equal((await context.identities.of(only.userId)).length, 1);
    });

    test('who comes twice at once, and whose account was just opened, proves nothing', async () => {
      const { identities } = context;
      for (const name of ['twice', 'tied-twice']) {
        const existing = name === 'twice' ? undefined : await withAddress(name);
        let other: number | undefined;
        const use: typeof identities.use = async (...given) => {
          const known = await IdentityStore.prototype.use.apply(identities, given);
          Reflect.deleteProperty(identities, 'use');
          other = (await signIn(name, claimsOf(name))).userId;
          return known;
        };
        Object.assign(identities, { use });
        const { userId } = await signIn(name, claimsOf(name));
        assert.equal(userId, other);
        assert.equal(userId, existing ?? userId);
      }
    });

    test('groups and the role follow the claim, and only those that are mapped', async () => {
      const first = await signIn('gerda', { groups: ['class-7b', 'unknown', 'teachers'] });
      const { userId } = first;
      assert.deepEqual(await groupsOf(userId), ['7b']);
      assert.equal((await context.users.byId(userId))?.isStaff, true);
      const others = await context.groups.byName('Others');
      const joining = { users: [{ id: userId }], isManager: true };
      await addMembers(context, CLI, others?.id ?? '', joining);
      await signIn('gerda', { groups: ['pupils', 'chess'] });
      assert.deepEqual(await groupsOf(userId), ['7b', 'Chess club', 'Others']);
      assert.equal((await context.users.byId(userId))?.isStaff, false);
      // Entra ID says so if a user is in too many to list them.
      await signIn('gerda', { _claim_names: { groups: 'src1' } });
      assert.deepEqual(await groupsOf(userId), ['7b', 'Chess club', 'Others']);
      await signIn('gerda');
      assert.deepEqual(await groupsOf(userId), ['Others']);
      const actions = await actionsOn(userId);
      const ofProvider = actions.filter((it) => it.endsWith('provider:school'));
      assert.deepEqual(ofProvider.map((it) => it.split(' ')[0]).sort(), [
        ...['group.add_member', 'group.add_member', 'group.remove_member', 'group.remove_member'],
        ...['user.change', 'user.change', 'user.create'],
      ]);
    });

    test('claims that only the user info has are read there', async () => {
      const { userId } = await signInAs(context, provider, {
        sub: 'hans',
        userInfo: { preferred_username: 'hans', groups: ['chess'] },
      });
      assert.equal(await nameOf(userId), 'hans');
      assert.deepEqual(await groupsOf(userId), ['Chess club']);
    });

    test('a superuser stays one, whatever the provider says', async () => {
      const { userId } = await signIn('ida');
      const flags = { isStaff: true, isSuperuser: true, reason: undefined };
      await changeUser(context, CLI, userId, flags);
      await signIn('ida', { groups: [] });
      assert.equal((await context.users.byId(userId))?.isSuperuser, true);
    });

    test('a disabled account is told so, and no session begins', async () => {
      const { userId } = await signIn('jan');
      await changeUser(context, CLI, userId, { isActive: false, reason: undefined });
      const sessions = () => context.refreshTokens.validOf(userId, context.now(), { limit: 9 });
      const earlier = (await sessions()).length;
      await assert.rejects(signIn('jan'), (it) => hasCode(it, 'sign_in_disabled'));
      assert.equal((await sessions()).length, earlier);
    });

    test('who was deleted and comes back has a new account, without another opening balance', async () => {
      const { userId } = await signIn('kai', { preferred_username: 'kai' });
      await deleteUser(context, CLI, userId, undefined);
      assert.deepEqual(await context.identities.of(userId), []);
      const { rows } = await sql`SELECT issuer, subject FROM identities
        WHERE was_erased = 1`.execute(database.kysely);
      assert.deepEqual(rows, [{ issuer: null, subject: null }]);
      const again = await signIn('kai', { preferred_username: 'kai' });
      assert.notEqual(again.userId, userId);
      assert.equal((await context.ledger.account(again.userId))?.postedCredits, 0);
      assert.equal((await signIn('kai')).userId, again.userId);
    });

    test('whoever stops before the account is open leaves nothing but the claim, which is taken up', async () => {
      const subject = { issuer: provider.issuer, subject: 'lena' };
      const opening = unusableHash();
      const claim = { provider: 'school', opening, atMs: context.now() };
      assert.ok('opening' in (await context.identities.claim(subject, claim)));
      const { userId } = await signIn('lena');
      assert.equal(await context.identities.ownerOf(subject), userId);
    });

    test('the account and its identity come in one transaction', async () => {
      const subject = { issuer: provider.issuer, subject: 'mia' };
      const opening = unusableHash();
      const claim = { provider: 'school', opening, atMs: context.now() };
      await context.identities.claim(subject, claim);
      const flags = { isStaff: false, isSuperuser: false, openingCredits: 5 };
      const opened = await openAccount(
        context,
        { username: 'mia', password: '', ...flags },
        { passwordHash: opening },
      );
      assert.equal(await context.identities.ownerOf(subject), opened.userId);
      assert.equal((await signIn('mia')).userId, opened.userId);
    });
  });
});

test('a provider that makes no accounts, and one that lets only some in', async () => {
  const provider = await FakeIdentityProvider.make();
  const school = { newAccounts: false, requires: { hd: ['school.example'] } };
  const { chit, context } = await openProviderChit('sqlite::memory:', provider, { school });
  const signIn = (claims: object) =>
    signInAs(context, provider, { sub: 'paul', claims: { ...claims } });
  await assert.rejects(signIn({ hd: 'other.example' }), (it) => hasCode(it, 'sign_in_refused'));
  await assert.rejects(signIn({}), (it) => hasCode(it, 'sign_in_refused'));
  await assert.rejects(signIn({ hd: 'school.example' }), (it) => hasCode(it, 'sign_in_no_account'));
  assert.deepEqual(await context.users.list({ afterId: 0, limit: 9 }), []);
  await chit.close();
});
