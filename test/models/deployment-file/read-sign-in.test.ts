/** Providers to sign in by of `chit.json`: what they become, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';

const environment = { SCHOOL_SECRET: 'a secret' };
const DUMMY = { name: 'dummy', provider: 'built-in', price: { perMessage: 1 } };
const RIGHT = { issuer: 'https://id.example', clientId: 'chit' };

const read = (signIn: object) =>
  readDeployment(JSON.stringify({ models: [DUMMY], signIn }), { file: 'chit.json', environment });

/** What is said of a provider that is refused, without the place. */
function faultsOf(school: object, name = 'school'): string[] {
  try {
    read({ [name]: { ...RIGHT, ...school } });
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    return error.faults.map((it) => it.replace(/^chit\.json:\d+:\d+: signIn\./, ''));
  }
  return [];
}

test('a provider with everything that can be said of it', () => {
  const { signIn } = read({
    school: {
      ...RIGHT,
      clientSecretEnv: 'SCHOOL_SECRET',
      scopes: ['openid', 'groups'],
      button: { en: 'School', de: 'Schule' },
      usernameClaim: 'nickname',
      groupsClaim: 'realm_access.roles',
      groups: { 'class-7b': '7b' },
      staff: ['teachers'],
      requires: { hd: 'school.example', groups: ['a', 'b'] },
      matchByEmail: true,
      emailIsVerified: true,
      newAccounts: false,
      signOut: false,
    },
  });
  assert.deepEqual(signIn, [
    {
      name: 'school',
      ...RIGHT,
      clientSecret: 'a secret',
      scopes: ['openid', 'groups'],
      button: { en: 'School', de: 'Schule' },
      usernameClaim: 'nickname',
      groupsClaim: 'realm_access.roles',
      groups: { 'class-7b': '7b' },
      staff: ['teachers'],
      requires: { hd: ['school.example'], groups: ['a', 'b'] },
      matchesByEmail: true,
      matchesByUsername: false,
      isEmailVerified: true,
      makesAccounts: false,
      signsOut: false,
    },
  ]);
});

test('without them, nobody is matched, nobody is staff, and accounts are made', () => {
  const [school] = read({ school: { ...RIGHT, button: 'School' } }).signIn ?? [];
  assert.deepEqual(school, {
    name: 'school',
    ...RIGHT,
    clientSecret: undefined,
    scopes: ['openid', 'profile', 'email'],
    button: { '': 'School' },
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
  });
  assert.equal(
    readDeployment(JSON.stringify({ models: [DUMMY] }), { file: 'x', environment }).signIn,
    undefined,
  );
});

test('what is wrong is said with its place', () => {
  const cases: [object, string][] = [
    [
      { issuer: 'http://id.example' },
      'school.issuer: over http:// anyone between can sign in as anybody. Use https://.',
    ],
    [
      { issuer: 'https://me:secret@id.example' },
      'school.issuer: it must have no user, password, query or fragment.',
    ],
    [
      { issuer: 'https://id.example/.well-known/openid-configuration' },
      'school.issuer: leave out what begins with "/.well-known/".',
    ],
    [{ clientSecretEnv: 'NOT_THERE' }, 'school.clientSecretEnv: the environment has no NOT_THERE.'],
    [{ scopes: ['email'] }, 'school.scopes: it must contain "openid".'],
    [
      { clientSecret: 'x' },
      'school.clientSecret: there is no such member. Did you mean "clientSecretEnv"?',
    ],
    [
      {
        issuer: 'https://login.microsoftonline.com/common/v2.0',
        matchByEmail: true,
        emailIsVerified: true,
      },
      'school.emailIsVerified: anybody can have a tenant with any address in it. ' +
        'Name your own tenant in "issuer".',
    ],
  ];
  for (const [school, fault] of cases) assert.deepEqual(faultsOf(school), [fault]);
  assert.deepEqual(faultsOf({}, 'My School'), [
    'My School: its name must be lower-case letters, digits and "-", 24 at most.',
  ]);
  assert.deepEqual(faultsOf({ issuer: 'http://localhost:9000' }), []);
});
