/** SIGTERM: running work is finished, nothing new starts, and no client can delay the exit. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../support/command-runner.ts';
import { databasePath, stored } from '../../support/database.ts';
import { postJson } from '../../support/http.ts';
import { connectTo, textUntilClosed } from '../../support/raw.ts';
import { newUser, startServerFor, type TestServer } from '../../support/server.ts';

const PASSWORD = 'Pa55word!x';
const LOGIN = JSON.stringify({ username: 'alice', password: PASSWORD });
const LOGIN_HEAD = [
  'POST /api/login/ HTTP/1.1',
  'Host: chit.test',
  'Content-Type: application/json',
  `Content-Length: ${LOGIN.length}`,
  // Node says `100 Continue` as soon as it has read this.
  'Expect: 100-continue',
  '\r\n',
].join('\r\n');

/** Sends the signal; resolves with the exit code and how long the shutdown took. */
async function end(
  server: TestServer,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<{ code: number; ms: number }> {
  const startedAtMs = performance.now();
  const exited = once(server.process, 'exit');
  server.process.kill(signal);
  const [code] = (await exited) as [number];
  const ms = performance.now() - startedAtMs;
  // SQLite removes this file when the last connection is closed properly.
  if (code === 0) assert.ok(!existsSync(`${databasePath(server.folder)}-wal`), 'it was closed');
  return { code, ms };
}

/** A connection on which some bytes, or none, were sent; `begun` when the first answer came. */
async function open(
  server: TestServer,
  bytes: string,
): Promise<{ socket: Socket; text: Promise<string>; begun: Promise<unknown> }> {
  const socket = await connectTo(server.url);
  const text = textUntilClosed(socket);
  const begun = once(socket, 'data');
  if (bytes !== '') socket.write(bytes);
  return { socket, text, begun };
}

/** Less than a server waits for a client that is slow. */
const AT_ONCE_MS = 4_900;

/** Ends a server at once, in one of several tries: a busy machine may take long over others. */
async function endsAtOnce(attempt: () => Promise<{ ms: number }>): Promise<void> {
  const tookMs: number[] = [];
  while (tookMs.length < 4) {
    const { ms } = await attempt();
    if (ms < AT_ONCE_MS) return;
    tookMs.push(ms);
  }
  assert.fail(`${tookMs.join(', ')} ms`);
}

const CONTINUED = /^HTTP\/1\.1 100 Continue\r\n\r\n/;

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once the server accepts no more connections. */
async function refusesConnections(server: TestServer): Promise<void> {
  for (let tries = 0; tries < 4_000; tries += 1) {
    const code = await connectTo(server.url).then(
      (socket) => {
        socket.destroy();
        return 'connected';
      },
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code === 'ECONNREFUSED') return;
    await later(5);
  }
  throw new Error('The server takes connections still.');
}

async function assertInOrder({ folder }: TestServer): Promise<void> {
  const verified = await runCommand(folder, ['ledger', 'verify']);
  assert.equal(verified.code, 0, verified.stderr);
}

test('idle, silent and half-finished connections do not delay shutdown', async (t) => {
  await endsAtOnce(async () => {
    const server = await startServerFor(t);
    const connections = await Promise.all([
      open(server, ''),
      open(server, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
      open(server, 'GET /healthz HTTP/1.1\r\nHo'),
    ]);
    await connections[1]?.begun;
    const { code, ms } = await end(server);
    assert.equal(code, 0, server.output());
    const [silent, idle, half] = await Promise.all(connections.map(({ text }) => text));
    assert.match(String(idle), /^HTTP\/1\.1 200 /);
    assert.deepEqual([silent, half], ['', '']);
    await assertInOrder(server);
    return { ms };
  });
});

test('logins in progress at the signal are all answered, new ones are not accepted', async (t) => {
  let wereRunning = false;
  // Where the test itself got no time, all of them may be answered before.
  for (let tries = 0; tries < 5 && !wereRunning; tries += 1) wereRunning = await logInAndEnd(t);
  assert.ok(wereRunning, 'some were still running when the door was closed');
});

/** @returns whether some logins were still running when the door was closed */
async function logInAndEnd(t: TestContext): Promise<boolean> {
  // Hashes have their real cost, so that some logins are still running at the signal.
  const server = await startServerFor(t, { NODE_OPTIONS: '' });
  await newUser(server.url, 'alice');
  const before = Number((await stored(server.folder)).refreshTokens);
  const logins = await Promise.all(
    Array.from({ length: 20 }, () => open(server, `${LOGIN_HEAD}${LOGIN}`)),
  );
  await Promise.all(logins.map(({ begun }) => begun));
  let answered = 0;
  for (const { text } of logins) {
    text.then(() => {
      answered += 1;
    });
  }
  const ended = end(server);
  await refusesConnections(server);
  const wereRunning = answered < logins.length;
  const answers = await Promise.all(logins.map(({ text }) => text));
  for (const answer of answers) {
    assert.match(answer.replace(CONTINUED, ''), /^HTTP\/1\.1 200 /);
    assert.match(answer, /"access":"eyJ/);
  }
  assert.match(String(answers.at(-1)), /connection: close/i);
  assert.equal((await ended).code, 0, server.output());
  assert.equal((await stored(server.folder)).refreshTokens, before + logins.length);
  await assertInOrder(server);
  return wereRunning;
}

test('a body that is still arriving may finish; one that never does is cut off', async (t) => {
  const server = await startServerFor(t);
  await newUser(server.url, 'alice');
  const before = Number((await stored(server.folder)).refreshTokens);
  const [slow, stuck] = await Promise.all([
    open(server, `${LOGIN_HEAD}${LOGIN.slice(0, 9)}`),
    open(server, `${LOGIN_HEAD}${LOGIN.slice(0, 9)}`),
  ]);
  await Promise.all([slow.begun, stuck.begun]);
  const ended = end(server);
  await refusesConnections(server);
  slow.socket.write(LOGIN.slice(9));
  assert.match((await slow.text).replace(CONTINUED, ''), /^HTTP\/1\.1 200 /);
  const { code, ms } = await ended;
  assert.equal(code, 0, server.output());
  assert.ok(ms < 30_000, `${ms} ms`);
  assert.equal((await stuck.text).replace(CONTINUED, ''), '');
  assert.equal((await stored(server.folder)).refreshTokens, before + 1);
  await assertInOrder(server);
});

test('of the chats running at the signal, as many are answered as are charged', async (t) => {
  const server = await startServerFor(t, { CHIT_SIGNUP_TOKENS: '10000000' });
  const { access } = await newUser(server.url, 'alice');
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let answered = 0;
  let sending = true;
  const worker = async () => {
    while (sending) if ((await chat(server.url, agent, access)) === 200) answered += 1;
  };
  const workers = Array.from({ length: 32 }, worker);
  // However slow the machine is, each worker then waits for an answer, most for their second one.
  while (answered <= 32) await later(10);
  const { code } = await end(server);
  sending = false;
  await Promise.all(workers);
  agent.destroy();
  assert.equal(code, 0, server.output());
  assert.ok(answered > 32, `${answered} were answered`);
  const { messages, posted, held } = await stored(server.folder);
  assert.equal(messages, answered);
  assert.equal(posted, 10_000_000 - 100 * answered);
  assert.equal(held, 0);
  await assertInOrder(server);
});

test('a server on `localhost`, which is two addresses, shuts down cleanly too', async (t) => {
  await endsAtOnce(async () => {
    const server = await startServerFor(t, { CHIT_HOST: 'localhost' });
    const agent = new Agent({ keepAlive: true });
    assert.equal(await chat(server.url, agent, 'garbage'), 401);
    const { code, ms } = await end(server);
    agent.destroy();
    assert.equal(code, 0, server.output());
    return { ms };
  });
});

test('a second signal exits at once with its own exit code', async (t) => {
  const server = await startServerFor(t);
  const stuck = await open(server, `${LOGIN_HEAD}{`);
  await later(150);
  const ended = end(server);
  await refusesConnections(server);
  assert.equal((await end(server)).code, 1);
  assert.ok((await ended).ms < 20_000);
  stuck.socket.destroy();
});

test('SIGINT shuts down the same way, and everything is there at the next start', async (t) => {
  const first = await startServerFor(t);
  const { access } = await newUser(first.url, 'alice');
  assert.equal((await postJson(`${first.url}/api/chat/`, { message: 'hi' }, access)).status, 200);
  assert.equal((await end(first, 'SIGINT')).code, 0);
  const second = await startServerFor(t, {}, first.folder);
  const answer = await postJson(`${second.url}/api/chat/`, { message: 'hi' }, access);
  assert.equal(answer.status, 200);
  assert.equal((await stored(second.folder)).posted, 3_800);
  await second.stop();
});

/** The status, or 0 if there was no answer. */
function chat(url: string, agent: Agent, accessToken: string): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  return new Promise((resolve) => {
    const outgoing = request(`${url}/api/chat/`, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      incoming.on('error', () => resolve(0));
    });
    outgoing.on('error', () => resolve(0));
    outgoing.end('{"message":"hi"}');
  });
}
