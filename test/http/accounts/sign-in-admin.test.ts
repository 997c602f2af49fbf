/** What staff see of the ways to sign in, and trying them: nothing is made by that. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { LightMyRequestResponse as Answer } from 'fastify';
import { createGroup } from '../../../src/app/groups/manage-groups.ts';
import { invitePeople } from '../../../src/app/invitations/invite-people.ts';
import { LdapDirectories } from '../../../src/auth/ldap/ldap-directory.ts';
import type { LdapSettings } from '../../../src/core/ldap.ts';
import { createAccount } from '../../support/chit.ts';
import { LDAP, ScriptedLdap } from '../../support/ldap.ts';
import { ProviderSite } from '../../support/provider-site.ts';

const PASSWORD = 'velvet-tram-19';
const CLI = { actor: 'cli:test', address: undefined, user: undefined } as const;
const SCHOOL = {
  clientSecretEnv: 'SCHOOL_SECRET',
  groups: { 'class-7b': '7b', chess: 'Chess club' },
  staff: ['teachers'],
  requires: { hd: 'school.example' },
};
const SECRET = 'a secret of the client';

let site: ProviderSite;
let authorization: string;
let ldap: ScriptedLdap;
let settings: LdapSettings | undefined;

async function logIn(username: string): Promise<string> {
  const { access } = (await site.post('/api/login/', { username, password: PASSWORD })).json();
  return `Bearer ${access}`;
}

before(async () => {
  site = await ProviderSite.open({ SCHOOL_SECRET: SECRET }, SCHOOL);
  const { context } = site.opened;
  ldap = new ScriptedLdap();
  Object.assign(context, { ldap: new LdapDirectories(() => settings, ldap.connect) });
  for (const [username, isStaff] of [
    ['root', true],
    ['other', true],
    ['pupil', false],
  ] as const) {
    await createAccount(context, { username, password: PASSWORD, isStaff, isSuperuser: isStaff });
  }
  await createGroup(context, CLI, { name: '7b', hasPool: false, models: undefined });
  authorization = await logIn('root');
});
afterEach(() => {
  site.provider.faults = {};
  site.opened.clock.offsetMs = 0;
});
after(() => site.close());

const get = (url: string, token = authorization) => site.get(url, { authorization: token });
const post = (url: string, body = {}, token = authorization) =>
  site.post(url, body, { authorization: token });

/** How many there are of all that a sign-in makes. */
async function made() {
  const { users, auditLog } = site.opened.context;
  const { rows } = await auditLog.page({ beforeId: undefined, limit: 200 });
  const sessions = await site.opened.context.refreshTokens.validOf(1, 0, { limit: 99 });
  return {
    users: (await users.list({ afterId: 0, limit: 99 })).length,
    sessions: sessions.length,
    actions: rows.filter(({ action }) => action !== 'sign_in.try').length,
  };
}

/** Tries the provider, and comes back. @returns what the panel is told, and where the browser is */
async function tryAs(sub: string, claims: Record<string, unknown>): Promise<[object, Answer]> {
  const begun = await post('/api/admin/sign-in/school/try/');
  assert.equal(begun.statusCode, 200, begun.body);
  for (const { name, value } of begun.cookies) site.cookies[name] = value;
  const { url } = begun.json();
  assert.equal(new URL(url).searchParams.get('prompt'), 'login');
  const back = site.provider.authorize(url, { sub, claims });
  const answer = await site.get(back.pathname + back.search);
  assert.equal(answer.statusCode, 303);
  const [, id] = /^\/admin\/signin\/([\w-]+)$/.exec(String(answer.headers.location)) ?? [];
  assert.ok(id, String(answer.headers.location));
  assert.deepEqual(answer.cookies, [], 'no session begins');
  const result = await get(`/api/admin/sign-in/trials/${id}/`);
  assert.equal(result.statusCode, 200);
  return [result.json(), answer];
}

test('the list shows what is configured and where the provider leads to, and no secret', async () => {
  const answer = await get('/api/admin/sign-in/');
  assert.doesNotMatch(answer.body, new RegExp(`${SECRET}|${LDAP.bindPassword}`));
  const { providers, directory, address_is_set: isSet } = answer.json();
  assert.equal(isSet, false);
  assert.equal(directory, null);
  const [school] = providers;
  assert.equal(school.has_secret, true);
  assert.match(school.redirect_uri, /^http:\/\/[^/]+\/api\/sign-in\/school\/callback\/$/);
  assert.match(school.back_channel_logout_uri, /\/api\/sign-in\/school\/logout\/$/);
  assert.deepEqual(school.groups[0], { there: 'class-7b', group: '7b' });
  assert.deepEqual(school.state, { asked_at: null, ok_at: null, failures: [] });
  const pupil = await logIn('pupil');
  assert.equal((await get('/api/admin/sign-in/', pupil)).statusCode, 403);
});

test('asking a provider says what it offers, or what is wrong', async () => {
  const checked = (await post('/api/admin/sign-in/school/check/')).json();
  assert.equal(checked.fault, null);
  assert.deepEqual([checked.offers.keys, checked.offers.sign_out], [1, true]);
  site.provider.faults = { isDown: true };
  const { fault } = (await post('/api/admin/sign-in/school/check/')).json();
  assert.equal(fault.code, 'unreachable');
  const [{ state }] = (await get('/api/admin/sign-in/')).json().providers;
  assert.deepEqual([state.failures[0].step, state.failures[0].code], ['ask', 'unreachable']);
  assert.ok(state.ok_at);
  assert.equal((await post('/api/admin/sign-in/nowhere/check/')).statusCode, 404);
});

test('a trial shows the claims and what would happen, and makes nothing', async () => {
  const before = await made();
  const claims = {
    hd: 'school.example',
    preferred_username: 'root',
    email: 'new@school.example',
    groups: ['class-7b', 'chess', 'teachers', 'more'],
  };
  const [result, back] = await tryAs('newcomer', claims);
  const { claims: came, preview } = result as { claims: object; preview: object };
  assert.equal((came as typeof claims).email, 'new@school.example');
  assert.deepEqual(preview, {
    outcome: 'new_account',
    user_id: null,
    username: 'root-2',
    email: { address: 'new@school.example', is_verified: false },
    opening_tokens: site.opened.context.policy.signupCredits,
    groups_there: ['class-7b', 'chess', 'teachers', 'more'],
    groups: [
      { name: '7b', change: 'joins' },
      { name: 'Chess club', change: 'missing' },
    ],
    is_staff: true,
    lacks: [],
  });
  assert.deepEqual(await made(), before);
  // Nobody else sees it, it does not last, and it is not come back from twice.
  const id = String(back.headers.location).split('/').at(-1);
  const path = `/api/admin/sign-in/trials/${id}/`;
  assert.equal((await get(path, await logIn('other'))).statusCode, 404);
  site.opened.clock.offsetMs = 600_001;
  assert.equal((await get(path)).headers['chit-error'], 'trial_not_found');
});

test('a trial of somebody who has an account, and of somebody who is not let in', async () => {
  const claims = { hd: 'school.example', groups: ['class-7b'] };
  const here = { ...claims, preferred_username: 'anna' };
  const begun = await site.get('/api/sign-in/school/');
  const there = site.provider.authorize(String(begun.headers.location), {
    sub: 'anna',
    claims: here,
  });
  assert.equal((await site.get(there.pathname + there.search)).headers.location, '/#signed-in');
  const person = { name: 'Eve', username: undefined, email: 'eve@school.example', groups: [] };
  await invitePeople(site.opened.context, CLI, {
    people: [{ ...person, plan: undefined, tokens: 7 }],
    hours: 24,
    hasPools: false,
    expected: undefined,
  });
  const before = await made();
  const [known] = await tryAs('anna', { hd: 'school.example', groups: [] });
  const { preview } = known as { preview: Record<string, unknown> };
  assert.deepEqual(
    [preview.outcome, preview.username, preview.is_staff, preview.groups],
    [
      'signs_in',
      'anna',
      false,
      [
        { name: '7b', change: 'leaves' },
        { name: 'Chess club', change: 'missing' },
      ],
    ],
  );
  const [stranger] = await tryAs('stranger', { hd: 'other.example' });
  const { preview: refused } = stranger as { preview: Record<string, unknown> };
  assert.equal(refused.outcome, 'not_admitted');
  assert.deepEqual(refused.lacks, [{ claim: 'hd', values: ['school.example'] }]);
  const [invited] = await tryAs('invited', {
    hd: 'school.example',
    email: 'eve@school.example',
    email_verified: true,
  });
  const { preview: arriving } = invited as { preview: Record<string, unknown> };
  assert.deepEqual([arriving.outcome, arriving.opening_tokens], ['invited', null]);
  assert.deepEqual(await made(), before);
});

test('a trial that fails says what to change: signature, audience, clock', async () => {
  for (const [faults, code] of [
    [{ isForged: true }, 'signature'],
    [{ alg: 'HS256' }, 'signature'],
    [{ claims: { aud: 'another-client' } }, 'audience'],
    [{ claims: { exp: 1_000, iat: 900 } }, 'clock'],
  ] as const) {
    site.provider.faults = faults;
    const [result] = await tryAs('faulty', {});
    const { failure, fault, claims } = result as Record<string, { code: string } | null | string>;
    assert.equal(failure, 'sign_in_failed');
    assert.equal((fault as { code: string }).code, code);
    assert.equal(claims, null);
  }
});

test('trials need a fresh proof, are in the audit log, and count once', async () => {
  site.opened.clock.offsetMs = 11 * 60_000;
  const late = await post('/api/admin/sign-in/school/try/');
  const lateLdap = await post('/api/admin/directory/try/', { username: 'anna' });
  assert.deepEqual(
    [late.headers['chit-error'], lateLdap.headers['chit-error']],
    ['proof_required', 'proof_required'],
  );
  site.opened.clock.offsetMs = 0;
  const { auditLog } = site.opened.context;
  const page = { target: 'provider:school', beforeId: undefined, limit: 99 };
  const earlier = (await auditLog.page(page)).rows.length;
  const begun = await post('/api/admin/sign-in/school/try/');
  const { rows } = await auditLog.page(page);
  assert.equal(rows.length, earlier + 1);
  assert.equal(rows[0]?.action, 'sign_in.try');
  for (const { name, value } of begun.cookies) site.cookies[name] = value;
  const back = site.provider.authorize(begun.json().url, { sub: 'twice' });
  const path = back.pathname + back.search;
  assert.match(String((await site.get(path)).headers.location), /^\/admin\/signin\//);
  assert.equal((await site.get(path)).headers['chit-error'], 'sign_in_expired');
});

test('the directory: what it has of a name, and what would happen', async () => {
  assert.equal(
    (await post('/api/admin/directory/try/', { username: 'x' })).headers['chit-error'],
    'directory_not_set',
  );
  settings = {
    ...LDAP,
    groups: new Map([['cn=7b,ou=groups', '7b']]),
    staff: new Set(['cn=teachers']),
  };
  ldap.add({ uid: 'lena', password: 'hers', mail: 'lena@x.example', groups: ['cn=7b,ou=groups'] });
  ldap.add({ uid: 'pupil', password: 'theirs' });
  const before = await made();
  const shown = (await get('/api/admin/sign-in/')).json().directory;
  assert.deepEqual(
    [shown.bind_dn, shown.groups],
    ['cn=chit', [{ there: 'cn=7b,ou=groups', group: '7b' }]],
  );
  const checked = async () => (await post('/api/admin/directory/check/')).json().servers;
  ldap.down.add('ldaps://two.example');
  const [one, two] = await checked();
  assert.deepEqual([one.fault, two.fault.code], [null, 'unreachable']);
  const tried = async (username: string, password?: string) =>
    (
      await post('/api/admin/directory/try/', { username, ...(password ? { password } : {}) })
    ).json();
  const lena = await tried('lena', 'hers');
  assert.equal(lena.entry.dn, 'uid=lena,ou=people,dc=school');
  assert.equal(lena.password_is_right, true);
  assert.equal(lena.preview.outcome, 'new_account');
  assert.deepEqual(lena.preview.groups, [{ name: '7b', change: 'joins' }]);
  assert.equal(lena.preview.is_staff, false);
  assert.equal((await tried('lena', 'not hers')).preview.outcome, 'wrong_password');
  assert.equal((await tried('lena')).password_is_right, null);
  assert.equal((await tried('nobody')).preview.outcome, 'not_found');
  assert.equal((await tried('pupil')).preview.outcome, 'local_account');
  assert.deepEqual(await made(), before);
  ldap.down.add('ldaps://one.example');
  const down = await post('/api/admin/directory/try/', { username: 'lena' });
  assert.equal(down.headers['chit-error'], 'directory_unavailable');
  settings = undefined;
});
