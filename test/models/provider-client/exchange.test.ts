/** One request over undici's dispatcher: what is read of its response, and when it is given up. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Agent } from 'undici';
import { exchange } from '../../../src/models/provider-client/exchange.ts';

const WAITING_BYTES = 65_536;

/** A server that answers by `handle`, and a function that sends it a request. */
async function served(t: TestContext, handle: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => handle(response));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new Agent({ bodyTimeout: 5_000 });
  t.after(async () => {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = (abort = new AbortController()) =>
    exchange(agent, { origin, path: '/', method: 'POST', body: '{}' }, abort.signal);
  return { server, send };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

test('the status, the headers and the whole body of a response are there', async (t) => {
  const { send } = await served(t, (response) => {
    response.writeHead(418, { 'content-type': 'text/tea' }).write('one, ');
    setImmediate(() => response.end('two'));
  });
  const { status, headers, body } = await send();
  assert.equal(status, 418);
  assert.equal(headers['content-type'], 'text/tea');
  assert.equal(await textOf(body), 'one, two');
});

test('what came before the connection broke is read before the failure is thrown', async (t) => {
  const { send } = await served(t, (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => {
      response.socket?.end();
    });
  });
  const { body } = await send();
  const read: string[] = [];
  await assert.rejects(async () => {
    for await (const chunk of body) read.push(chunk.toString());
  });
  assert.deepEqual(read, ['half']);
});

test('an abort before the response rejects with its reason, at once', async (t) => {
  const { server, send } = await served(t, () => undefined);
  const abort = new AbortController();
  const reason = new Error('Nobody waits any more.');
  const answer = send(abort);
  await once(server, 'request');
  abort.abort(reason);
  await assert.rejects(answer, reason);
  await assert.rejects(send(abort), reason);
});

test('an abort while a body is read throws its reason and closes the connection', async (t) => {
  let socket: Socket | null = null;
  const { send } = await served(t, (response) => {
    socket = response.socket;
    response.writeHead(200).write('begun');
  });
  const abort = new AbortController();
  const { body } = await send(abort);
  const chunks = body[Symbol.asyncIterator]();
  assert.equal((await chunks.next()).value?.toString(), 'begun');
  const closed = once(socket as unknown as Socket, 'close');
  const next = chunks.next();
  abort.abort(new Error('Stopped.'));
  await assert.rejects(next, /Stopped/);
  await closed;
});

test('a body that is not read to its end closes the connection', async (t) => {
  let closed: Promise<unknown> = Promise.resolve();
  const { send } = await served(t, (response) => {
    closed = once(response, 'close');
    response.writeHead(200).write('begun');
  });
  const { body } = await send();
  for await (const _ of body) break;
  await closed;
});

test('a provider waits for a reader that is slow, and nothing is lost', async (t) => {
  const total = 24 * 1_048_576;
  const piece = Buffer.alloc(1_048_576, 'x');
  let written = 0;
  let held: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const { send } = await served(t, (response) => {
    response.writeHead(200, { 'content-length': String(total) });
    const write = () => {
      while (written < total) {
        written += piece.length;
        if (response.write(piece)) continue;
        // The buffers of the system are full, and stay so while nobody reads.
        const timer = setTimeout(held, 300);
        response.once('drain', () => {
          clearTimeout(timer);
          write();
        });
        return;
      }
      response.end();
    };
    write();
  });
  const { body } = await send();
  await isHeld;
  assert.ok(written < total, 'All of it was sent although nothing was read.');
  let read = 0;
  let largest = 0;
  for await (const chunk of body) {
    read += chunk.length;
    largest = Math.max(largest, chunk.length);
  }
  assert.equal(read, total);
  assert.ok(largest <= WAITING_BYTES * 2, `${largest} bytes were waiting.`);
});
