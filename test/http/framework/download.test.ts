/** Files are sent while they are read; whoever leaves ends the reading. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import Fastify from 'fastify';
import { HeavyReads } from '../../../src/app/operations/heavy-reads.ts';
import { sendFile } from '../../../src/http/framework/download.ts';

test('a client who leaves before the first piece does not keep a place of its exports', {
  timeout: 60_000,
}, async () => {
  const reads = new HeavyReads({ atOnce: 1 });
  const began = new EventTarget();
  let slice = Promise.withResolvers<string | undefined>();
  const app = Fastify();
  const left: Promise<void>[] = [];
  app.get('/', async (_request, reply) => {
    left.push(once(reply.raw, 'close').then(() => undefined));
    const pieces = reads.inSlices('ada', () => {
      began.dispatchEvent(new Event('read'));
      return slice.promise;
    });
    return sendFile(reply, { name: 'file', type: 'text/plain', pieces });
  });
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  // Two exports of a reader run at the same time, so a third shows that they have ended.
  for (let nth = 0; nth < 3; nth += 1) {
    slice = Promise.withResolvers();
    const isRead = once(began, 'read');
    const client = connect(port).on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: chit\r\n\r\n');
    await isRead;
    client.destroy();
    await left.at(-1);
    slice.resolve('a piece');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  slice = Promise.withResolvers();
  slice.resolve(undefined);
  const { statusCode } = await app.inject('/');
  assert.equal(statusCode, 200);
  await app.close();
});
