/** How tokens begin, are exchanged and end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import { type Answer, getWith, postJson } from '../support/http.ts';
import { newUser } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';
import { claimsOf } from '../support/tokens.ts';

const PASSWORD = 'Pa55word!x';
const BLACKLISTED = { detail: 'Token is blacklisted', code: 'token_not_valid' };
const NO_ACCOUNT = {
  detail: 'No active account found for the given token.',
  code: 'token_not_valid',
};
/** How long a user may still be taken for what he was. */
const FRESH_MS = 1_000;

let server: ServerHere;

before(async () => {
  server = await startServerHere();
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

async function assertRefused(answer: Promise<Answer>, body: unknown): Promise<void> {
  const { status, json, headers } = await answer;
  assert.equal(status, 401);
  assert.deepEqual(json, body);
  assert.equal(headers['www-authenticate'], 'Bearer realm="api"');
}

async function later(ms: number): Promise<void> {
  await sleep(ms);
}

test('tokens have the claims of Simple JWT and the lifetimes that are set', async () => {
  const { access, refresh } = await newUser(server.url, 'claims');
  for (const [token, type, lifetimeSeconds] of [
    [access, 'access', 15 * 60],
    [refresh, 'refresh', 24 * 3600],
  ] as const) {
    const { token_type, exp, iat, jti, user_id, ...others } = claimsOf(token);
    assert.equal(token_type, type);
    assert.equal(Number(exp) - Number(iat), lifetimeSeconds);
    assert.ok(Math.abs(Number(iat) * 1000 - Date.now()) < 60_000);
    assert.match(String(jti), /^[0-9a-f]{32}$/);
    assert.ok(Number.isSafeInteger(user_id));
    // What Simple JWT has not: when and how the user proved who they are, and the session.
    const { auth_time: provedAt, ...own } = others;
    if (type === 'refresh') assert.deepEqual(others, {});
    else {
      assert.ok(Math.abs(Number(provedAt) * 1000 - Date.now()) < 60_000);
      assert.deepEqual(own, { proved_by: 'password', sid: claimsOf(refresh).jti });
    }
  }
});

test('a refresh token gives new access tokens that work', async () => {
  const { refresh, access: first } = await newUser(server.url, 'refresher');
  const answer = await post('/api/token/refresh/', { refresh });
  assert.equal(answer.status, 200);
  const { access, ...others } = answer.json as { access: string };
  assert.deepEqual(others, {});
  assert.notEqual(access, first);
  assert.deepEqual((await balance(access)).json, { tokens: 4000 });
});

test('a blacklisted refresh token is refused everywhere, others of its user are not', async () => {
  const { refresh, access } = await newUser(server.url, 'leaver');
  const second = await post('/api/login/', { username: 'leaver', password: PASSWORD });
  const other = (second.json as { refresh: string }).refresh;
  assert.deepEqual((await post('/api/token/blacklist/', { refresh })).json, {});
  await storingNothing(server.folder, async () => {
    await assertRefused(post('/api/token/refresh/', { refresh }), BLACKLISTED);
    await assertRefused(post('/api/token/verify/', { token: refresh }), BLACKLISTED);
    await assertRefused(post('/api/token/blacklist/', { refresh }), BLACKLISTED);
  });
  assert.equal((await post('/api/token/refresh/', { refresh: other })).status, 200);
  assert.equal((await balance(access)).status, 200);
});

test('a change of password asks for the old one and ends all refresh tokens', async () => {
  const { access, refresh } = await newUser(server.url, 'changer');
  const change = (old_password: string, new_password: unknown) =>
    post('/api/password/', { old_password, new_password }, access);

  await storingNothing(server.folder, async () => {
    const wrong = await change('not it', 'a new one');
    const message = 'This is not your current password.';
    assert.deepEqual([wrong.status, wrong.json], [400, { old_password: [message] }]);
    for (const fault of ['', '  ', null, 7, 'n'.repeat(1_025), 'a\0b']) {
      const answer = await change(PASSWORD, fault);
      assert.equal(answer.status, 400);
      assert.deepEqual(Object.keys(answer.json as object), ['new_password']);
    }
  });
  assert.equal((await post('/api/token/refresh/', { refresh })).status, 200, 'nothing has ended');

  assert.deepEqual((await change(PASSWORD, ' new one ')).json, {});
  await assertRefused(post('/api/token/refresh/', { refresh }), BLACKLISTED);
  await assertRefused(post('/api/token/verify/', { token: refresh }), BLACKLISTED);
  for (const password of [PASSWORD, 'new one']) {
    const answer = await post('/api/login/', { username: 'changer', password });
    assert.deepEqual([answer.status, answer.json], [400, { error: 'Invalid credentials' }]);
  }
  const login = await post('/api/login/', { username: 'changer', password: ' new one ' });
  const renewed = login.json as { refresh: string };
  assert.equal((await post('/api/token/refresh/', renewed)).status, 200);
});

test('a password change does not affect other users', async () => {
  const { access } = await newUser(server.url, 'one');
  const other = await newUser(server.url, 'two');
  await post('/api/password/', { old_password: PASSWORD, new_password: 'another one' }, access);
  assert.equal((await post('/api/token/refresh/', { refresh: other.refresh })).status, 200);
  const login = await post('/api/login/', { username: 'two', password: PASSWORD });
  assert.equal(login.status, 200);
});

test('a disabled user is refused within a second, and let in again when enabled', async () => {
  const { access, refresh } = await newUser(server.url, 'disabled');
  assert.equal((await balance(access)).status, 200);
  assert.equal((await runCommand(server.folder, ['users', 'disable', 'disabled'])).code, 0);
  await later(FRESH_MS);
  await storingNothing(server.folder, async () => {
    const inactive = { detail: 'User is inactive', code: 'user_inactive' };
    await assertRefused(balance(access), inactive);
    await assertRefused(post('/api/chat/', { message: 'hi' }, access), inactive);
    await assertRefused(
      post('/api/password/', { old_password: PASSWORD, new_password: 'another one' }, access),
      inactive,
    );
    await assertRefused(post('/api/token/refresh/', { refresh }), NO_ACCOUNT);
    await assertRefused(post('/api/token/verify/', { token: refresh }), NO_ACCOUNT);
    const login = await post('/api/login/', { username: 'disabled', password: PASSWORD });
    assert.deepEqual([login.status, login.json], [400, { error: 'Invalid credentials' }]);
  });
  assert.equal((await runCommand(server.folder, ['users', 'enable', 'disabled'])).code, 0);
  assert.equal((await balance(access)).status, 200);
  assert.equal((await post('/api/token/refresh/', { refresh })).status, 200);
  const login = await post('/api/login/', { username: 'disabled', password: PASSWORD });
  assert.equal(login.status, 200);
});

test('the tokens of a deleted user are invalid, and the name is available again', async () => {
  const { access, refresh } = await newUser(server.url, 'deleted');
  await post('/api/chat/', { message: 'my secret words' }, access);
  assert.equal((await runCommand(server.folder, ['users', 'delete', 'deleted', '--yes'])).code, 0);
  await later(FRESH_MS);
  const notFound = { detail: 'User not found', code: 'user_not_found' };
  await storingNothing(server.folder, async () => {
    await assertRefused(balance(access), notFound);
    await assertRefused(post('/api/chat/', { message: 'hi' }, access), notFound);
    await assertRefused(post('/api/token/refresh/', { refresh }), NO_ACCOUNT);
    const login = await post('/api/login/', { username: 'deleted', password: PASSWORD });
    assert.equal(login.status, 400);
  });
  const words = await query(
    server.folder,
    "SELECT id FROM messages WHERE content LIKE '%secret words%'",
  );
  assert.deepEqual(words, []);

  const again = await newUser(server.url, 'deleted');
  assert.notEqual(idOf(again.access), idOf(access));
  assert.deepEqual((await balance(again.access)).json, { tokens: 4000 });
  await assertRefused(balance(access), notFound);
});
