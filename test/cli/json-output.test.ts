/** The output of a server is a log: lines of JSON, whatever happens. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { send } from '../support/http.ts';
import { commandEnvironment, newFolder } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');
/** Loaded before the program: does by signals what a faulty library could do. */
const FAULTS = `data:text/javascript,
process.on('SIGWINCH', () => process.emitWarning('old', 'DeprecationWarning', 'D1'));
process.on('SIGCONT', () => void Promise.reject(new Error('nobody handles this')));`;

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly origin?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly stack: string };
}

test('nothing but JSON is on stdout: requests, warnings of Node, and the error that ends it', async (t) => {
  const folder = newFolder();
  const environment = await commandEnvironment(folder, { CHIT_PORT: '0' });
  const child = spawn(process.execPath, ['--import', FAULTS, MAIN, 'serve'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const listens = Promise.withResolvers<string>();
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    const url = /Chit listens on (\S+)\//.exec(stderr)?.[1];
    if (url) listens.resolve(url);
  });
  const url = await listens.promise;
  assert.equal((await send(`${url}/healthz`)).status, 200);
  const before = stderr;
  child.kill('SIGWINCH');
  const lines = () => stdout.split('\n').filter((line) => line !== '');
  while (!stdout.includes('DeprecationWarning')) await once(child.stdout, 'data');
  const closed = once(child, 'close');
  child.kill('SIGCONT');
  assert.deepEqual(await closed, [1, null]);

  const read = lines().map((line) => JSON.parse(line) as Line);
  assert.ok(read.some(({ msg }) => msg === 'request'));
  const warning = read.find(({ msg }) => msg === 'a warning of Node');
  assert.deepEqual([warning?.level, warning?.code, warning?.err?.message], [40, 'D1', 'old']);
  const last = read.at(-1);
  assert.deepEqual([last?.level, last?.origin], [60, 'unhandledRejection']);
  assert.match(String(last?.err?.stack), /nobody handles this/);
  assert.equal(stderr, before, 'stderr has only what was said at the start');
  assert.match(stderr, /Create the superuser/);
});
