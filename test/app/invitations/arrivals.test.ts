/**
 * Invitations of people who come by a provider or a directory: theirs are taken, once, with all
 * that they give, and nobody else's.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logIn } from '../../../src/app/accounts/log-in.ts';
import type { Context } from '../../../src/app/context.ts';
import { createScimUser } from '../../../src/app/directory/scim-users.ts';
import { acceptInvitation } from '../../../src/app/invitations/accept-invitation.ts';
import { takeInvitation } from '../../../src/app/invitations/arrive-invited.ts';
import { finishInvitations } from '../../../src/app/invitations/finish-invitations.ts';
import { invitePeople } from '../../../src/app/invitations/invite-people.ts';
import type { Person } from '../../../src/app/invitations/read-people.ts';
import type { Principal } from '../../../src/app/principal.ts';
import { LdapChecks } from '../../../src/auth/ldap/ldap-checks.ts';
import { LdapDirectories } from '../../../src/auth/ldap/ldap-directory.ts';
import { hasCode } from '../../../src/core/errors.ts';
import type { Invitation } from '../../../src/store/invitations/invitations.ts';
import { createAccount, faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { FakeIdentityProvider } from '../../support/fake-identity-provider.ts';
import { LDAP, ScriptedLdap } from '../../support/ldap.ts';
import { storeMonthlyPlan } from '../../support/pools.ts';
import {
  comeBack,
  leave,
  openProviderChit,
  type ProviderChit,
  signInAs,
} from '../../support/provider-chit.ts';

const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };
const SCIM: Principal = { actor: 'scim:test', address: undefined, user: undefined };
const PASSWORD = 'velvet-tram-19';
const TOKENS = 5_000;
/** Of the plan. */
const ALLOWANCE = 2_000;

onEachDatabase((at) => {
  describe('people who come by others than their invitation', () => {
    let provider: FakeIdentityProvider;
    let first: ProviderChit;
    let second: ProviderChit;
    let context: Context;
    let directory: ScriptedLdap;

    before(async () => {
      await storeMonthlyPlan(at.url);
      provider = await FakeIdentityProvider.make();
      const options = {
        school: { matchByEmail: true, matchByUsername: true },
        settings: { CHIT_SIGNUP: 'closed' },
      };
      first = await openProviderChit(at.url, provider, options);
      // SQLite has one server; both requests are its own.
      const hasTwo = at.name === 'PostgreSQL';
      second = hasTwo ? await openProviderChit(at.url, provider, options) : first;
      ({ context } = first);
      directory = new ScriptedLdap();
      for (const { context: each } of [first, second]) {
        Object.assign(each, {
          ldap: new LdapDirectories(() => LDAP, directory.connect),
          ldapChecks: new LdapChecks(),
        });
      }
    });
    after(async () => {
      assert.deepEqual(await faultsOf(first.chit), []);
      await first.chit.close();
      if (second !== first) await second.chit.close();
    });

    const invite = async (person: Partial<Person>, tokens = TOKENS): Promise<Invitation> => {
      const rest = { name: undefined, username: undefined, email: undefined };
      const people = [{ ...rest, groups: ['7a'], plan: 'Monthly', tokens, ...person }];
      const asked = { people, hours: 24, hasPools: false, expected: undefined };
      const { invitations } = await invitePeople(context, CLI, asked);
      return invitations[0] as Invitation;
    };
    const signIn = (sub: string, claims: Record<string, unknown>, by: Context = context) =>
      signInAs(by, provider, { sub, claims });
    const verified = (email: string) => ({ email, email_verified: true });
    const stateOf = async ({ id }: Invitation) => context.invitationClaims.byId(id);
    /** What an account has of what invitations give. */
    const has = async (userId: number) => ({
      username: (await context.users.byId(userId))?.username,
      credits: (await context.ledger.account(userId))?.postedCredits,
      groups: (await context.groups.ofUser(userId, 10)).map(({ group }) => group.name),
      hasPlan: (await context.accountPlans.find(userId)) !== undefined,
    });
    /** Requires that an account has all of it, and that the list of invitations says so. */
    const tookAll = async (invitation: Invitation, userId: number, username: string) => {
      const all = { username, credits: TOKENS + ALLOWANCE, groups: ['7a'], hasPlan: true };
      assert.deepEqual(await has(userId), all);
      const { acceptedAtMs, userId: of, accountName } = (await stateOf(invitation)) ?? {};
      assert.ok(acceptedAtMs);
      assert.deepEqual([of, accountName], [userId, username]);
    };
    const isOpen = async (invitation: Invitation) => {
      const { acceptedAtMs, userId } = (await stateOf(invitation)) ?? {};
      assert.deepEqual([acceptedAtMs, userId], [undefined, undefined]);
    };
    const byCode = (by: Context, { id }: Invitation, username: string | undefined) =>
      acceptInvitation(by, {
        code: context.invitationCodes.codeOf(id),
        username,
        password: PASSWORD,
        address: '192.0.2.7',
      });

    test('a verified address takes the invitation, on two servers at once, and once', async () => {
      const invitation = await invite({ username: 'ada', email: 'Ada@School.example' });
      const claims = { preferred_username: 'a.lovelace', ...verified('ada@school.example') };
      const came = await Promise.all([
        signIn('ada', claims),
        signIn('ada', claims, second.context),
        signIn('ada', claims),
      ]);
      const [{ userId }] = came;
      assert.deepEqual(new Set(came.map((it) => it.userId)), new Set([userId]));
      await tookAll(invitation, userId, 'ada');
      assert.ok((await context.emails.of(userId))?.verifiedAtMs);
      await assert.rejects(byCode(context, invitation, undefined), { code: 'invitation_used' });
      await signIn('ada', claims);
      await tookAll(invitation, userId, 'ada');
    });

    test('six people come at once, each twice on each server, and each has one account', async () => {
      const people: { username: string; email: string; invitation: Invitation }[] = [];
      for (let index = 0; index < 6; index += 1) {
        const username = `twin-${index}`;
        const email = `${username}@school.example`;
        people.push({ username, email, invitation: await invite({ username, email }) });
      }
      await Promise.all(
        people.map(async ({ username, email, invitation }) => {
          const [one, ...others] = await Promise.all(
            [context, second.context, context, second.context].map((by) =>
              signIn(username, verified(email), by),
            ),
          );
          const userId = one?.userId ?? 0;
          for (const other of others) assert.equal(other.userId, userId);
          await tookAll(invitation, userId, username);
        }),
      );
    });

    test('an address that is not verified, or is of somebody else, takes nothing', async () => {
      const invitation = await invite({ username: 'grace', email: 'grace@school.example' });
      const others = [
        { email: 'grace@school.example' },
        { email: 'grace@school.example', email_verified: false },
        { preferred_username: 'grace', ...verified('grace@elsewhere.example') },
        { preferred_username: 'grace', email: 'grace@elsewhere.example' },
        { preferred_username: 'gräce' },
      ];
      for (const [index, claims] of others.entries()) {
        const { userId } = await signIn(`not-grace-${index}`, claims);
        const { groups, credits, username } = await has(userId);
        assert.deepEqual([groups, credits], [[], context.policy.signupCredits]);
        assert.notEqual(username, 'grace');
      }
      await isOpen(invitation);
      // The name that the provider is trusted for, without another address.
      const { userId } = await signIn('grace', { preferred_username: 'Grace' });
      await tookAll(invitation, userId, 'grace');
    });

    test('by the code and by the provider at once, one of both gets it', async () => {
      await Promise.all(
        Array.from({ length: 4 }, async (_, index) => {
          const email = `both-${index}@school.example`;
          const invitation = await invite({ username: `both-${index}`, email });
          const [typed, provided] = await Promise.allSettled([
            byCode(context, invitation, undefined),
            signIn(`both-${index}`, verified(email), second.context),
          ]);
          assert.equal(provided.status, 'fulfilled');
          const { userId } = provided.value;
          const isTyped = typed.status === 'fulfilled';
          if (typed.status === 'rejected') assert.ok(hasCode(typed.reason, 'invitation_used'));
          const taken = await stateOf(invitation);
          assert.equal(taken?.accountName, `both-${index}`);
          assert.equal(taken?.userId === userId, !isTyped);
          await tookAll(invitation, taken?.userId ?? 0, `both-${index}`);
          if (isTyped) assert.deepEqual((await has(userId)).groups, []);
        }),
      );
    });

    test('an account that is there already gets what it lacks, once', async () => {
      const claims = verified('joan@school.example');
      const { userId } = await signIn('joan', claims);
      const { username = '' } = await has(userId);
      const invitation = await invite({ email: 'joan@other.example' });
      await context.emails.set(userId, 'joan@other.example', Date.now());
      const changed = verified('joan@other.example');
      await Promise.all([signIn('joan', changed), signIn('joan', changed, second.context)]);
      await tookAll(invitation, userId, username);
      // The opening balance that everybody has is not given again.
      const usual = await invite({ email: 'joan@third.example' }, context.policy.signupCredits);
      await takeInvitation(context, CLI, userId, { email: 'joan@third.example' });
      assert.equal((await stateOf(usual))?.userId, userId);
      assert.equal((await has(userId)).credits, TOKENS + ALLOWANCE);
    });

    test('a server that stops in between leaves nothing out, and nothing is given twice', async () => {
      const long = Date.now() - 120_000;
      const claims = verified('mary@school.example');
      const { userId } = await signIn('mary', claims);
      const invitation = await invite({ email: 'mary@other.example' });
      const grantId = invitation.id.replace(/^.{8}/, '00000000');
      const claim = { userId, cameBy: undefined, grantId, atMs: long };
      assert.equal(await context.invitationClaims.claim(invitation.id, claim), userId);
      for (let times = 0; times < 2; times += 1) {
        const left = await finishInvitations(context, () => false);
        assert.equal(left, 1 - times);
      }
      const { username = '' } = await has(userId);
      await tookAll(invitation, userId, username);
    });

    test('only who is invited gets in where a provider makes no accounts', async () => {
      const isClosed = await openProviderChit(await at.newUrl(), provider, {
        school: { newAccounts: false },
      });
      try {
        const { context: closed } = isClosed;
        const come = () => signIn('eve', verified('eve@school.example'), closed);
        await assert.rejects(come(), { code: 'sign_in_no_account' });
        const people = [
          {
            name: 'Eve',
            username: undefined,
            email: 'eve@school.example',
            groups: [],
            plan: undefined,
            tokens: 7,
          },
        ];
        const asked = { people, hours: 24, hasPools: false, expected: undefined };
        await invitePeople(closed, CLI, asked);
        const { userId } = await come();
        assert.equal((await closed.ledger.account(userId))?.postedCredits, 7);
        // A name is no proof unless chit.json says so.
        await invitePeople(closed, CLI, {
          ...asked,
          people: [{ ...people[0], username: 'bob', email: undefined } as Person],
        });
        await assert.rejects(signIn('bob', { preferred_username: 'bob' }, closed), {
          code: 'sign_in_no_account',
        });
      } finally {
        await isClosed.chit.close();
      }
    });

    test('who comes with an invitation has it, whatever the provider calls them', async () => {
      const invitation = await invite({ username: 'hedy', email: 'hedy@school.example' });
      const carried = { id: invitation.id, cameBy: 'mail' } as const;
      const comeWith = async (sub: string) => {
        const away = await leave(context, '', carried);
        return comeBack(context, provider.authorize(away.url, { sub }), away);
      };
      const { userId } = await comeWith('hedy');
      await tookAll(invitation, userId, 'hedy');
      const email = await context.emails.of(userId);
      assert.equal(email?.email, 'hedy@school.example');
      assert.ok(email?.verifiedAtMs, 'the mailed link shows that the address is theirs');
      await assert.rejects(comeWith('another'), { code: 'invitation_used' });
    });

    test('where passwords are off, none is taken for an account that nobody could use', async () => {
      const invitation = await invite({ username: 'edith' });
      const policy = { ...context.policy, isPasswordLoginOn: false };
      await assert.rejects(byCode({ ...context, policy }, invitation, undefined), {
        code: 'password_login_off',
      });
      await isOpen(invitation);
    });

    test('a sign-in by LDAP takes the invitation of its name or address, twice at once', async () => {
      directory.add({ uid: 'Alan', password: 'secret', mail: 'alan@school.example' });
      directory.add({ uid: 'noether', password: 'secret', mail: 'emmy@school.example' });
      const byName = await invite({ username: 'alan' });
      const byEmail = await invite({ username: 'emmy', email: 'emmy@school.example' });
      const logInAs = async (username: string) => {
        const given = { username, password: 'secret', address: '192.0.2.8' };
        const came = await Promise.all([logIn(context, given), logIn(second.context, given)]);
        assert.equal(came[0].userId, came[1].userId);
        return came[0].userId;
      };
      await tookAll(byName, await logInAs('Alan'), 'alan');
      await tookAll(byEmail, await logInAs('noether'), 'emmy');
      assert.equal(await logInAs('noether'), (await stateOf(byEmail))?.userId);
    });

    test('a directory takes invitations by SCIM, also of an account that it adopts', async () => {
      const byName = await invite({ username: 'rosa' });
      const made = await createScimUser(context, SCIM, { userName: 'rosa' });
      await tookAll(byName, made.userId, 'rosa');
      const byEmail = await invite({ username: 'lise', email: 'lise@school.example' });
      const user = { userName: 'l.meitner', email: 'lise@school.example' };
      await tookAll(byEmail, (await createScimUser(context, SCIM, user)).userId, 'lise');
      const userId = await createAccount(context, {
        username: 'chien',
        password: PASSWORD,
        isStaff: false,
        isSuperuser: false,
      });
      const adopted = await invite({ email: 'chien@school.example' });
      await createScimUser(context, SCIM, { userName: 'chien', email: 'chien@school.example' });
      const taken = await stateOf(adopted);
      assert.equal(taken?.userId, userId);
      await tookAll(adopted, userId, 'chien');
    });
  });
});
