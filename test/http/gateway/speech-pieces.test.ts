/** Sound passes on as it comes, and costs what all of it does however it ends. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { faultsOf } from '../../support/chit.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

const OPENING = 4_000;
const INPUT = 'Zwölf Boxkämpfer';
const COST = 32;
const FIRST = Buffer.from([0xff, 0xfb, 0x90, 0, 0x0d, 0x0a, 0xc3]);
const SECOND = Buffer.from([0x28, 0, 0x80, 0xfe]);

let provider: DrivenProvider;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  provider = await startDrivenProvider();
  const patience = { headersTimeoutMs: 30_000, idleTimeoutMs: 30_000 };
  const upstream = providerAt(provider, 'openai', patience);
  server = await startModelServer([
    modelAt(upstream, 'tts', { price: { rates: { character: [2, 1] } } }),
    modelAt(upstream, 'gpt', { price: TOKEN_PRICE }),
  ]);
});
beforeEach(async () => {
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await provider.close();
});

function speak(signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'tts', input: INPUT, voice: 'alloy' });
  const options = { method: 'POST', headers, body, ...(signal ? { signal } : {}) };
  return fetch(`${server.url}/v1/audio/speech`, options);
}

/** A client that has the first piece, of a provider that has more. */
async function begun(signal?: AbortSignal) {
  const answering = speak(signal);
  const upstream = await provider.next();
  upstream.send('audio/mpeg', FIRST);
  const answer = await answering;
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  assert.deepEqual(Buffer.from(value as Uint8Array), FIRST);
  return { answer, reader, upstream };
}

async function assertCharged(credits: number): Promise<void> {
  await server.chit.context.generations.idle();
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: OPENING - credits,
    heldCredits: 0,
  });
}

test('the first piece is there before the last is made, and the charge with the end', async () => {
  const { answer, reader, upstream } = await begun();
  assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
  const running = await server.balanceOf(user.userId);
  assert.deepEqual(running, { postedCredits: OPENING, heldCredits: COST });
  upstream.send('audio/mpeg', SECOND);
  assert.deepEqual(Buffer.from((await reader.read()).value as Uint8Array), SECOND);
  upstream.end('');
  assert.equal((await reader.read()).done, true);
  // The end is told once the charge is in the ledger.
  const { postedCredits } = await server.balanceOf(user.userId);
  assert.equal(postedCredits, OPENING - COST);
  await assertCharged(COST);
});

test('sound that breaks off breaks off for the client, and costs all of it', async () => {
  const { reader, upstream } = await begun();
  upstream.cut();
  await assert.rejects(reader.read());
  await assertCharged(COST);
});

test('sound that breaks off before its first piece costs nothing, and is an error', async () => {
  const answering = speak();
  const upstream = await provider.next();
  upstream.cut();
  assert.equal((await answering).status, 502);
  await assertCharged(0);
});

test('a client that leaves pays for all, which is read to its end', async (t) => {
  const responses: ServerResponse[] = [];
  const onRequest = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.url === '/v1/audio/speech') responses.push(response);
  };
  subscribe('http.server.request.start', onRequest);
  t.after(() => unsubscribe('http.server.request.start', onRequest));
  const leaving = new AbortController();
  const { upstream } = await begun(leaving.signal);
  const noticed = once(responses[0] as ServerResponse, 'close');
  leaving.abort();
  await noticed;
  upstream.send('audio/mpeg', SECOND);
  upstream.end('');
  await upstream.closed;
  assert.equal(upstream.isAborted, false);
  await assertCharged(COST);
});

test('a client of HTTP/1.0 gets the bytes without frames', async () => {
  const body = JSON.stringify({ model: 'tts', input: INPUT, voice: 'alloy' });
  const received = rawAnswer(`POST /v1/audio/speech HTTP/1.0`, body);
  const upstream = await provider.next();
  upstream.send('audio/mpeg', FIRST);
  upstream.end('');
  const [head = '', sound = ''] = (await received).split('\r\n\r\n');
  assert.doesNotMatch(head, /transfer-encoding/i);
  assert.deepEqual(Buffer.from(sound, 'latin1'), FIRST);
  await assertCharged(COST);
});

test('streams follow each other on one connection, each ended by its last frame', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('latin1');
  const messages = [{ role: 'user', content: 'Hello?' }];
  const body = JSON.stringify({ model: 'gpt', messages, max_tokens: 50, stream: true });
  for (const word of ['Zwölf', 'Boxkämpfer']) {
    const received = readFrames(socket);
    socket.write(requestText('POST /v1/chat/completions HTTP/1.1', body));
    const upstream = await provider.next();
    const choices = [{ index: 0, delta: { content: word }, finish_reason: null }];
    const event = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices };
    upstream.end(`data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`);
    const text = await received;
    assert.ok(text.includes(word), text);
    assert.ok(text.endsWith('data: [DONE]\n\n'), text);
  }
  socket.destroy();
  await server.chit.context.generations.idle();
});

function requestText(line: string, body: string): string {
  const head = [
    line,
    'Host: localhost',
    `Authorization: Bearer ${user.key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

async function rawAnswer(line: string, body: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('latin1');
  socket.write(requestText(line, body));
  return (await Array.fromAsync(socket as AsyncIterable<string>)).join('');
}

/** The text in the frames of a response, once the last one has come. */
async function readFrames(socket: Socket): Promise<string> {
  let received = '';
  while (!received.endsWith('\r\n0\r\n\r\n')) {
    const [some] = (await once(socket, 'data')) as [string];
    received += some;
  }
  let rest = received.slice(received.indexOf('\r\n\r\n') + 4);
  let text = '';
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (length === 0) return Buffer.from(text, 'latin1').toString('utf8');
    text += rest.slice(lineEnd + 2, lineEnd + 2 + length);
    rest = rest.slice(lineEnd + 2 + length + 2);
  }
}
