/** What is logged, and what must never be. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { databasePath, query } from '../../support/database.ts';
import { type Answer, getWith, postJson, send } from '../../support/http.ts';
import { connectTo, exchange, written } from '../../support/raw.ts';
import { runChit, SECRET_KEY, startServer, type TestServer } from '../../support/server.ts';

const PASSWORD = 'Tr0ub4dor-and-3';
const NEW_PASSWORD = 'correct-horse-battery';
const WRONG_PASSWORD = 'wrong-guess-of-a-password';
const WORDS = 'what-only-the-model-should-read';

interface LogLine {
  readonly level: number;
  readonly reqId?: string;
  readonly msg?: string;
  readonly method?: string;
  readonly path?: string;
  readonly route?: string;
  readonly status?: number;
  readonly error?: string;
  readonly address?: string;
  readonly left?: boolean;
  readonly generation?: Readonly<Record<string, unknown>>;
  readonly ms?: number;
  readonly user?: number;
  readonly err?: { readonly type: string; readonly stack: string };
}

let server: TestServer;
/** Secrets and private content of requests and responses. */
const secrets = new Set([SECRET_KEY, PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, WORDS]);

before(async () => {
  server = await startServer({ CHIT_LOG_LEVEL: 'trace', CHIT_DEMO_MODEL: '1' });
});
after(() => server.stop());

function post(path: string, body: unknown, accessToken?: string): Promise<Answer> {
  return postJson(`${server.url}${path}`, body, accessToken);
}

function logLines(): LogLine[] {
  const lines = server.output().split('\n');
  return lines.filter((it) => it.startsWith('{')).map((it) => JSON.parse(it) as LogLine);
}

/** The log arrives through a pipe, shortly after the response. */
async function lineOf(requestId: unknown, message = 'request'): Promise<LogLine> {
  for (let tries = 0; tries < 600; tries += 1) {
    const line = logLines().find(({ reqId, msg }) => reqId === requestId && msg === message);
    if (line) return line;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no line for the request ${requestId}`);
}

async function logIn(password: string): Promise<{ access: string; refresh: string }> {
  const login = await post('/api/login/', { username: 'alice', password });
  assert.equal(login.status, 200);
  const tokens = login.json as { access: string; refresh: string };
  for (const token of Object.values(tokens)) for (const part of token.split('.')) secrets.add(part);
  secrets.delete(tokens.access.split('.')[0] ?? '');
  return tokens;
}

/** Renames a table under the running server, and renames it back. */
async function withBrokenDatabase(act: () => Promise<void>): Promise<void> {
  await query(server.folder, 'ALTER TABLE refresh_tokens RENAME TO refresh_tokens_away');
  try {
    await act();
  } finally {
    await query(server.folder, 'ALTER TABLE refresh_tokens_away RENAME TO refresh_tokens');
  }
}

test('each request is logged as one line with id, path, status and user, without the query', async () => {
  await post('/api/register/', { username: 'alice', password: PASSWORD });
  const { access } = await logIn(PASSWORD);
  const answer = await getWith(`${server.url}/api/tokens/?secret=${WORDS}`, access);
  const id = answer.headers['x-request-id'];
  const { method, path, status, ms, user, level, route, address } = await lineOf(id);
  assert.deepEqual([route, address], ['/api/tokens/', '127.0.0.1']);
  assert.deepEqual([method, path, status, level], ['GET', '/api/tokens/', 200, 30]);
  assert.ok(Number.isSafeInteger(user) && typeof ms === 'number');
  const me = await getWith(`${server.url}/api/me/`, access);
  assert.equal(user, (me.json as { id: number }).id);
  assert.equal(logLines().filter(({ reqId }) => reqId === id).length, 1);
});

test('a request id sent by a client is ignored', async () => {
  const headers = { 'x-request-id': 'chosen-by-the-client', 'request-id': 'chosen-by-the-client' };
  const answer = await send(`${server.url}/healthz`, { headers });
  assert.notEqual(answer.headers['x-request-id'], 'chosen-by-the-client');
  const other = await send(`${server.url}/healthz`);
  assert.notEqual(other.headers['x-request-id'], answer.headers['x-request-id']);
  await lineOf(other.headers['x-request-id']);
  assert.doesNotMatch(server.output(), /chosen-by-the-client/);
});

test('the line of a chat says what was generated and charged, or why nothing was', async () => {
  const { access } = await logIn(PASSWORD);
  const charged = await post('/api/chat/', { message: WORDS }, access);
  const line = await lineOf(charged.headers['x-request-id']);
  const { id, ...generation } = line.generation ?? {};
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(generation, { model: 'dummy', outcome: 'finished', charged: 100 });
  const refused = await post('/api/chat/', { message: WORDS, model: 'none' }, access);
  const { error, status, generation: none } = await lineOf(refused.headers['x-request-id']);
  assert.deepEqual([error, status, none], ['model_not_found', 404, undefined]);
});

test('a client that leaves before the answer gets a line, and its generation one of its own', async () => {
  const { access } = await logIn(PASSWORD);
  const head = [`Authorization: Bearer ${access}`, 'Content-Type: application/json'];
  const body = JSON.stringify({ message: WORDS, model: 'demo', stream: true });
  const socket = await connectTo(server.url);
  socket.write(written('POST', '/api/chat/', [...head, `Content-Length: ${body.length}`], body));
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  const id = /x-request-id: (\S+)/i.exec(chunk.toString())?.[1];
  socket.destroy();
  assert.equal((await lineOf(id)).left, true);
  assert.equal((await lineOf(id)).generation, undefined);
  const [hold] = await query(server.folder, "SELECT id FROM holds WHERE state = 'open'");
  await post(`/api/messages/${hold?.id}/stop/`, {}, access);
  const { generation } = await lineOf(id, 'generation');
  assert.deepEqual([generation?.model, generation?.outcome], ['demo', 'stopped']);
});

test('the path of a shared chat is a secret, and not in the log', async () => {
  const token = 'a-secret-that-opens-a-chat';
  secrets.add(token);
  const api = await send(`${server.url}/api/shared/${token}/`);
  const page = await send(`${server.url}/shared/${token}`);
  assert.equal((await lineOf(api.headers['x-request-id'])).path, '/api/shared/:token/');
  assert.equal((await lineOf(page.headers['x-request-id'])).path, '/shared/:token');
});

test('a server error gets 500 without internals, and is logged with the request id', async () => {
  const refresh = (await logIn(PASSWORD)).refresh;
  await withBrokenDatabase(async () => {
    const answer = await post('/api/token/refresh/', { refresh });
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json, { detail: 'Internal server error.', code: 'internal_error' });
    const id = answer.headers['x-request-id'];
    assert.equal((await lineOf(id)).status, 500);
    const fault = logLines().find(({ reqId, level }) => reqId === id && level === 50);
    assert.match(
      String(fault?.err?.stack),
      /no such table: refresh_tokens|relation "refresh_tokens" does not exist/,
    );
  });
  assert.equal((await post('/api/token/refresh/', { refresh })).status, 200);
});

test('no password, token, message or key is ever in the log', async () => {
  const { access, refresh } = await logIn(PASSWORD);
  await post('/api/chat/', { message: WORDS }, access);
  await post('/api/chat/', { message: WORDS }, `${access}x`);
  await post('/api/login/', { username: 'alice', password: WRONG_PASSWORD });
  await post('/api/login/', { username: 'nobody', password: WRONG_PASSWORD });
  await post('/api/register/', { username: 'alice', password: PASSWORD });
  await post('/api/register/', { username: 'x'.repeat(51), password: PASSWORD });
  await post('/api/token/refresh/', { refresh });
  await post('/api/token/verify/', { token: access });
  await post(`/api/token/verify/?token=${access}`, {});
  const change = { old_password: WRONG_PASSWORD, new_password: NEW_PASSWORD };
  assert.equal((await post('/api/password/', change, access)).status, 400);
  const right = { old_password: PASSWORD, new_password: NEW_PASSWORD };
  assert.equal((await post('/api/password/', right, access)).status, 200);
  await post('/api/token/refresh/', { refresh });
  await logIn(NEW_PASSWORD);
  const headers = ['Content-Type: application/json', `Authorization: Bearer ${access}`];
  const body = `{"password":"${NEW_PASSWORD}`;
  for (const length of ['-1', '5', String(body.length)]) {
    await exchange(
      server.url,
      written('POST', '/api/login/', [...headers, `Content-Length: ${length}`], body),
    );
  }
  const last = await send(`${server.url}/healthz`);
  await lineOf(last.headers['x-request-id']);

  const log = server.output();
  assert.ok(logLines().length > 20, 'the log was read');
  assert.ok(secrets.size > 10, 'there is something to look for');
  for (const secret of secrets) assert.ok(!log.includes(secret), `the log holds ${secret}`);
  assert.doesNotMatch(log, /argon2id|eyJ/);
});

test('none of them is shown by the command that shows the settings', async () => {
  const shown = await runChit(server.folder, ['config']);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /CHIT_SECRET_KEY +\(hidden\) +environment/);
  assert.ok(!shown.stdout.includes(SECRET_KEY));
});

test('the data folder has no password, only hashes', async () => {
  const rows = await query(server.folder, 'SELECT password_hash FROM users');
  const tokens = JSON.stringify(await query(server.folder, 'SELECT * FROM refresh_tokens'));
  assert.ok(rows.length > 0 && tokens.length > 100);
  for (const { password_hash: hash } of rows) {
    assert.match(String(hash), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  }
  assert.doesNotMatch(tokens, /eyJ/);
  if (!server.databaseUrl.startsWith('sqlite:')) return;
  const folder = dirname(databasePath(server.folder));
  const files = readdirSync(folder);
  assert.ok(files.includes('chit.db'));
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    for (const password of [PASSWORD, NEW_PASSWORD]) assert.ok(!bytes.includes(password), file);
  }
});
