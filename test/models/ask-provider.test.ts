/** How long the body of a request is there: until no other provider can be asked. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { askProvider } from '../../src/models/ask-provider.ts';
import { CHAT_COMPLETIONS } from '../../src/models/provider-apis/chat-completions.ts';
import { ProviderFailure } from '../../src/models/provider-client/provider-failure.ts';
import { RequestBody } from '../../src/models/request-body/request-body.ts';
import { providerAt } from '../support/upstream.ts';

/** Asks a provider that gives this answer; what was sent, and the body after that. */
async function asked(t: TestContext, answer: string, type = 'application/json') {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': type }).end(answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const provider = providerAt({ url: `http://127.0.0.1:${port}` }, 'openai');
  t.after(async () => {
    await provider.close();
    server.close();
  });
  const value = { model: 'a', messages: [{ role: 'user', content: 'Hello' }] };
  const body = new RequestBody(Buffer.from(JSON.stringify(value)), value);
  const { signal } = new AbortController();
  const request = { api: CHAT_COMPLETIONS, body };
  const deltas = askProvider(provider, request, { model: 'b', outputLimit: 10, signal });
  return { body, value, deltas };
}

test('after an answer that cannot be read a fallback can be asked', async (t) => {
  const { body, value, deltas } = await asked(t, '<html>Bad gateway</html>');
  await assert.rejects(Array.fromAsync(deltas), (error) => error instanceof ProviderFailure);
  assert.deepEqual(body.value, value);
  assert.deepEqual(JSON.parse(body.json.toString()), value);
});

test('after an answer the body is let go of', async (t) => {
  const { body, deltas } = await asked(t, JSON.stringify({ choices: [] }));
  await Array.fromAsync(deltas);
  assert.equal(body.json.length, 0);
});

test('what a provider says of its operator within a stream is not passed on', async (t) => {
  const chunk = { choices: [{ delta: { content: 'Hi' } }] };
  const error = { message: 'You exceeded your quota.', type: 'insufficient_quota' };
  const events = [chunk, { error }].map((it) => `data: ${JSON.stringify(it)}\n\n`).join('');
  const { deltas } = await asked(t, events, 'text/event-stream');
  let relayed = '';
  const readAll = async () => {
    for await (const { bytes } of deltas) relayed += Buffer.from(bytes ?? []).toString();
  };
  const isOperators = (it: unknown) => it instanceof ProviderFailure && it.reason === 'operator';
  await assert.rejects(readAll, isOperators);
  assert.match(relayed, /Hi/);
  assert.doesNotMatch(relayed, /quota/);
});

test('an error in place of an answer is a refusal, whatever its status', async (t) => {
  const statusOf = async (error: unknown) => {
    const { body, deltas } = await asked(t, JSON.stringify({ error }));
    let failure: unknown;
    await assert.rejects(Array.fromAsync(deltas), (it) => {
      failure = it;
      return it instanceof ProviderFailure;
    });
    assert.ok(body.json.length > 0, 'a fallback can be asked');
    const { status, reason } = failure as ProviderFailure;
    return [status, reason];
  };
  assert.deepEqual(await statusOf({ code: 429, message: 'Slow down' }), [429, 'refused']);
  assert.deepEqual(await statusOf({ code: 402, message: 'No credits' }), [402, 'operator']);
  assert.deepEqual(await statusOf('broken'), [502, 'refused']);
  assert.deepEqual(await statusOf({ code: 'x', message: 'broken' }), [502, 'refused']);
});
