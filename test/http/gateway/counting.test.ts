/** Counting tokens is free, so only its own limit keeps one account from using up the server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { startProviderEmulator } from '../../support/providers/emulator.ts';
import { published } from '../../support/published/check.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let server: ModelServer;
let emulator: Awaited<ReturnType<typeof startProviderEmulator>>;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer([modelAt(providerAt(emulator, 'anthropic'), 'claude')]);
});
after(async () => {
  await server.close();
  await emulator.close();
});

async function count(key: string, content: string): Promise<Answer> {
  const body = JSON.stringify({ model: 'claude', messages: [{ role: 'user', content }] });
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const path = '/v1/messages/count_tokens';
  return published(path, await send(`${server.url}${path}`, { method: 'POST', headers, body }));
}

test('an account may count a hundred times a minute, and a long text is several times', async () => {
  const { key } = await server.newUser();
  const other = await server.newUser();
  for (let counted = 1; counted <= 97; counted += 1) {
    const { status, headers } = await count(key, 'Wer jagt?');
    assert.equal(status, 200);
    assert.match(String(headers.ratelimit), new RegExp(`r=${100 - counted};t=\\d+$`));
  }
  assert.equal((await count(key, 'a '.repeat(120_000))).status, 200);
  const refused = await count(key, 'Wer jagt?');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['chit-error'], 'rate_limited');
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.match(refused.text, /limited to 100 token counts per minute/);
  assert.equal((await count(other.key, 'Wer jagt?')).status, 200);
});

test('counts of both APIs have one limit', async () => {
  const { key } = await server.newUser();
  const path = '/v1/responses/input_tokens';
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'gpt', input: 'a '.repeat(120_000) });
  const countOnce = async () =>
    published(path, await send(`${server.url}${path}`, { method: 'POST', headers, body }));
  const first = await countOnce();
  assert.equal(first.status, 200);
  assert.match(String(first.headers.ratelimit), /r=97;/);
  for (let counted = 1; counted <= 97; counted += 1) await count(key, 'Wer jagt?');
  assert.equal((await count(key, 'Wer jagt?')).status, 429);
  assert.equal((await countOnce()).status, 429);
});

test('a model whose name is no string is refused, whatever it is', async () => {
  const { key } = await server.newUser();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (const path of ['/v1/responses/input_tokens', '/v1/messages/count_tokens']) {
    for (const model of ['7', '[{"toString":1}]', '{"toString":1}']) {
      const body = `{"model":${model},"messages":[],"input":"Hello"}`;
      const answer = await send(`${server.url}${path}`, { method: 'POST', headers, body });
      assert.equal(answer.status, 400, `${path} ${model}`);
      assert.equal(answer.headers['chit-error'], 'model_missing');
    }
  }
});
