import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignIn } from '../../../../src/app/operations/doctor/check-sign-in.ts';
import { OidcClients } from '../../../../src/auth/oidc/oidc-clients.ts';
import type { SignInProvider } from '../../../../src/core/sign-in-provider.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';

const SETTINGS = { passwordLogin: true, publicUrl: 'https://chat.example' };
const PROVIDER: SignInProvider = {
  name: 'school',
  issuer: 'https://id.example',
  clientId: 'chit',
  clientSecret: undefined,
  scopes: ['openid'],
  button: undefined,
  usernameClaim: undefined,
  groupsClaim: 'groups',
  groups: {},
  staff: undefined,
  requires: {},
  matchesByEmail: false,
  matchesByUsername: false,
  isEmailVerified: false,
  makesAccounts: true,
  signsOut: true,
};

async function findings(settings: Partial<typeof SETTINGS>, ...signIn: SignInProvider[]) {
  const { fetch } = await FakeIdentityProvider.make();
  const clients = new OidcClients({ fetch, now: Date.now });
  const models = { providers: [], models: [], defaultModel: '', aliases: {}, limits: {} };
  const subject = { settings: { ...SETTINGS, ...settings }, deployment: { ...models, signIn } };
  return checkSignIn(subject, clients);
}

const codes = (found: Awaited<ReturnType<typeof findings>>) => found.map(({ code }) => code);

test('a provider that answers, and one that names itself differently', async () => {
  const found = await findings({}, PROVIDER, { ...PROVIDER, issuer: 'https://id.example/other' });
  assert.deepEqual(codes(found), ['sign_in_ok', 'sign_in_provider_down']);
  assert.match(JSON.stringify(found[1]?.params), /does not match the expected issuer/);
});

test('without a public address the redirect URI is what a request says', async () => {
  const found = await findings({ publicUrl: '' }, PROVIDER);
  assert.deepEqual(codes(found), ['sign_in_ok', 'sign_in_without_address']);
});

test('without passwords and without a provider nobody can sign in', async () => {
  assert.deepEqual(codes(await findings({ passwordLogin: false })), ['sign_in_nobody']);
  assert.deepEqual(await findings({}), []);
});
