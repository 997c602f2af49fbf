/** What begins on one server ends on another one of the same database, and counts once on both. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import {
  addPasskey,
  beginTotp,
  confirmTotp,
} from '../../../../src/app/accounts/factors/manage-factors.ts';
import { passkeyCreation } from '../../../../src/app/accounts/factors/passkeys.ts';
import {
  finishSignIn,
  passkeySignInRequest,
  signInWithPasskey,
} from '../../../../src/app/accounts/factors/second-step.ts';
import { logIn } from '../../../../src/app/accounts/log-in.ts';
import { signOutByProvider } from '../../../../src/app/accounts/sign-in/sign-out-by-provider.ts';
import {
  beginTrial,
  finishTrial,
  resultOfTrial,
} from '../../../../src/app/accounts/sign-in/try-sign-in.ts';
import type { Context } from '../../../../src/app/context.ts';
import { hasCode } from '../../../../src/core/errors.ts';
import { SoftAuthenticator } from '../../../support/authenticator.ts';
import { createAccount } from '../../../support/chit.ts';
import { type DatabaseKind, databaseKind } from '../../../support/databases.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';
import {
  comeBack,
  leave,
  openProviderChit,
  type ProviderChit,
  REDIRECT_URI,
} from '../../../support/provider-chit.ts';
import { awayFromTheEndOfAStep } from '../../../support/totp-steps.ts';

const PASSWORD = 'velvet-tram-19';
const ORIGIN = 'https://chat.example';
const PARTY = { id: 'chat.example', origin: ORIGIN, name: 'Chit' };
const PLACE = { address: '192.0.2.1', device: '', userAgent: undefined, isSession: true };

let databases: DatabaseKind;
let provider: FakeIdentityProvider;
let opened: ProviderChit[];
let one: Context;
let other: Context;

before(async () => {
  databases = await databaseKind('PostgreSQL');
  provider = await FakeIdentityProvider.make();
  const url = await databases.newUrl();
  opened = [await openProviderChit(url, provider), await openProviderChit(url, provider)];
  [one, other] = opened.map(({ context }) => context) as [Context, Context];
});
after(async () => {
  for (const { chit } of opened) await chit.close();
  await databases.stop();
});

const account = async (username: string) => {
  const flags = { isStaff: false, isSuperuser: false };
  const id = await createAccount(one, { username, password: PASSWORD, ...flags });
  const user = await one.users.byId(id);
  assert.ok(user);
  return { user, address: PLACE.address };
};
const spent = (attempt: Promise<unknown>, code: 'sign_in_expired' | 'ticket_invalid') =>
  assert.rejects(attempt, (error) => hasCode(error, code));

test('a sign-in by a provider, and its sign-out there', async () => {
  const away = await leave(one);
  const iat = Math.floor(Date.now() / 1000) - 1;
  const claims = { sid: 'there', iat };
  const back = provider.authorize(away.url, { sub: 'anna', claims });
  const { userId } = await comeBack(other, back, away);
  await spent(comeBack(one, back, away), 'sign_in_expired');
  await spent(comeBack(other, back, away), 'sign_in_expired');
  const token = await provider.logoutToken({ sid: 'there' });
  const signOut = (at: Context) =>
    signOutByProvider(at, { provider: 'school', token, address: PLACE.address });
  const both = await Promise.allSettled([signOut(one), signOut(other)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.deepEqual(await other.refreshTokens.validOf(userId, other.now(), { limit: 1 }), []);
});

test('a trial of a provider', async () => {
  const { user, address } = await account('staff');
  const principal = { actor: `user:${user.id}`, address, user } as const;
  const request = { provider: 'school', redirectUri: REDIRECT_URI, browser: '', address };
  const { url, browser } = await beginTrial(one, principal, request);
  const callbackUrl = provider.authorize(url, { sub: 'stranger' });
  const back = { provider: 'school', callbackUrl, browser };
  const id = await finishTrial(other, back);
  await spent(finishTrial(one, back), 'sign_in_expired');
  const result = await resultOfTrial(one, user.id, id);
  assert.equal('preview' in result && result.preview.outcome, 'new_account');
});

test('a second factor: its set-up, and the ticket after the password', async () => {
  const owner = await account('bert');
  const { secret, ticket } = await beginTotp(one, owner.user, 'Chit');
  const codeAt = (timestamp: number) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
  await awayFromTheEndOfAStep();
  await confirmTotp(other, owner, { ticket, code: codeAt(Date.now() - 30_000) });
  const given = { username: 'bert', password: PASSWORD, ...PLACE };
  const refusal = await logIn(one, given).catch((error: unknown) => error);
  assert.ok(hasCode(refusal, 'second_factor_required'));
  const { ticket: second } = refusal.details;
  const from = { ...PLACE, party: PARTY };
  const signedIn = await finishSignIn(other, second, { code: codeAt(Date.now()) }, from);
  assert.equal(signedIn.userId, owner.user.id);
  const again = finishSignIn(one, second, { code: codeAt(Date.now() + 30_000) }, from);
  await spent(again, 'ticket_invalid');
});

test('challenges of passkeys: adding one, and signing in with it', async () => {
  const owner = await account('carl');
  const authenticator = new SoftAuthenticator(ORIGIN);
  const creation = await passkeyCreation(one, owner.user, PARTY);
  const response = authenticator.create(creation);
  await addPasskey(other, owner, { response, name: 'Phone' } as never, PARTY);
  const from = { ...PLACE, party: PARTY };
  const answer = authenticator.get(await passkeySignInRequest(one, PARTY));
  const signedIn = await signInWithPasskey(other, answer as never, from);
  assert.equal(signedIn.userId, owner.user.id);
  await spent(signInWithPasskey(one, answer as never, from), 'ticket_invalid');
});
