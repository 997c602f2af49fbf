/** Event streams, and replies that are followed through lost connections. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { ApiError } from '../../../web/src/api/client.ts';
import { eventsOf } from '../../../web/src/api/event-stream.ts';
import { followReply } from '../../../web/src/api/stream.ts';
import { messageWith } from '../state/support.ts';
import { FakeServer, provideStorage, refusal, streamOf } from './support.ts';

const STREAM = '/api/messages/m1/stream/';
const DONE = messageWith({ reply: 'one two' });

let server: FakeServer;

before(() => {
  // The browser's window tells when the network is back.
  Object.defineProperty(globalThis, 'window', { value: new EventTarget() });
});
beforeEach(() => {
  provideStorage();
  server = new FakeServer();
});
afterEach(() => server.close());

const event = (name: string, data: unknown, id = '') =>
  `event: ${name}\n${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const delta = (text: string, id: string) => event('delta', { text }, id);

async function all(response: Response) {
  const events = [];
  for await (const it of eventsOf(response)) events.push(it);
  return events;
}

/** Follows the reply, answered by these one after another; the network is back at once. */
async function follow(...answers: Response[]) {
  const texts: string[] = [];
  const connections: boolean[] = [];
  server.on(`GET ${STREAM}`, () => answers.shift() ?? refusal(404, {}));
  const done = await followReply('m1', {
    onText: (text) => texts.push(text),
    onConnection: (isThere) => {
      connections.push(isThere);
      if (!isThere) setTimeout(() => window.dispatchEvent(new Event('online')), 5);
    },
    signal: new AbortController().signal,
  });
  return { done, texts, connections };
}

test('events are read as they come, however they are cut into pieces', async () => {
  const text = delta('one', '1') + event('done', { id: 'm1' });
  for (const size of [1, 7, text.length]) {
    const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(await all(streamOf(pieces)), [
      { name: 'delta', id: '1', data: { text: 'one' } },
      { name: 'done', id: '', data: { id: 'm1' } },
    ]);
  }
});

test('comments are no events, and an event that was cut off is not given out', async () => {
  assert.deepEqual(await all(streamOf([': keep-alive\n\n', 'event: delta\ndata: {"te'])), []);
});

test('a reader that stops early cancels the response', async () => {
  let isCancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(delta('one', '1'))),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const { name } of eventsOf(new Response(body))) {
    if (name === 'delta') break;
  }
  assert.equal(isCancelled, true);
});

test('a reply is read to its end', async () => {
  const pieces = [delta('one ', '1'), delta('two', '2'), event('done', DONE)];
  const { done, texts, connections } = await follow(streamOf(pieces));
  assert.deepEqual(done, DONE);
  assert.deepEqual(texts, ['one ', 'two']);
  assert.deepEqual(connections, [true]);
});

test('after a lost connection it goes on behind the last event, and no text comes twice', async () => {
  const { texts, connections } = await follow(
    streamOf([delta('one ', '1')], true),
    streamOf([delta('two', '2'), event('done', DONE)]),
  );
  assert.deepEqual(texts, ['one ', 'two']);
  assert.deepEqual(connections, [true, false, true]);
  const positions = server.requests.map(({ headers }) => headers.get('last-event-id'));
  assert.deepEqual(positions, [null, '1']);
});

test('a stream that ends without `done`, an error event and a busy server are tried again', async () => {
  const { done, connections } = await follow(
    streamOf([delta('one ', '1')]),
    streamOf([event('error', { detail: 'x', code: 'internal_error' })]),
    refusal(503, {}),
    streamOf([event('done', DONE)]),
  );
  assert.deepEqual(done, DONE);
  assert.deepEqual(connections, [true, false, true, false, false, true]);
});

test('a reply that the server refuses is not asked for again', async () => {
  await assert.rejects(follow(refusal(404, {})), ApiError);
  assert.equal(server.requests.length, 1);
});

test('following ends when its reader goes away, also while waiting for the network', async () => {
  const stop = new AbortController();
  const followed = followReply('m1', {
    onText: () => {},
    onConnection: () => stop.abort(),
    signal: stop.signal,
  });
  await assert.rejects(followed, { name: 'AbortError' });
  assert.equal(server.requests.length, 1);
});
