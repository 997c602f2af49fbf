/** A retry with the same Idempotency-Key, over HTTP. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from '../../support/command-runner.ts';
import { type Answer, getWith, send } from '../../support/http.ts';
import { newUser } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

let server: ServerHere;
before(async () => {
  server = await startServerHere();
});
after(() => server.stop());

test('a retried chat gets the first response and is charged once', async () => {
  const { access } = await newUser(server.url, 'retrier');
  const first = await chat(access, 'hello', 'key-1');
  assert.equal(first.status, 200);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  for (let tries = 0; tries < 3; tries += 1) {
    const again = await chat(access, 'hello', 'key-1');
    assert.equal(again.status, 200);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.deepEqual(again.json, first.json);
  }
  assert.deepEqual(await tokens(access), { tokens: 3_900 });
});

test('the same key with another message is 422 and charges nothing', async () => {
  const { access } = await newUser(server.url, 'reuser');
  assert.equal((await chat(access, 'hello', 'k')).status, 200);
  const other = await chat(access, 'something else', 'k');
  assert.equal(other.status, 422);
  assert.match((other.json as { detail: string }).detail, /was already used for another request/);
  assert.deepEqual(await tokens(access), { tokens: 3_900 });
});

test('the same key of two users does not collide', async () => {
  const { access: one } = await newUser(server.url, 'one');
  const { access: two } = await newUser(server.url, 'two');
  assert.equal((await chat(one, 'mine', 'shared')).status, 200);
  const theirs = await chat(two, 'theirs', 'shared');
  assert.equal(theirs.status, 200);
  assert.equal(theirs.headers['idempotent-replayed'], undefined);
  assert.deepEqual(await tokens(two), { tokens: 3_900 });
});

test('50 concurrent chats with one key: one charge, and each gets the same response or 409', async () => {
  const { access } = await newUser(server.url, 'burst');
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => chat(access, 'only once', 'burst-key')),
  );
  const answered = answers.filter(({ status }) => status === 200);
  assert.ok(answered.length >= 1);
  assert.equal(new Set(answered.map(({ text }) => text)).size, 1);
  for (const { status, headers } of answers.filter((it) => it.status !== 200)) {
    assert.equal(status, 409);
    assert.equal(headers['retry-after'], '1');
  }
  assert.deepEqual(await tokens(access), { tokens: 3_900 });
});

test('a refused request does not use up its key', async () => {
  const poor = await startServerHere({ CHIT_SIGNUP_TOKENS: '99' });
  const { access } = await newUser(poor.url, 'poor');
  for (let tries = 0; tries < 2; tries += 1) {
    const refused = await chat(access, 'hello', 'key', poor.url);
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.json, { error: 'Insufficient tokens' });
    assert.equal(refused.headers['idempotent-replayed'], undefined);
  }
  assert.equal((await runCommand(poor.folder, ['grant', 'poor', '1', '--reason', 'x'])).code, 0);
  const answered = await chat(access, 'hello', 'key', poor.url);
  assert.deepEqual([answered.status, answered.headers['idempotent-replayed']], [200, undefined]);
  await poor.stop();
});

test('an empty key, or one longer than 255 characters, is refused', async () => {
  const { access } = await newUser(server.url, 'careless');
  for (const key of ['', 'x'.repeat(256)]) {
    const refused = await chat(access, 'hello', key);
    assert.equal(refused.status, 400);
    assert.match((refused.json as { detail: string }).detail, /1 to 255 characters/);
  }
  assert.equal((await chat(access, 'hello', 'x'.repeat(255))).status, 200);
  assert.deepEqual(await tokens(access), { tokens: 3_900 });
});

test('a retried sign-up creates one account and gets the same response', async () => {
  const first = await register('again', 'Pa55word!x', 'signup-1');
  const again = await register('again', 'Pa55word!x', 'signup-1');
  assert.deepEqual([first.status, again.status], [201, 201]);
  assert.deepEqual(again.json, first.json);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal((await register('again', 'another one', 'signup-1')).status, 422);
  assert.equal((await register('somebody else', 'Pa55word!x', 'signup-1')).status, 422);
  const other = await register('again', 'Pa55word!x', 'signup-2');
  assert.equal(other.status, 400);
  assert.deepEqual(other.json, { error: 'Username already exists' });
});

function chat(access: string, message: string, key: string, url = server.url): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${access}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const body = JSON.stringify({ message });
  return send(`${url}/api/chat/`, { method: 'POST', headers, body });
}

function register(username: string, password: string, key: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const body = JSON.stringify({ username, password });
  return send(`${server.url}/api/register/`, { method: 'POST', headers, body });
}

async function tokens(access: string): Promise<unknown> {
  return (await getWith(`${server.url}/api/tokens/`, access)).json;
}
