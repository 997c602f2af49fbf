/** Back-channel logout over HTTP: what is accepted, and each token that is not, one by one. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Faults } from '../../support/fake-identity-provider.ts';
import { ProviderSite } from '../../support/provider-site.ts';

const PATH = '/api/sign-in/school/logout/';

let site: ProviderSite;
before(async () => {
  site = await ProviderSite.open();
});
afterEach(() => {
  site.provider.faults = {};
});
after(() => site.close());

const seconds = (from = 0) => Math.floor(Date.now() / 1000) + from;

function send(token: string, path = PATH) {
  return site.server.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ logout_token: token }).toString(),
  });
}

/** Whether the session of the browser goes on. */
async function isSignedIn(): Promise<boolean> {
  const url = '/api/session/refresh/';
  const { cookies } = site;
  const answer = await site.server.inject({ method: 'POST', url, cookies });
  for (const { name, value } of answer.cookies) site.cookies[name] = value;
  return answer.statusCode === 200;
}

test('a right token ends the session of the browser, and nothing more is said', async () => {
  await site.signIn('anna', undefined, {}, { sid: 'one', iat: seconds(-1) });
  assert.equal(await isSignedIn(), true);
  const answer = await send(await site.provider.logoutToken({ sid: 'one', sub: 'anna' }));
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(await isSignedIn(), false);
  // Of an earlier version of the specification, which had no kind and no end.
  const plain = await site.provider.logoutToken({ sid: 'gone already', exp: undefined }, 'JWT');
  assert.equal((await send(plain)).statusCode, 200);
});

const ID_TOKEN_EVENTS = { events: undefined };
const SIGN_OUT = 'http://schemas.openid.net/event/backchannel-logout';

const REFUSED: readonly [
  string,
  /** Times are in seconds from the moment of the test. */
  Record<string, unknown>,
  RegExp,
  (Faults | undefined)?,
  string?,
][] = [
  ['of another issuer', { iss: 'https://evil.example' }, /another issuer/],
  ['for another client', { aud: 'another-client' }, /another client/],
  ['for several, and of another one', { aud: ['chit', 'x'], azp: 'x' }, /another client/],
  ['with alg none', {}, /not signed/, { alg: 'none' }],
  ['signed with a secret', {}, /not signed/, { alg: 'HS256' }],
  ['with the signature of another key', {}, /signature/, { isForged: true }],
  ['with a nonce', { nonce: 'of a sign-in' }, /nonce/],
  ['with an empty nonce', { nonce: '' }, /nonce/],
  ['without events', ID_TOKEN_EVENTS, /no event/],
  ['with another event', { events: { 'https://x.example/other': {} } }, /no event/],
  ['with events that are none', { events: [SIGN_OUT] }, /no event/],
  ['with an event that says nothing', { events: { [SIGN_OUT]: true } }, /no event/],
  ['without an id', { jti: undefined }, /jti/],
  ['with an empty id', { jti: '' }, /jti/],
  ['without a time', { iat: undefined }, /iat/],
  ['that is old', { iat: -400, exp: 400 }, /too long ago/],
  ['that has expired', { exp: -100 }, /expired/],
  ['of the future', { iat: 200, exp: 400 }, /iat/],
  ['that names nobody', { sub: undefined, sid: undefined }, /neither/],
  ['with a session that is no text', { sid: 7 }, /no text/],
  ['of another kind', {}, /another kind/, undefined, 'at+jwt'],
];

for (const [what, claims, reason, faults, typ] of REFUSED) {
  test(`a token ${what} is refused, and the session goes on`, async () => {
    await site.signIn('bert', undefined, {}, { sid: 'two', iat: seconds(-1) });
    site.provider.faults = faults ?? {};
    const given = Object.entries(claims).map(([name, value]) => {
      const isTime = (name === 'iat' || name === 'exp') && typeof value === 'number';
      return [name, isTime ? seconds(value) : value];
    });
    const all = { sid: 'two', sub: 'bert', ...Object.fromEntries(given) };
    const token = await site.provider.logoutToken(all, typ);
    const answer = await send(token);
    site.provider.faults = {};
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['chit-error'], 'logout_token_refused');
    const { error, error_description: description } = answer.json();
    assert.equal(error, 'invalid_request');
    assert.match(description, reason);
    assert.equal(await isSignedIn(), true);
  });
}

test('a token that was used, none, one for another provider, and a provider that is down', async () => {
  await site.signIn('carl', undefined, {}, { sid: 'three', iat: seconds(-1) });
  const token = await site.provider.logoutToken({ sid: 'four' });
  assert.equal((await send(token)).statusCode, 200);
  const again = await send(token);
  assert.equal(again.statusCode, 400);
  assert.match(again.json().error_description, /used before/);
  const asked = site.provider.asked.get('/jwks');
  for (const it of ['', 'a.b.c', 'x'.repeat(15_000)])
    assert.equal((await send(it)).statusCode, 400);
  assert.equal(site.provider.asked.get('/jwks'), asked, 'nothing is fetched for what is no token');
  const bare = await site.server.inject({ method: 'POST', url: PATH, payload: {} });
  assert.deepEqual([bare.statusCode, bare.json().error], [400, 'invalid_request']);
  const elsewhere = await send(token, '/api/sign-in/nowhere/logout/');
  assert.equal(elsewhere.statusCode, 400);
  assert.equal(elsewhere.headers['chit-error'], 'sign_in_unknown');
  // What was fetched last is used for a second.
  site.opened.clock.offsetMs = 1_001;
  site.provider.faults = { isDown: true };
  const silent = await send(await site.provider.logoutToken({ sid: 'three' }));
  assert.equal(silent.statusCode, 400, 'as the specification says of every failure');
  assert.equal(silent.headers['chit-error'], 'sign_in_unreachable');
  assert.equal(await isSignedIn(), true);
});
