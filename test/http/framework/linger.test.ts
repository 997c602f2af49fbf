/** A response that comes before the body was read must reach clients that send before they read. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connectTo, textUntilClosed } from '../../support/raw.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** Resolves when the system has taken the bytes; rejects if the connection is broken. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.write(bytes, (error) => {
      socket.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}

/**
 * Sends a request as nginx does by default: over HTTP/1.0, with `Connection: close`, and all of the
 * body before it reads.
 * @returns the response
 */
async function throughProxy(path: string, bodyBytes: number): Promise<string> {
  const socket = await connectTo(server.url);
  const head = [
    `POST ${path} HTTP/1.0`,
    'Host: chit.test',
    'Connection: close',
    'Authorization: Bearer expired.to.ken',
    'Content-Type: application/json',
    `Content-Length: ${bodyBytes}`,
  ].join('\r\n');
  await write(socket, Buffer.from(`${head}\r\n\r\n`));
  // The response is on its way before the body is.
  await new Promise<void>((resolve) => setTimeout(resolve, 50));
  const piece = Buffer.alloc(20_000, 'a');
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    await write(socket, piece.subarray(0, Math.min(piece.length, bodyBytes - sent)));
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
  return textUntilClosed(socket);
}

for (const path of ['/api/chat/', '/v1/chat/completions', '/healthz']) {
  for (const bytes of [20_000, 900_000]) {
    test(`a refusal of ${path} with a body of ${bytes} bytes arrives over Connection: close`, async () => {
      const answer = await throughProxy(path, bytes);
      const status = path === '/healthz' ? 405 : 401;
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      // Otherwise nginx keeps the connection, and the next request on it gets 502.
      assert.match(answer, /^connection: close\r$/im);
      // The whole response, and then the end of the connection.
      assert.match(answer, /\}$/);
    });
  }
}
