/** What becomes of people whose identity was disconnected from their account. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { tiedIdentitiesOf, untieOwn } from '../../../../src/app/accounts/sign-in/untie-identity.ts';
import type { Context } from '../../../../src/app/context.ts';
import { auditEntry, type Principal } from '../../../../src/app/principal.ts';
import type { Chit } from '../../../../src/compose.ts';
import { createAccount, faultsOf } from '../../../support/chit.ts';
import { onEachDatabase } from '../../../support/databases.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';
import { openProviderChit, signInAs } from '../../../support/provider-chit.ts';

const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };
const FLAGS = { isStaff: false, isSuperuser: false };
const SCHOOL = { matchByEmail: true, button: { en: 'School', de: 'Schulkonto' } };

onEachDatabase((at) => {
  describe('identities that were disconnected', () => {
    let provider: FakeIdentityProvider;
    let chit: Chit;
    let context: Context;
    before(async () => {
      provider = await FakeIdentityProvider.make();
      ({ chit, context } = await openProviderChit(at.url, provider, { school: SCHOOL }));
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await chit.close();
    });

    const signIn = async (sub: string, claims: Record<string, unknown> = {}) =>
      (await signInAs(context, provider, { sub, claims })).userId;
    const untieFirst = async (userId: number) => {
      const user = await context.users.byId(userId);
      const [first] = await tiedIdentitiesOf(context, userId);
      assert.ok(user && first);
      await untieOwn(context, { user, address: '192.0.2.1' }, first.id);
      return first;
    };

    test('it has another way: another identity at a provider that is still there', async () => {
      const userId = await signIn('anna');
      await assert.rejects(untieFirst(userId), { code: 'only_way_in' });
      assert.equal(await signIn('anna'), userId);
      const entry = auditEntry(CLI, { action: 'user.identity', target: `user:${userId}` });
      const identity = { issuer: 'https://other.example', subject: 'anna' };
      assert.ok(await context.identities.tie(identity, { userId, provider: 'school', entry }));
      const first = await untieFirst(userId);
      assert.deepEqual(first.names, { en: 'School', de: 'Schulkonto' });
      assert.equal((await tiedIdentitiesOf(context, userId)).length, 1);
    });

    test('who comes back gets a new account, and no second opening balance', async () => {
      const userId = await createAccount(context, {
        username: 'bert',
        password: 'velvet-tram-19',
        ...FLAGS,
      });
      await context.emails.set(userId, 'bert@school.example', context.now());
      const claims = { email: 'bert@school.example', email_verified: true };
      assert.equal(await signIn('bert', claims), userId);
      await untieFirst(userId);
      const other = await signIn('bert', { preferred_username: 'bert' });
      assert.notEqual(other, userId);
      assert.equal((await context.ledger.account(other))?.postedCredits, 0);
    });

    test('with a verified address, who comes back may be connected again', async () => {
      const account = { username: 'cleo', password: 'velvet-tram-19', ...FLAGS };
      const userId = await createAccount(context, account);
      await context.emails.set(userId, 'cleo@school.example', context.now());
      const claims = { email: 'cleo@school.example', email_verified: true };
      assert.equal(await signIn('cleo', claims), userId);
      await untieFirst(userId);
      assert.deepEqual(await tiedIdentitiesOf(context, userId), []);
      assert.equal(await signIn('cleo', claims), userId);
      assert.equal((await tiedIdentitiesOf(context, userId)).length, 1);
    });
  });
});
