/** What becomes of admin keys where staff have to have a second factor. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import {
  beginTotp,
  confirmTotp,
  resetFactors,
} from '../../../src/app/accounts/factors/manage-factors.ts';
import { createAdminKey } from '../../../src/app/admin/admin-keys.ts';
import { AdminKeyAuthenticator } from '../../../src/app/admin/authenticate-admin-key.ts';
import type { Context } from '../../../src/app/context.ts';
import { auditEntry } from '../../../src/app/principal.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { ProofKind, StaffSecondFactor } from '../../../src/core/proofs.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const CLI = { actor: 'cli:test', address: undefined, user: undefined } as const;

let chit: Chit;
let context: Context;
before(async () => {
  chit = await openTestChit('sqlite::memory:', scriptedModel(flatPrice(100)));
  ({ context } = chit);
});
after(() => chit.close());

const under = (staffSecondFactor: StaffSecondFactor) =>
  new AdminKeyAuthenticator({ ...context, policy: { ...context.policy, staffSecondFactor } });

async function newStaff(username: string) {
  const flags = { isStaff: true, isSuperuser: false };
  const id = await createAccount(context, { username, password: 'velvet-tram-19', ...flags });
  const user = await context.users.byId(id);
  assert.ok(user);
  const keyBy = async (provedBy: ProofKind | undefined) => {
    const principal = { actor: `user:${id}`, address: undefined, user } as const;
    const wanted = { name: 'cron', scopes: ['users:read'], expiresInDays: undefined } as const;
    return (await createAdminKey(context, principal, { ...wanted, provedBy })).key;
  };
  return { user, keyBy };
}

const refused = { code: 'admin_key_unproven' };

test('a key that was made with a password alone ends with the setting that asks for more', async () => {
  const { user, keyBy } = await newStaff('rector');
  const [byPassword, ofBefore] = [await keyBy('password'), await keyBy(undefined)];
  const byFactor = await keyBy('factor');
  for (const key of [byPassword, ofBefore, byFactor]) {
    assert.equal((await under('optional').ownerOf(key)).user.id, user.id);
    // Nor is there a factor of its maker, who would be let in to nothing.
    await assert.rejects(under('required').ownerOf(key), refused);
  }
  const { secret, ticket } = await beginTotp(context, user, 'Chit');
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  await confirmTotp(context, { user, address: '192.0.2.1' }, { ticket, code });
  for (const wanted of ['required', 'always'] as const) {
    assert.equal((await under(wanted).ownerOf(byFactor)).user.id, user.id);
    for (const key of [byPassword, ofBefore]) {
      await assert.rejects(under(wanted).ownerOf(key), refused);
    }
  }
  await resetFactors(context, CLI, user.id, undefined);
  await assert.rejects(under('required').ownerOf(byFactor), refused);
  assert.equal((await under('optional').ownerOf(byFactor)).user.id, user.id);
});

test('one that was made after a sign-in by a provider counts as that does', async () => {
  const { user, keyBy } = await newStaff('dean');
  const key = await keyBy('provider');
  await assert.rejects(under('required').ownerOf(key), refused);
  const entry = auditEntry(CLI, { action: 'user.identity', target: `user:${user.id}` });
  const of = { issuer: 'https://id.example', subject: 'dean' };
  await context.identities.tie(of, { userId: user.id, provider: 'school', entry });
  // The provider is not in the configuration any more.
  await assert.rejects(under('required').ownerOf(key), refused);
  const signIn = [{ name: 'school' }];
  const current = { deployment: { ...context.deployment.current.deployment, signIn } };
  const withProvider = (staffSecondFactor: StaffSecondFactor) => {
    const policy = { ...context.policy, staffSecondFactor };
    const deployment = { current } as unknown as Context['deployment'];
    return new AdminKeyAuthenticator({ ...context, policy, deployment });
  };
  assert.equal((await withProvider('required').ownerOf(key)).user.id, user.id);
  await assert.rejects(withProvider('always').ownerOf(key), refused);
});
