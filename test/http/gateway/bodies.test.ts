/** Bodies under `/v1/` may be large, so what they cost in memory and in time is bounded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { published } from '../../support/published/check.ts';
import { connectTo } from '../../support/raw.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const PATH = '/v1/chat/completions';
const OPENING = 20_000;
const LIMIT_BYTES = 8_388_608;
const IMAGE = 'A'.repeat(6_000_000);
const STREAMS = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let emulator: ProviderEmulator;
let server: ModelServer;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  const patience = { headersTimeoutMs: 30_000, idleTimeoutMs: 30_000 };
  server = await startModelServer([modelAt(providerAt(emulator, 'openai', patience), 'gpt')], {
    CHIT_GATEWAY_BODY_LIMIT_BYTES: String(LIMIT_BYTES),
    CHIT_SIGNUP_TOKENS: String(OPENING),
  });
});
beforeEach(() => emulator.reset());
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

async function post(key: string, body: string, path = PATH): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return published(path, await send(`${server.url}${path}`, { method: 'POST', headers, body }));
}

function asked(content: unknown, more: object = {}): string {
  return JSON.stringify({
    model: 'gpt',
    max_tokens: 50,
    messages: [{ role: 'user', content }],
    ...more,
  });
}

test('130,000 parts are answered or refused, in whatever they are', async () => {
  const { key } = await server.newUser();
  for (const part of [1, null, true, '', 'a', {}, [], { type: 'text', text: 'a' }]) {
    const body = asked(Array.from({ length: 130_000 }, () => part));
    const { status } = await post(key, body);
    assert.ok(status === 200 || status === 400, `${status} for ${JSON.stringify(part)}`);
  }
});

describe('a body that would cost too much', () => {
  for (const [name, body, status, code] of [
    [
      'empty lists',
      `{"model":"gpt","messages":[${'[],'.repeat(1_000_000)}[]]}`,
      400,
      'malformed_request',
    ],
    ['more text than anything reads', asked('a b '.repeat(2_097_152)), 413, 'body_too_large'],
    [
      'more bytes than the setting',
      asked(Buffer.alloc(LIMIT_BYTES, 'A').toString()),
      413,
      'body_too_large',
    ],
  ] as const) {
    test(`for its ${name} is refused, and nothing is booked or asked`, async () => {
      const { key, userId } = await server.newUser();
      const answer = await post(key, body);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers['chit-error'], code);
      assert.deepEqual(await server.balanceOf(userId), { postedCredits: OPENING, heldCredits: 0 });
      assert.equal(emulator.requests.length, 0);
    });
  }
});

test('a list of 200,000 items is a request like any other', async () => {
  const { key } = await server.newUser();
  const answer = await post(key, asked('Wer jagt?', { stop_token_ids: Array(200_000).fill(1) }));
  assert.equal(answer.status, 200, answer.text);
});

/** Opens a request and sends its headers only. */
async function announce(key: string, bytes: number, url = server.url) {
  const socket = await connectTo(url);
  const lines = [
    `POST ${PATH} HTTP/1.1`,
    'Host: chit.test',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** The headers of a refusal that comes without the body. */
async function refusal(key: string, bytes: number): Promise<string> {
  const socket = await announce(key, bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

test('bodies that are on their way are bounded per account and in all, before they are read', {
  timeout: 20_000,
}, async () => {
  const users = await Promise.all([1, 2, 3, 4, 5].map(() => server.newUser()));
  const [first, second] = users as [(typeof users)[0], (typeof users)[0]];
  const open = [await announce(first.key, LIMIT_BYTES), await announce(first.key, LIMIT_BYTES)];
  // Answered in the order in which the connections were opened, so both are counted.
  const tooMuch = await refusal(first.key, 20_000);
  assert.match(tooMuch, /^HTTP\/1\.1 429 /);
  assert.match(tooMuch, /chit-error: too_much_at_once\r\n/);
  assert.match(tooMuch, /retry-after: \d+\r\n/);
  assert.equal((await post(first.key, asked('Wer jagt?'))).status, 200);
  assert.equal((await post(second.key, asked('Wer jagt? '.repeat(3_000)))).status, 200);

  for (const { key } of users.slice(1, 4)) {
    open.push(await announce(key, LIMIT_BYTES), await announce(key, LIMIT_BYTES));
  }
  const busy = await refusal(users[4]?.key ?? '', 20_000);
  assert.match(busy, /^HTTP\/1\.1 503 /);
  assert.match(busy, /chit-error: server_busy\r\n/);
  assert.match(busy, /retry-after: \d+\r\n/);

  for (const socket of open) socket.destroy();
  const { key } = await server.newUser();
  for (;;) {
    const { status } = await post(key, asked('Wer jagt? '.repeat(3_000)));
    if (status === 200) break;
    assert.equal(status, 503);
  }
});

/** A provider that reads every body without keeping it, sends one event and then nothing. */
async function startStreamer() {
  const streamer = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'eins' } }] })}\n\n`);
    });
  });
  await once(streamer.listen(0, '127.0.0.1'), 'listening');
  return streamer;
}

test('streams that are open have forgotten the bodies of their requests', async () => {
  const streamer = await startStreamer();
  const { port } = streamer.address() as AddressInfo;
  const provider = providerAt({ url: `http://127.0.0.1:${port}` }, 'openai', {
    idleTimeoutMs: 30_000,
  });
  const streaming = await startModelServer([modelAt(provider, 'gpt')]);
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } };
  const body = Buffer.from(asked([image, { type: 'text', text: 'Wer jagt?' }], { stream: true }));
  const open = async () => {
    const { key } = await streaming.newUser();
    const socket = await announce(key, body.length, streaming.url);
    socket.write(body);
    let text = '';
    while (!text.includes('eins')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      text += chunk.toString();
    }
    return socket;
  };
  // One to start with, so that everything is loaded.
  const sockets = [await open()];
  const before = await bytesInUse();
  for (let streams = 0; streams < STREAMS; streams += 1) sockets.push(await open());
  const kept = (await bytesInUse()) - before;
  for (const socket of sockets) socket.destroy();
  await streaming.close();
  streamer.closeAllConnections();
  streamer.close();
  assert.ok(kept < IMAGE.length, `${STREAMS} streams keep ${kept} bytes`);
});

/** What is in use once all garbage is collected, which takes a few turns for what is external. */
async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    collectGarbage();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('of the words of a message', () => {
  /** The message of one request. */
  async function messageOf(user: { userId: number; key: string }, content: string) {
    const { ledger, messages } = server.chit.context;
    const submit = mock.method(ledger, 'submit');
    const answer = await post(user.key, asked(content));
    const commands = submit.mock.calls.map((it) => it.arguments[0]);
    // The first may not have fitted before the input was counted.
    const command = commands.findLast((it) => it.kind === 'hold');
    submit.mock.restore();
    return { answer, message: await messages.find(user.userId, String(command?.generationId)) };
  }

  test('the first 16,384 characters are kept, with a mark', async () => {
    const user = await server.newUser();
    const long = await messageOf(user, 'Wer? '.repeat(4_000));
    assert.equal(long.answer.status, 200, long.answer.text);
    assert.equal(long.message?.content, `${'Wer? '.repeat(4_000).slice(0, 16_380)} […]`);
    const short = await messageOf(user, 'Wer jagt?');
    assert.equal(short.message?.content, 'Wer jagt?');
  });

  test('none are kept if the balance is too low', async () => {
    const { answer, message } = await messageOf(await server.newUser(), 'Wer? '.repeat(20_000));
    assert.equal(answer.status, 402);
    assert.equal(message, undefined);
  });

  test('none are kept if nothing was charged', async () => {
    emulator.behave({ refuse: { status: 400 } });
    const { answer, message } = await messageOf(await server.newUser(), 'Wer jagt?');
    assert.equal(answer.status, 400);
    assert.equal(message?.status, 'failed');
    assert.equal(message?.content, '');
  });
});
