/** Files on slow lines: they take as long as they take, unless they stop coming. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, textUntilClosed, written } from '../../support/raw.ts';
import { newUser, startServer, type TestServer } from '../../support/server.ts';

/** Longer than a busy machine lets the client wait between two pieces. */
const TIMEOUT_SECONDS = 4;
const FORM_HEAD =
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n' +
  'Content-Type: text/plain\r\n\r\n';
const FORM_END = '\r\n--x--\r\n';
/** Sent several times as fast as a body must come at least. */
const PIECE_BYTES = 8_000;
const FILE_BYTES = 105 * PIECE_BYTES;

let server: TestServer;
let access: string;
before(async () => {
  server = await startServer({ CHIT_REQUEST_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS) });
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

/** Begins to upload a file. */
async function begin() {
  const socket = await connectTo(server.url);
  const length = FORM_HEAD.length + FILE_BYTES + FORM_END.length;
  const headers = [
    `Authorization: Bearer ${access}`,
    'Content-Type: multipart/form-data; boundary=x',
    `Content-Length: ${length}`,
  ];
  const answer = textUntilClosed(socket);
  socket.write(written('POST', '/api/files/', headers, FORM_HEAD));
  return { socket, answer };
}

test('a file takes several times as long as a request may, and arrives whole', async () => {
  const startedMs = performance.now();
  const { socket, answer } = await begin();
  // Node looks once a second for requests that take too long.
  for (let sent = 0; sent < FILE_BYTES; sent += PIECE_BYTES) {
    socket.write('x'.repeat(PIECE_BYTES));
    await sleep(80);
  }
  socket.write(FORM_END);
  assert.match(await answer, new RegExp(`^HTTP/1\\.1 201 [\\s\\S]*"size":${FILE_BYTES}`));
  assert.ok(performance.now() - startedMs > 2 * TIMEOUT_SECONDS * 1_000);
});

test('a file that stops coming, or only drips, is cut off and not stored', async () => {
  const [stopped, dripping] = [await begin(), await begin()];
  stopped.socket.write('x'.repeat(1_000));
  const timer = setInterval(() => dripping.socket.write('x'), 20);
  const answers = await Promise.all([stopped.answer, dripping.answer]);
  clearInterval(timer);
  for (const text of answers) assert.match(text, /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  const headers = { authorization: `Bearer ${access}` };
  const space = await fetch(`${server.url}/api/files/`, { headers });
  assert.equal(((await space.json()) as { used: number }).used, FILE_BYTES);
});
