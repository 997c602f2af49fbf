/** Requests that are not quite HTTP, too large or too slow, byte by byte. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stored, storingNothing } from '../../support/database.ts';
import { getWith, send } from '../../support/http.ts';
import { connectTo, drip, exchange, type RawAnswer, written } from '../../support/raw.ts';
import { newUser, startServer, type TestServer } from '../../support/server.ts';

const TIMEOUT_SECONDS = 1;
/** The timeout, Node's check interval of a second, and slack for a busy machine. */
const CUT_OFF_WITHIN_MS = 20_000;
const BODY = '{"message":"hi"}';

let server: TestServer;
let chatHeaders: string[];

before(async () => {
  server = await startServer({ CHIT_REQUEST_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS) });
  const { access } = await newUser(server.url, 'alice');
  chatHeaders = ['Content-Type: application/json', `Authorization: Bearer ${access}`];
});
after(() => server.stop());

/** Sends invalid bytes and asserts that they had no effect. */
function sendInVain(bytes: string | Buffer): Promise<RawAnswer> {
  return storingNothing(server.folder, () => exchange(server.url, bytes));
}

function chat(extraHeaders: readonly string[], body = BODY): string {
  return written('POST', '/api/chat/', [...chatHeaders, ...extraHeaders], body);
}

test('a raw chat request is answered, so the requests below fail for what is wrong with them', async () => {
  const { messages } = await stored(server.folder);
  const answer = await exchange(server.url, chat([`Content-Length: ${BODY.length}`]));
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await stored(server.folder)).messages, Number(messages) + 1);
});

test('headers that are too large get 431, individually or together', async () => {
  for (const headers of [`X-Large: ${'a'.repeat(20_000)}`, 'X-Many: 1\r\n'.repeat(2_000).trim()]) {
    const answer = await sendInVain(chat([headers, `Content-Length: ${BODY.length}`]));
    assert.equal(answer.status, 431);
    assert.deepEqual(answer.json, {
      detail: 'The headers of the request are too large.',
      code: 'malformed_request',
    });
    assert.match(answer.text, /x-content-type-options: nosniff/i);
  }
});

test('a body ends at its Content-Length, and the rest is not a request', async () => {
  const answer = await sendInVain(chat(['Content-Length: 5']));
  assert.equal(answer.status, 400);
  assert.equal(answer.text.match(/HTTP\/1\.1/g)?.length, 1);
});

test('an invalid Content-Length gets 400', async () => {
  for (const length of ['-1', '1e2', '0x10', ' ', '16, 16', '99999999999999999999999']) {
    const answer = await sendInVain(chat([`Content-Length: ${length}`]));
    assert.equal(answer.status, 400, length);
    assert.deepEqual(answer.json, { detail: 'This is not valid HTTP.', code: 'malformed_request' });
  }
});

test('a request with two lengths, as in request smuggling, gets 400', async () => {
  const smuggled = `0\r\n\r\n${chat([`Content-Length: ${BODY.length}`])}`;
  for (const [headers, body] of [
    [['Content-Length: 4', 'Transfer-Encoding: chunked'], smuggled],
    [['Transfer-Encoding: chunked', 'Content-Length: 4'], smuggled],
    [['Content-Length: 16', 'Content-Length: 4'], BODY],
    [['Transfer-Encoding: chunked, identity'], smuggled],
    [['Transfer-Encoding: xchunked'], smuggled],
    [['Transfer-Encoding : chunked'], smuggled],
    [['Transfer-Encoding: chunked'], `1;\n\r\n${smuggled}`],
    [['Transfer-Encoding: chunked'], `g\r\n${smuggled}`],
  ] as const) {
    const answer = await sendInVain(chat(headers, body));
    assert.equal(answer.status, 400, headers.join());
    assert.equal(answer.text.match(/HTTP\/1\.1/g)?.length, 1, headers.join());
  }
});

test('bytes that are not HTTP get 400', async () => {
  for (const bytes of [
    'hello\r\n\r\n',
    'FETCH /api/chat/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n',
    'GET /healthz HTTP/1.1\nHost: x\n\n',
    'GET /healthz HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n',
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]),
  ]) {
    const answer = await sendInVain(bytes);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json, { detail: 'This is not valid HTTP.', code: 'malformed_request' });
  }
});

test('a client that is too slow with its first byte, headers or body is disconnected', async () => {
  const head = chat([`Content-Length: ${BODY.length}`], '');
  const tooShort = chat([`Content-Length: ${BODY.length + 1}`]);
  const answers = await storingNothing(server.folder, () =>
    Promise.all([
      ...['', 'POST /api/ch', head, `${head}{"mess`, tooShort].map((it) =>
        exchange(server.url, it),
      ),
      drip(server.url, `${head}${BODY}`),
    ]),
  );
  for (const answer of answers) {
    assert.equal(answer.status, 408);
    assert.deepEqual(answer.json, {
      detail: 'The request took too long to arrive.',
      code: 'request_timeout',
    });
    assert.ok(answer.elapsedMs >= TIMEOUT_SECONDS * 1000 - 50, `${answer.elapsedMs} ms`);
    assert.ok(answer.elapsedMs < CUT_OFF_WITHIN_MS, `${answer.elapsedMs} ms`);
  }
});

test('a client that disconnects while sending its body causes no server error', async () => {
  const errorsBefore = server.output().match(/request failed/g)?.length ?? 0;
  await storingNothing(server.folder, async () => {
    const socket = await connectTo(server.url);
    socket.write(`${chat([`Content-Length: ${BODY.length}`], '')}{"mess`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  assert.equal(server.output().match(/request failed/g)?.length ?? 0, errorsBefore);
});

test('pipelined requests are answered in order', async () => {
  const { host } = new URL(server.url);
  const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const answer = await exchange(
    server.url,
    `${one('/healthz')}${one('/api/nope/')}${written('GET', '/readyz')}`,
  );
  assert.deepEqual(answer.text.match(/HTTP\/1\.1 (\d+)/g), [
    'HTTP/1.1 200',
    'HTTP/1.1 404',
    'HTTP/1.1 200',
  ]);
});

test('after all of this the server still answers', async () => {
  const token = chatHeaders[1]?.replace('Authorization: Bearer ', '') ?? '';
  const balance = await getWith(`${server.url}/api/tokens/`, token);
  assert.deepEqual(balance.json, { tokens: 3900 });
  assert.equal((await send(`${server.url}/readyz`)).status, 200);
});
