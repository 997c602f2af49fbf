/** Which bodies are accepted, and how others are refused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { query, storingNothing } from '../../support/database.ts';
import { type Answer, getWith, send } from '../../support/http.ts';
import { connectTo } from '../../support/raw.ts';
import { newUser, startServer, type TestServer } from '../../support/server.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=XBOUNDX';
const LIMIT_BYTES = 1_048_576;
const OBJECT_EXPECTED = { non_field_errors: ['Invalid data. Expected an object.'] };
const PATHS = ['/api/register/', '/api/login/', '/api/chat/'];

let server: TestServer;
let access: string;

before(async () => {
  server = await startServer();
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

/** Posts as alice. */
function post(path: string, contentType: string, body: string | Buffer): Promise<Answer> {
  const headers = { 'content-type': contentType, authorization: `Bearer ${access}` };
  return send(`${server.url}${path}`, { method: 'POST', headers, body });
}

/** Posts an invalid body and asserts that it had no effect. */
function postInVain(path: string, type: string, body: string | Buffer): Promise<Answer> {
  return storingNothing(server.folder, () => post(path, type, body));
}

async function balance(): Promise<unknown> {
  return (await getWith(`${server.url}/api/tokens/`, access)).json;
}

function multipart(...parts: string[]): string {
  return `${parts.map((part) => `--XBOUNDX\r\n${part}\r\n`).join('')}--XBOUNDX--\r\n`;
}

function field(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

/** Like a browser or an SDK: sends the whole body before reading the response. */
async function upload(path: string, body: string | ReadableStream): Promise<Response> {
  const headers = { 'content-type': JSON_TYPE, authorization: `Bearer ${access}` };
  return fetch(`${server.url}${path}`, { method: 'POST', headers, body, duplex: 'half' });
}

test('a body over the limit is refused with 413, and the client can read the response', async () => {
  for (const path of PATHS) {
    for (const bytes of [LIMIT_BYTES + 1, 10_000_000]) {
      const body = `{"message":"${'a'.repeat(bytes - 14)}"}`;
      const answer = await storingNothing(server.folder, () => upload(path, body));
      assert.equal(answer.status, 413);
      assert.deepEqual(await answer.json(), {
        detail: 'The request body is too large.',
        code: 'body_too_large',
      });
    }
  }
});

test('a client that reads only after sending everything also gets the 413', async () => {
  const body = 'a'.repeat(10_000_000);
  const socket = await connectTo(server.url);
  const head = `POST /api/login/ HTTP/1.1\r\nHost: chit.test\r\nContent-Type: ${JSON_TYPE}`;
  await new Promise<void>((resolve, reject) => {
    const sent = (error?: Error | null) => (error ? reject(error) : resolve());
    socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, sent);
  });
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
  socket.destroy();
});

test('a body over the limit is refused even without Content-Length', async () => {
  const chunk = Buffer.from('a'.repeat(100_000));
  const chunks = Array.from({ length: 30 }, () => chunk);
  const body = ReadableStream.from([Buffer.from('{"message":"'), ...chunks, Buffer.from('"}')]);
  const answer = await storingNothing(server.folder, () => upload('/api/chat/', body));
  assert.equal(answer.status, 413);
});

test('a body of exactly the limit is answered', async () => {
  const message = 'a'.repeat(1_000);
  const answer = await post(
    '/api/chat/',
    JSON_TYPE,
    JSON.stringify({ message }).padEnd(LIMIT_BYTES),
  );
  assert.equal(answer.status, 200, answer.text.slice(0, 200));
  assert.equal((answer.json as { message: string }).message, message);
});

test('JSON nested 100,000 deep is refused with 400, in arrays and in objects', async () => {
  const arrays = `{"message":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const objects = `{"message":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
  for (const body of [arrays, objects, '['.repeat(100_000)]) {
    for (const path of PATHS) {
      const answer = await postInVain(path, JSON_TYPE, body);
      assert.equal(answer.status, 400);
      assert.match((answer.json as { detail: string }).detail, /^JSON parse error - /);
    }
  }
});

test('JSON that is not an object gets 400 and says so', async () => {
  for (const body of ['[]', '[{"message":"hi"}]', '"hi"', '1', 'null', 'true']) {
    for (const path of PATHS) {
      const answer = await postInVain(path, JSON_TYPE, body);
      assert.equal(answer.status, 400, `${path} ${body}`);
      assert.deepEqual(answer.json, OBJECT_EXPECTED, `${path} ${body}`);
    }
  }
});

test('a body that is not UTF-8 gets 400, and no replacement characters are stored', async () => {
  for (const [type, body] of [
    [JSON_TYPE, Buffer.from('{"message":"caf\xe9"}', 'latin1')],
    [FORM, Buffer.from('message=caf\xe9', 'latin1')],
  ] as const) {
    const answer = await postInVain('/api/chat/', type, body);
    assert.equal(answer.status, 400);
    assert.match((answer.json as { detail: string }).detail, /not valid UTF-8/);
  }
});

test('a JSON body with a byte order mark, a comment or NaN is refused with 400', async () => {
  for (const body of ['\ufeff{"message":"hi"}', '{"message":"hi"}//', '{"message":NaN}']) {
    const answer = await postInVain('/api/chat/', JSON_TYPE, body);
    assert.equal(answer.status, 400);
    assert.match((answer.json as { detail: string }).detail, /^JSON parse error - /);
  }
});

test('names that are special in JavaScript are ordinary fields', async () => {
  const before = await balance();
  for (const [type, body] of [
    [JSON_TYPE, '{"__proto__":{"message":"stolen"},"constructor":{"prototype":{}}}'],
    [FORM, '__proto__=x&__proto__[message]=stolen&constructor=y&toString=z'],
    [MULTIPART, multipart(field('__proto__', 'x'), field('constructor', 'y'))],
  ] as const) {
    const answer = await postInVain('/api/chat/', type, body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json, { error: 'Message is required' });
  }
  assert.deepEqual(await balance(), before);
  // No prototype was polluted: a body without the field still has none.
  const empty = await postInVain('/api/chat/', JSON_TYPE, '{}');
  assert.deepEqual(empty.json, { error: 'Message is required' });
});

test('the last of two form fields with the same name counts, and one message is charged', async () => {
  for (const [type, body] of [
    [FORM, 'message=first&message=last'],
    [MULTIPART, multipart(field('message', 'first'), field('message', 'last'))],
  ] as const) {
    const before = (await balance()) as { tokens: number };
    const answer = await post('/api/chat/', type, body);
    assert.equal((answer.json as { message: string }).message, 'last');
    assert.deepEqual(await balance(), { tokens: before.tokens - 100 });
  }
  const firsts = await query(server.folder, "SELECT id FROM messages WHERE content = 'first'");
  assert.deepEqual(firsts, []);
});

test('a file instead of text is not a valid string', async () => {
  const file = 'Content-Type: text/plain\r\n\r\nhi';
  const part = `Content-Disposition: form-data; name="message"; filename="a.txt"\r\n${file}`;
  const answer = await postInVain('/api/chat/', MULTIPART, multipart(part));
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json, { message: ['Not a valid string.'] });
});

test('a broken multipart body is refused with 400 and a detail', async () => {
  for (const [type, body] of [
    [MULTIPART, '--XBOUNDX\r\nContent-Disposition: form-data; name="message"\r\n\r\nhi'],
    [MULTIPART, multipart('no header at all')],
    [MULTIPART, 'message=hi'],
    ['multipart/form-data', multipart(field('message', 'hi'))],
    ['multipart/form-data; boundary=', multipart(field('message', 'hi'))],
    ['multipart/form-data; boundary=other', multipart(field('message', 'hi'))],
  ] as const) {
    const answer = await postInVain('/api/chat/', type, body);
    assert.equal(answer.status, 400, `${type} ${body}`);
    assert.match((answer.json as { detail: string }).detail, /^Multipart form parse error - /);
  }
});

test('a form of half a million fields is refused quickly', async () => {
  const startedAtMs = performance.now();
  const answer = await postInVain('/api/chat/', FORM, `message=hi${'&a'.repeat(500_000)}`);
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json, { detail: 'Form parse error - more than 1000 fields.' });
  assert.ok(performance.now() - startedAtMs < 15_000);
});

test('a form of a thousand fields is accepted', async () => {
  const answer = await post('/api/chat/', FORM, `${'a=b&'.repeat(999)}message=hi`);
  assert.equal(answer.status, 200);
});

test('a body of any other type is refused with 415', async () => {
  for (const type of ['text/plain', 'application/jsonx', 'application/vnd.api+json', ';;;']) {
    const answer = await postInVain('/api/chat/', type, '{"message":"hi"}');
    assert.equal(answer.status, 415);
    const detail = `Unsupported media type "${type}" in request.`;
    assert.deepEqual(answer.json, { detail });
  }
});

test('a username of one megabyte is refused, and no password is checked for it', async () => {
  const username = 'u'.repeat(LIMIT_BYTES - 1_000);
  const body = JSON.stringify({ username, password: 'Pa55word!x' });
  const registered = await postInVain('/api/register/', JSON_TYPE, body);
  assert.equal(registered.status, 400);
  const tooLong = 'Ensure this field has no more than 50 characters.';
  assert.deepEqual(registered.json, { username: [tooLong] });
  // If each of these counted as a failed login, a few hundred would fill the memory.
  for (let tries = 0; tries < 12; tries += 1) {
    const answer = await postInVain('/api/login/', JSON_TYPE, body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json, { error: 'Invalid credentials' });
  }
});
