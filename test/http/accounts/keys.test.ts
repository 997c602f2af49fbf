/** API keys: created, shown once, listed, revoked; and what they give access to. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setActive } from '../../support/chit.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  server = await startModelServer([
    modelAt(providerAt({ url: 'http://127.0.0.1:9' }, 'openai'), 'm'),
  ]);
});
beforeEach(async () => {
  user = await server.newUser();
});
after(() => server.close());

interface Made {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
}

const make = (body: object) => postJson(`${server.url}/api/keys/`, body, user.access);
const models = (headers: Record<string, string>) => send(`${server.url}/v1/models`, { headers });

test('a key is shown once, works, and is listed without its secret', async () => {
  const made = await make({ name: ' for tests ', models: ['m'] });
  assert.equal(made.status, 201);
  const { key, id, prefix } = made.json as Made;
  assert.match(key, /^chit_[A-Za-z0-9_-]{43}$/);
  assert.equal(prefix, key.slice(0, 12));
  assert.equal((await models({ authorization: `Bearer ${key}` })).status, 200);
  assert.equal((await models({ 'x-api-key': key })).status, 200);
  const list = await getWith(`${server.url}/api/keys/`, user.access);
  assert.ok(!list.text.includes(key));
  const [listed] = (list.json as { keys: (Made & { last_used_at: string })[] }).keys;
  assert.equal(listed?.id, id);
  assert.match(listed?.last_used_at ?? '', /Z$/);
});

test('what is stored cannot be used to sign in', async () => {
  const { key } = (await make({ name: 'kept' })).json as Made;
  const { context } = server.chit;
  const kept = await context.apiKeys.of(user.userId);
  assert.ok(!JSON.stringify(kept).includes(key.slice(12)));
});

test("a revoked key is refused within a second; other users' keys cannot be revoked", async () => {
  const { key, id } = (await make({ name: 'short' })).json as Made;
  const other = await server.newUser();
  const end = (access: string) =>
    send(`${server.url}/api/keys/${id}/`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access}` },
    });
  assert.equal((await end(other.access)).status, 404);
  assert.equal((await models({ 'x-api-key': key })).status, 200);
  assert.equal((await end(user.access)).status, 204);
  assert.equal((await end(user.access)).status, 404);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.equal((await models({ 'x-api-key': key })).status, 401);
});

test('an expired key is refused', async (t) => {
  const { context } = server.chit;
  const { now } = context;
  const expires_at = new Date(now() + 60_000).toISOString();
  const { key } = (await make({ name: 'soon over', expires_at })).json as Made;
  assert.equal((await models({ 'x-api-key': key })).status, 200);
  Object.assign(context, { now: () => now() + 60_001 });
  t.after(() => Object.assign(context, { now }));
  assert.equal((await models({ 'x-api-key': key })).status, 401);
});

test('keys work only under /v1/, where access tokens do not', async () => {
  assert.equal((await getWith(`${server.url}/api/tokens/`, user.key)).status, 401);
  assert.equal((await models({ authorization: `Bearer ${user.access}` })).status, 401);
  const none = await models({});
  assert.equal(none.status, 401);
  assert.equal((none.json as { error: { code: string } }).error.code, 'invalid_api_key');
});

test('the API keys of a disabled user do not work', async () => {
  await setActive(server.chit, user.userId, false);
  assert.equal((await models({ 'x-api-key': user.key })).status, 401);
});

test('invalid fields are reported, and no key is created', async () => {
  for (const body of [
    {},
    { name: '' },
    { name: 'x'.repeat(101) },
    { name: 'x', expires_at: 'soon' },
    { name: 'x', expires_at: '2020-01-01T00:00:00Z' },
    { name: 'x', models: ['none'] },
    { name: 'x', models: 'm' },
  ]) {
    assert.equal((await make(body)).status, 400, JSON.stringify(body));
  }
  const { json } = await getWith(`${server.url}/api/keys/`, user.access);
  assert.equal((json as { keys: unknown[] }).keys.length, 1);
});
