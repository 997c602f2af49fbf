import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignIn } from '../../../../src/app/operations/doctor/check-sign-in.ts';
import { LdapDirectory } from '../../../../src/auth/ldap/ldap-directory.ts';
import { OidcClients } from '../../../../src/auth/oidc/oidc-clients.ts';
import type { LdapSettings } from '../../../../src/core/ldap.ts';
import type { SignInProvider } from '../../../../src/core/sign-in-provider.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';
import { LDAP, ScriptedLdap } from '../../../support/ldap.ts';

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

test('a directory whose servers all, partly or not at all can be used', async () => {
  const server = new ScriptedLdap();
  const models = { providers: [], models: [], defaultModel: '', aliases: {}, limits: {} };
  const ldap = async (settings: LdapSettings) =>
    checkSignIn(
      {
        settings: { ...SETTINGS, passwordLogin: false },
        deployment: { ...models, ldap: settings },
      },
      undefined,
      (it) => new LdapDirectory(it, server.connect),
    );
  assert.deepEqual(codes(await ldap(LDAP)), ['ldap_ok', 'ldap_ok']);
  server.down.add('ldaps://one.example');
  assert.deepEqual(codes(await ldap(LDAP)), ['ldap_server_down', 'ldap_ok']);
  const refused = await ldap({ ...LDAP, bindPassword: 'another one' });
  assert.deepEqual(codes(refused), ['ldap_server_down', 'ldap_server_down', 'ldap_down']);
  assert.match(JSON.stringify(refused[1]?.params), /bindDn/);
  assert.equal(server.open, 0);
});
