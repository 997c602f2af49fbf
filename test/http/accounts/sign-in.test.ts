/** Signing in by a provider over HTTP: where browsers are led, with which cookies. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LightMyRequestResponse as Answer } from 'fastify';
import { Secret, TOTP } from 'otpauth';
import { beginTotp, confirmTotp } from '../../../src/app/accounts/factors/manage-factors.ts';
import { makePasswordLink } from '../../../src/app/accounts/one-time-links.ts';
import { createAccount } from '../../support/chit.ts';
import { ProviderSite } from '../../support/provider-site.ts';
import { awayFromTheEndOfAStep } from '../../support/totp-steps.ts';

const PASSWORD = 'velvet-tram-19';
const CLI = { actor: 'cli:test', address: undefined, user: undefined } as const;

const setCookieOf = ({ headers }: Answer) => [headers['set-cookie'] ?? []].flat().join('\n');

describe('a site with a provider', () => {
  let site: ProviderSite;
  before(async () => {
    site = await ProviderSite.open();
  });
  after(() => site.close());

  test('says so to everybody, with what its button says', async () => {
    const { sign_in: ways } = (await site.get('/api/site/')).json();
    assert.deepEqual(ways, [{ name: 'school', button: {} }]);
  });

  test('leads to it with PKCE, state and nonce, and marks the browser', async () => {
    const { statusCode, headers, ...answer } = await site.get('/api/sign-in/school/', {
      host: 'chat.example',
    });
    assert.equal(statusCode, 303);
    const url = new URL(String(headers.location));
    const asked = Object.fromEntries(url.searchParams);
    assert.equal(url.origin + url.pathname, 'https://id.example/authorize');
    assert.equal(asked.response_type, 'code');
    assert.equal(asked.client_id, 'chit');
    assert.equal(asked.scope, 'openid profile email');
    assert.equal(asked.code_challenge_method, 'S256');
    assert.match(`${asked.code_challenge} ${asked.state} ${asked.nonce}`, /^([\w-]{43} ?){3}$/);
    assert.equal(asked.redirect_uri, 'http://chat.example/api/sign-in/school/callback/');
    assert.equal(asked.prompt, undefined);
    assert.match(
      setCookieOf({ headers, ...answer } as Answer),
      /^chit_sign_in=[\w-]{43}; Max-Age=600; Path=\/api\/sign-in; HttpOnly; SameSite=Lax$/,
    );
  });

  test('comes back to the page with a session that no other site can use', async () => {
    const answer = await site.signIn('anna', '/api/sign-in/school/?to=/account%3Fa%3Db');
    assert.equal(answer.statusCode, 303);
    assert.equal(answer.headers.location, '/account?a=b#signed-in');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.match(setCookieOf(answer), /^chit_refresh=\S+; .*HttpOnly; SameSite=Strict$/m);
    const refreshed = await site.server.inject({
      method: 'POST',
      url: '/api/session/refresh/',
      cookies: site.cookies,
    });
    assert.equal(refreshed.statusCode, 200);
    const authorization = `Bearer ${refreshed.json().access}`;
    const me = (await site.get('/api/me/', { authorization })).json();
    assert.equal(me.has_password, false);
    assert.deepEqual(me.sign_in, ['school']);
    const exported = (await site.get('/api/account/export/', { authorization })).json();
    assert.equal(exported.identities[0].subject, 'anna');
  });

  test('never leads to another site, whatever the address asks for', async () => {
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', '/\tx', '']) {
      const answer = await site.signIn('eve', `/api/sign-in/school/?to=${encodeURIComponent(to)}`);
      assert.equal(answer.headers.location, '/#signed-in');
    }
  });

  test('two tabs of one browser can both come back', async () => {
    const first = await site.get('/api/sign-in/school/');
    const second = await site.get('/api/sign-in/school/');
    for (const { headers } of [first, second]) {
      const back = site.provider.authorize(String(headers.location), { sub: 'tabs' });
      const { headers: at } = await site.get(back.pathname + back.search);
      assert.equal(at.location, '/#signed-in');
    }
  });

  test('tells on its first page what went wrong, by a code, and nothing of the inside', async () => {
    const failures = [
      ['/api/sign-in/nowhere/', 'sign_in_unknown'],
      ['/api/sign-in/nowhere/callback/?state=a&code=b', 'sign_in_unknown'],
      ['/api/sign-in/school/callback/', 'sign_in_expired'],
      ['/api/sign-in/school/callback/?state=a&code=b', 'sign_in_expired'],
    ] as const;
    for (const [url, code] of failures) {
      const answer = await site.get(url);
      assert.equal(answer.statusCode, 303);
      assert.equal(answer.headers.location, `/#sign-in-failed=${code}`);
      assert.equal(answer.headers['chit-error'], code);
      assert.equal(answer.body, '');
      assert.equal(answer.headers['set-cookie'], undefined);
    }
  });

  test('asks again who it is where a fresh proof is needed', async () => {
    const { headers } = await site.get('/api/sign-in/school/?again=1');
    const asked = new URL(String(headers.location)).searchParams;
    assert.equal(asked.get('prompt'), 'login');
    assert.equal(asked.get('max_age'), '0');
  });

  test('counts a proof from when the provider asked, not from when it was asked', async () => {
    const { context } = site.opened;
    const seconds = Math.floor(context.now() / 1000);
    for (const [ago, status] of [
      [700, 403],
      [10, 204],
    ] as const) {
      site.provider.faults = { claims: { auth_time: seconds - ago } };
      await site.signIn('proof');
      site.provider.faults = {};
      const refreshed = await site.server.inject({
        method: 'POST',
        url: '/api/session/refresh/',
        cookies: site.cookies,
      });
      const authorization = `Bearer ${refreshed.json().access}`;
      const { username } = (await site.get('/api/me/', { authorization })).json();
      // Nobody without a password can be asked for it.
      const deleted = await site.post('/api/account/delete/', { username }, { authorization });
      assert.equal(deleted.statusCode, status);
      if (status === 403) {
        assert.equal(deleted.headers['chit-error'], 'proof_required');
        assert.deepEqual(deleted.json().params, { methods: ['provider'] });
      }
    }
  });

  test('a provider that does not say when it asked gives no fresh proof', async () => {
    await site.signIn('google', '/api/sign-in/school/?to=/account');
    const refreshed = await site.server.inject({
      method: 'POST',
      url: '/api/session/refresh/',
      cookies: site.cookies,
    });
    const authorization = `Bearer ${refreshed.json().access}`;
    const { username, id } = (await site.get('/api/me/', { authorization })).json();
    const deleted = await site.post('/api/account/delete/', { username }, { authorization });
    assert.equal(deleted.headers['chit-error'], 'proof_required');
    const { context } = site.opened;
    const sessions = () => context.refreshTokens.validOf(id, Date.now(), { limit: 9 });
    assert.deepEqual((await sessions())[0]?.proof, { atMs: 0, by: 'provider' });
    // Somebody at an unattended browser takes `max_age` out of the address: nothing is asked.
    const seconds = Math.floor(context.now() / 1000);
    for (const claims of [{}, { auth_time: seconds - 700 }]) {
      site.provider.faults = { claims };
      const back = await site.signIn('google', '/api/sign-in/school/?again=1');
      site.provider.faults = {};
      assert.equal(back.headers.location, '/#sign-in-failed=sign_in_stale');
      assert.equal(back.headers['set-cookie'], undefined);
    }
    assert.equal((await sessions()).length, 1);
    // With a password of this site, by a link from staff, there is a way.
    const user = await context.users.byId(id);
    const link = user && (await makePasswordLink(context, CLI, user));
    const token = link?.path.split('#')[1] ?? '';
    await site.post('/api/password/choose/', { token, password: PASSWORD });
    const { access } = (await site.post('/api/login/', { username, password: PASSWORD })).json();
    const proved = await site.post(
      '/api/account/proof/',
      { password: PASSWORD },
      { authorization: `Bearer ${access}` },
    );
    assert.equal(proved.statusCode, 200);
  });

  test('an account of staff with the address is tied once its password was given', async () => {
    const matching = await ProviderSite.open({}, { matchByEmail: true });
    const { context } = matching.opened;
    const account = { username: 'rector', password: PASSWORD, isStaff: true, isSuperuser: false };
    const id = await createAccount(context, account);
    await context.emails.set(id, 'rector@school.example', context.now());
    matching.provider.faults = { claims: { email: 'rector@school.example', email_verified: true } };
    const back = await matching.signIn('rector');
    const [, ticket = ''] =
      /^\/#sign-in-prove=school&([\w.-]+)$/.exec(String(back.headers.location)) ?? [];
    const prove = (body: object, cookies: Record<string, string>, site?: string) =>
      matching.server.inject({
        method: 'POST',
        url: '/api/sign-in/school/account/',
        payload: { ticket, ...body },
        headers: site === undefined ? {} : { 'sec-fetch-site': site },
        cookies,
      });
    const asked = await prove({}, matching.cookies);
    assert.equal(asked.statusCode, 403);
    assert.deepEqual(asked.json().params, { methods: ['password'] });
    const given = { password: PASSWORD };
    assert.equal((await prove(given, matching.cookies, 'cross-site')).statusCode, 403);
    assert.equal((await prove(given, {})).headers['chit-error'], 'ticket_invalid');
    assert.deepEqual(await context.identities.of(id), []);
    const done = await prove(given, matching.cookies);
    assert.deepEqual([done.statusCode, done.cookies], [200, []]);
    assert.equal((await matching.signIn('rector')).headers.location, '/#signed-in');
    assert.equal((await context.identities.of(id)).length, 1);
    await matching.close();
  });

  test('who has a password cannot leave it out', async () => {
    const account = { username: 'zoe', password: PASSWORD, isStaff: false, isSuperuser: false };
    await createAccount(site.opened.context, account);
    const { access } = (await site.post('/api/login/', account)).json();
    const authorization = `Bearer ${access}`;
    const { statusCode } = await site.post(
      '/api/account/delete/',
      { username: 'zoe' },
      { authorization },
    );
    assert.equal(statusCode, 400);
    assert.ok(await site.opened.context.users.byUsername('zoe'));
  });
});

test('under https and a path of its own, the cookies are those of this site only', async () => {
  const site = await ProviderSite.open({ CHIT_PUBLIC_URL: 'https://school.example/chat' });
  const away = await site.get('/api/sign-in/school/');
  const redirect = new URL(String(away.headers.location)).searchParams.get('redirect_uri');
  assert.equal(redirect, 'https://school.example/chat/api/sign-in/school/callback/');
  assert.match(
    setCookieOf(away),
    /^__Host-chit_sign_in_chat=\S+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  const back = await site.signIn('anna');
  assert.equal(back.headers.location, '/chat/#signed-in');
  assert.match(setCookieOf(back), /^__Host-chit_refresh_chat=\S+; .*Secure; SameSite=Strict$/m);
  await site.close();
});

describe('a site without passwords', () => {
  let site: ProviderSite;
  before(async () => {
    site = await ProviderSite.open({ CHIT_PASSWORD_LOGIN: 'off' });
    const account = { username: 'root', password: PASSWORD, isStaff: true, isSuperuser: true };
    await createAccount(site.opened.context, account);
  });
  after(() => site.close());

  test('takes none, and opens no account with one', async () => {
    const given = { username: 'root', password: PASSWORD };
    for (const path of ['/api/session/', '/api/login/']) {
      const { statusCode, headers } = await site.post(path, given);
      assert.equal(statusCode, 403);
      assert.equal(headers['chit-error'], 'password_login_off');
    }
    const registered = await site.post('/api/register/', { ...given, username: 'new' });
    assert.equal(registered.headers['chit-error'], 'signup_closed');
    const { password_login: isOn, signup } = (await site.get('/api/site/')).json();
    assert.equal(isOn, false);
    assert.equal(signup, 'closed');
    assert.equal((await site.signIn('anna')).headers.location, '/#signed-in');
  });

  test('lets in whoever has a link from the command line, once', async () => {
    const { context } = site.opened;
    const root = await context.users.byUsername('root');
    const link = root && (await makePasswordLink(context, CLI, root));
    const token = link?.path.split('#')[1] ?? '';
    const body = { token, password: 'another-tram-20' };
    const foreign = { 'sec-fetch-site': 'cross-site' };
    const refused = await site.post('/api/password/choose/', body, foreign);
    assert.equal(refused.statusCode, 403);
    const chosen = await site.post('/api/password/choose/', body);
    assert.equal(chosen.statusCode, 200);
    const [cookie] = chosen.cookies;
    const cookies = { [cookie?.name ?? '']: cookie?.value ?? '' };
    const url = '/api/session/refresh/';
    const refreshed = await site.server.inject({ method: 'POST', url, cookies });
    assert.equal(refreshed.statusCode, 200);
    const again = await site.post('/api/password/choose/', body);
    assert.equal(again.headers['chit-error'], 'link_invalid');
  });

  test('a link stands for the password only: a second factor is asked for as well', async () => {
    const { context } = site.opened;
    const account = { username: 'careful', password: PASSWORD };
    const flags = { isStaff: false, isSuperuser: false };
    const id = await createAccount(context, { ...account, ...flags });
    const user = await context.users.byId(id);
    assert.ok(user);
    const { secret, ticket } = await beginTotp(context, user, 'Chit');
    const codeAt = (timestamp: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
    const owner = { user, address: '10.1.1.1' };
    await awayFromTheEndOfAStep();
    await confirmTotp(context, owner, { ticket, code: codeAt(Date.now() - 30_000) });
    const link = await makePasswordLink(context, CLI, user);
    const token = link?.path.split('#')[1] ?? '';
    const chosen = await site.post('/api/password/choose/', { token, password: 'other-tram-21' });
    assert.equal(chosen.headers['chit-error'], 'second_factor_required');
    assert.deepEqual([chosen.statusCode, chosen.cookies], [401, []]);
    const none = await context.refreshTokens.validOf(id, Date.now(), { limit: 1 });
    assert.deepEqual(none, []);
    const { params } = chosen.json() as { params: { ticket: string } };
    const given = { ticket: params.ticket, code: codeAt(Date.now()) };
    const done = await site.post('/api/session/factor/', given);
    assert.equal(done.statusCode, 200, done.body);
    const [session] = await context.refreshTokens.validOf(id, Date.now(), { limit: 1 });
    assert.equal(session?.proof?.by, 'factor');
  });
});
