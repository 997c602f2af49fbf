/** How `ldap` of `chit.json` is read, and which faults are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';

const MODELS = [{ name: 'demo', provider: 'demo', price: { perMessage: 'free' } }];
const MINIMAL = { url: 'ldaps://ldap.example', base: 'ou=people,dc=example' };

function read(ldap: object) {
  const text = JSON.stringify({ models: MODELS, ldap });
  const environment = { LDAP_PASSWORD: 'secret' };
  return readDeployment(text, { file: 'chit.json', environment }).ldap;
}

function faultsOf(more: object): readonly string[] {
  try {
    read({ ...MINIMAL, ...more });
    return [];
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    return error.faults;
  }
}

test('the least that a directory needs is where it is', () => {
  assert.deepEqual(read(MINIMAL), {
    urls: ['ldaps://ldap.example'],
    startTls: false,
    ca: undefined,
    bindDn: undefined,
    bindPassword: undefined,
    base: 'ou=people,dc=example',
    filter: '(uid={username})',
    attributes: { id: undefined, username: 'uid', email: 'mail', groups: 'memberOf' },
    groupSearch: undefined,
    groups: new Map(),
    staff: undefined,
    createsAccounts: true,
    timeoutMs: 5_000,
  });
  assert.equal(readDeployment(JSON.stringify({ models: MODELS }), source).ldap, undefined);
});

const source = { file: 'chit.json', environment: {} };

test('all of it is read', () => {
  const settings = read({
    ...MINIMAL,
    url: ['ldap://one.example', 'ldap://two.example:3389'],
    startTls: true,
    bindDn: 'cn=chit',
    bindPasswordEnv: 'LDAP_PASSWORD',
    filter: '(&(a=b)(cn={username}))',
    attributes: { username: 'sAMAccountName' },
    groupSearch: { base: 'ou=groups' },
    groups: { 'CN=Teachers, OU=Groups': ' Teachers ' },
    staff: ['CN = Admins'],
    createAccounts: false,
    timeoutSeconds: 2,
  });
  assert.equal(settings?.urls.length, 2);
  assert.equal(settings.bindPassword, 'secret');
  assert.equal(settings.attributes.username, 'sAMAccountName');
  assert.match(settings.groupSearch?.filter ?? '', /\{dn\}/);
  assert.deepEqual([...settings.groups], [['cn=teachers,ou=groups', 'Teachers']]);
  assert.deepEqual([...(settings.staff ?? [])], ['cn=admins']);
  assert.deepEqual([settings.createsAccounts, settings.timeoutMs], [false, 2_000]);
});

test('what would be read by others, or let anybody in, is a fault', () => {
  const here = fileURLToPath(import.meta.url);
  const cases: [more: object, fault: RegExp][] = [
    [{ url: 'ldap://ldap.example' }, /ldap\.url: over ldap:\/\/ anyone between can read passwords/],
    [{ url: 'http://ldap.example' }, /ldap\.url: it must be a URL that starts with ldaps/],
    [{ url: 'ldaps://' }, /it is not a URL/],
    [{ url: 'ldaps://ldap.example/dc=x' }, /only a host and perhaps a port/],
    [{ startTls: true }, /encrypted from its beginning/],
    [{ bindDn: 'cn=chit' }, /belong together/],
    [{ bindDn: 'cn=chit', bindPasswordEnv: 'NONE' }, /the environment has no NONE/],
    [{ filter: '(uid=anna)' }, /must contain "\{username\}"/],
    [{ filter: '(uid={username}' }, /each that is opened is closed/],
    [{ filter: 'uid={username}' }, /a filter is in parentheses/],
    [{ groupSearch: { base: 'x', filter: '(' } }, /ldap\.groupSearch: a filter is in/],
    [{ caFile: '/no/such.pem' }, /it cannot be read/],
    [{ caFile: here }, /no certificate in PEM/],
    [{ staf: [] }, /Did you mean "staff"/],
  ];
  for (const [more, fault] of cases) {
    assert.match(faultsOf(more).join('\n'), fault, JSON.stringify(more));
  }
  for (const more of [
    { url: 'ldap://localhost:389' },
    { url: 'ldap://127.0.0.1' },
    { url: 'ldap://[::1]' },
    { url: 'ldap://ldap.example', allowPlain: true },
    { url: 'ldap://ldap.example', startTls: true },
  ]) {
    assert.deepEqual(faultsOf(more), [], JSON.stringify(more));
  }
});
