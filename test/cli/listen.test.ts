/** Where a server listens, who takes over from it, and which signals it heeds. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertFailed } from '../support/cli.ts';
import { send } from '../support/http.ts';
import { commandEnvironment, newFolder, runChit, startServerFor } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');

/** The last two digits of the mode: what the group and others may do. */
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The status of `/healthz` over a Unix socket, or the code of the error. */
function health(socketPath: string): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request({ socketPath, path: '/healthz', agent: false }, (incoming) => {
      incoming.resume().once('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    outgoing.end();
  });
}

/** A server on a Unix socket in its folder, started when its socket is there. */
async function serveOn(
  t: TestContext,
  folder: string,
  settings: Record<string, string> = {},
): Promise<ChildProcess> {
  const env = await commandEnvironment(folder, { CHIT_HOST: 'unix:chit.sock', ...settings });
  const server = spawn(process.execPath, [MAIN, 'serve'], { cwd: folder, env });
  t.after(() => server.kill('SIGKILL'));
  let output = '';
  server.stdout.resume();
  for await (const chunk of server.stderr.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.includes('Chit listens on unix:chit.sock')) break;
  }
  server.stderr.resume();
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(server, 'exit');
  server.kill(signal);
  return ((await ended) as [number | null])[0];
}

test('a Unix socket: one server at a time, unless it takes over', async (t) => {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'chit.sock');
  const settings = { CHIT_HOST: 'unix:chit.sock' };

  writeFileSync(path, 'precious');
  const onFile = await runChit(folder, ['serve'], { settings });
  assertFailed(onFile, 1, /chit\.sock is a file and no socket\. It was left as it is\./);
  rmSync(path);

  const killed = await serveOn(t, folder);
  assert.equal(modeOf(path), '660');
  assert.equal(await health(path), 200);
  const another = await runChit(folder, ['serve'], { settings });
  assertFailed(another, 1, /another server listens on chit\.sock\. .*CHIT_HANDOVER/);
  assert.equal(await health(path), 200);
  await end(killed, 'SIGKILL');
  assert.equal(await health(path), 'ECONNREFUSED');

  const first = await serveOn(t, folder);
  assert.equal(await health(path), 200);
  // Somebody asks all the time.
  const seen: (number | string)[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) seen.push(await health(path));
  })();
  const second = await serveOn(t, folder, { CHIT_HANDOVER: '1' });
  assert.equal(await end(first, 'SIGTERM'), 0);
  isOver = true;
  await asking;
  assert.deepEqual([...new Set(seen)], [200]);
  assert.equal(await health(path), 200, 'the first one has not taken the socket with it');
  assert.equal(await end(second, 'SIGTERM'), 0);
  assert.ok(!existsSync(path));
});

test('a port: a second server is refused, unless both hand over', async (t) => {
  const folder = newFolder();
  const alone = await startServerFor(t, {}, folder);
  const { port } = new URL(alone.url);
  const refused = await runChit(folder, ['serve'], { settings: { CHIT_PORT: port } });
  assertFailed(refused, 1, /CHIT_PORT \d+ cannot be used: .*EADDRINUSE/);
  await alone.kill();

  const first = await startServerFor(t, { CHIT_HANDOVER: '1' }, folder);
  const settings = { CHIT_HANDOVER: '1', CHIT_PORT: new URL(first.url).port };
  const second = await startServerFor(t, settings, folder);
  assert.equal(second.url, first.url);
  assert.equal(await end(first.process, 'SIGTERM'), 0);
  assert.equal((await send(`${second.url}/healthz`)).status, 200);
});

test('several passed sockets are refused, and those for another process are not ours', async (t) => {
  const folder = newFolder();
  const env = await commandEnvironment(folder, { LISTEN_FDS: '2', CHIT_PORT: '0' });
  const command = `LISTEN_PID=$$ exec '${process.execPath}' '${MAIN}' serve`;
  const child = spawn('sh', ['-c', command], { cwd: folder, env });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 1);
  assert.match(errors, /2 sockets were passed \(LISTEN_FDS\)\. Chit listens on one/);
  const server = await startServerFor(t, { LISTEN_FDS: '2', LISTEN_PID: '1' }, folder);
  assert.equal((await send(`${server.url}/healthz`)).status, 200);
});

test('SIGUSR1 opens no debugger and SIGUSR2 does nothing', async (t) => {
  const server = await startServerFor(t);
  server.process.kill('SIGUSR1');
  server.process.kill('SIGUSR2');
  await sleep(100);
  assert.equal((await send(`${server.url}/healthz`)).status, 200);
  assert.doesNotMatch(server.output(), /Debugger/);
});
