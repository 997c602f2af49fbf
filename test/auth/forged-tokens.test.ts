/** Tokens that another site made with our key, and those that somebody made without it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { query, storingNothing } from '../support/database.ts';
import { type Answer, getWith, postJson } from '../support/http.ts';
import { newUser } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';
import { claimsOf, forge } from '../support/tokens.ts';

const PASSWORD = 'Pa55word!x';
const BLACKLISTED = { detail: 'Token is blacklisted', code: 'token_not_valid' };
const INVALID = { detail: 'Token is invalid or expired', code: 'token_not_valid' };

let server: ServerHere;
let aliceId: number;

before(async () => {
  server = await startServerHere();
  aliceId = idOf((await newUser(server.url, 'alice')).access);
});
after(() => server.stop());

function post(path: string, body: unknown, accessToken?: string): Promise<Answer> {
  return postJson(`${server.url}${path}`, body, accessToken);
}

function balance(accessToken: string): Promise<Answer> {
  return getWith(`${server.url}/api/tokens/`, accessToken);
}

function idOf(token: string): number {
  return claimsOf(token).user_id as number;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

test('a token of a site with our key is accepted, its user id as number or text', async () => {
  for (const user_id of [aliceId, String(aliceId)]) {
    assert.deepEqual((await balance(forge('access', { user_id }))).json, { tokens: 4000 });
    const refresh = forge('refresh', { user_id });
    assert.equal((await post('/api/token/verify/', { token: refresh })).status, 200);
    const answer = await post('/api/token/refresh/', { refresh });
    assert.equal(answer.status, 200);
    const { access } = answer.json as { access: string };
    assert.equal(idOf(access), aliceId, 'ours is a number again');
  }
});

test('a refresh token of another site can be blacklisted here', async () => {
  const refresh = forge('refresh', { user_id: aliceId });
  assert.equal((await post('/api/token/blacklist/', { refresh })).status, 200);
  for (const [path, body] of [
    ['/api/token/refresh/', { refresh }],
    ['/api/token/verify/', { token: refresh }],
  ] as const) {
    assert.deepEqual((await post(path, body)).json, BLACKLISTED);
  }
});

test('a change of password ends the refresh tokens of other sites that are older', async () => {
  const { access } = await newUser(server.url, 'moved');
  const user_id = idOf(access);
  const older = forge('refresh', { user_id, iat: nowSeconds() - 5 });
  const undated = forge('refresh', { user_id, iat: undefined });
  assert.equal((await post('/api/token/refresh/', { refresh: older })).status, 200);
  const change = { old_password: PASSWORD, new_password: 'another one' };
  assert.equal((await post('/api/password/', change, access)).status, 200);
  for (const refresh of [older, undated]) {
    assert.deepEqual((await post('/api/token/refresh/', { refresh })).json, BLACKLISTED);
    assert.deepEqual((await post('/api/token/verify/', { token: refresh })).json, BLACKLISTED);
  }
  const newer = forge('refresh', { user_id, iat: nowSeconds() + 2 });
  assert.equal((await post('/api/token/refresh/', { refresh: newer })).status, 200);
});

test('an access token ends when its time is up, also one that was in use until then', async () => {
  const expired = await balance(forge('access', { user_id: aliceId, exp: nowSeconds() - 1 }));
  assert.equal(expired.status, 401);
  assert.deepEqual(expired.json, {
    detail: 'Given token not valid for any token type',
    code: 'token_not_valid',
    messages: [{ token_class: 'AccessToken', token_type: 'access', message: INVALID.detail }],
  });
  let exp = 0;
  let brief = '';
  // On a slow machine the time may be up before the answer.
  for (let isOver = true; isOver; ) {
    exp = nowSeconds() + 2;
    brief = forge('access', { user_id: aliceId, exp });
    const { status } = await balance(brief);
    isOver = status !== 200 && Date.now() >= exp * 1_000;
    if (!isOver) assert.equal(status, 200);
  }
  await sleep(Math.max(0, exp * 1_000 - Date.now()) + 100);
  const chat = await storingNothing(server.folder, () =>
    post('/api/chat/', { message: 'hi' }, brief),
  );
  assert.equal(chat.status, 401);
});

test('times that are no whole seconds do no harm', async () => {
  for (const [claims, status] of [
    [{ exp: nowSeconds() + 900.1234567, iat: nowSeconds() - 0.7654321 }, 200],
    [{ exp: 1e300 }, 401],
    [{ iat: 1e300 }, 401],
    [{ exp: String(nowSeconds() + 900) }, 401],
    [{ exp: null }, 401],
    [{ iat: 'yesterday' }, 401],
    [{ exp: -1 }, 401],
  ] as const) {
    const refresh = forge('refresh', { user_id: aliceId, ...claims });
    const answer = await post('/api/token/blacklist/', { refresh });
    assert.equal(answer.status, status, JSON.stringify(claims));
    if (status !== 200) assert.equal((answer.json as { code: string }).code, 'token_not_valid');
    const again = await post('/api/token/refresh/', { refresh });
    assert.equal(again.status, 401, JSON.stringify(claims));
  }
  // Half a millisecond was claimed; what is kept is whole.
  const kept = await query(server.folder, 'SELECT expires_at, issued_at FROM refresh_tokens');
  for (const row of kept) {
    assert.ok(Number.isInteger(row.expires_at) && Number.isInteger(row.issued_at));
  }
});

test('a token without a user, or with an invalid id, is refused', async () => {
  for (const user_id of [
    0,
    -1,
    1,
    1.5,
    2 ** 53,
    1e300,
    '1e3',
    '0x10',
    '',
    ' ',
    null,
    true,
    [],
    {},
  ]) {
    await storingNothing(server.folder, async () => {
      const access = forge('access', { user_id });
      const answer = await post('/api/chat/', { message: 'hi' }, access);
      assert.equal(answer.status, 401, JSON.stringify(user_id));
      const refresh = await post('/api/token/refresh/', { refresh: forge('refresh', { user_id }) });
      assert.equal(refresh.status, 401, JSON.stringify(user_id));
    });
  }
});

test('a token with another key, another algorithm or none is refused', async () => {
  const [header = '', payload = '', signature = ''] = forge('access', { user_id: aliceId }).split(
    '.',
  );
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const hs512 = Buffer.from('{"alg":"HS512","typ":"JWT"}').toString('base64url');
  for (const token of [
    forge('access', { user_id: aliceId }, 'another key that has as many bytes as it needs'),
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${hs512}.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${header}.${payload}.${signature}.${signature}`,
    `.${payload}.${signature}`,
    `${header}..${signature}`,
    '..',
    '.'.repeat(15_000),
    'a'.repeat(15_000),
    `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
  ]) {
    const answer = await storingNothing(server.folder, () =>
      post('/api/chat/', { message: 'hi' }, token),
    );
    assert.equal(answer.status, 401, token.slice(0, 80));
    assert.equal((answer.json as { code: string }).code, 'token_not_valid');
    const verify = await post('/api/token/verify/', { token });
    assert.deepEqual([verify.status, verify.json], [401, INVALID], token.slice(0, 80));
  }
});

test('a token of one kind is not taken for the other', async () => {
  const access = forge('access', { user_id: aliceId });
  const refresh = forge('refresh', { user_id: aliceId });
  assert.equal((await balance(refresh)).status, 401);
  for (const path of ['/api/token/refresh/', '/api/token/blacklist/']) {
    const answer = await post(path, { refresh: access });
    assert.deepEqual(answer.json, { detail: 'Token has wrong type', code: 'token_not_valid' });
  }
  assert.equal((await balance(access)).status, 200, 'and it was not blacklisted');
});
