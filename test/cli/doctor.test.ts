/** `chit doctor` and `chit config check --ask`: what they say, and with which exit code. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertDone } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { newFolder } from '../support/server.ts';

const folder = newFolder();
let status = 200;
let asked = 0;
const provider = createServer((_, response) => {
  asked += 1;
  const error = { message: 'Incorrect API key provided: sk-very-secret', type: 'x' };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? { data: [{ id: 'm' }] } : { error }));
});
before(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  const text = {
    providers: { p: { wire: 'openai', baseUrl, apiKeyEnv: 'KEY' } },
    models: [{ name: 'm', provider: 'p', price: { perMessage: 5 } }],
  };
  writeFileSync(join(folder, 'chit.json'), JSON.stringify(text));
});
after(() => {
  provider.close();
  rmSync(folder, { recursive: true });
});

const settings = { KEY: 'sk-very-secret' };
const run = (args: string[], more: Record<string, string> = {}, where = folder) =>
  runCommand(where, args, { settings: { ...settings, ...more } });

interface Line {
  readonly code: string;
  readonly severity: string;
  readonly text: string;
  readonly todo: string | null;
}
const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

test('it says what was found and what to do, changes nothing, and ends with 0 without faults', async () => {
  assertDone(await run(['migrate']));
  const before = readdirSync(join(folder, 'data')).filter((it) => !/-(wal|shm)$/.test(it));
  const weak = { CHIT_PASSWORD_MIN_LENGTH: '1' };
  const { code, stdout, stderr } = await run(['doctor'], weak);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^settings$/m);
  assert.match(stdout, /^ {2}warning {2}Passwords may have a single character\.$/m);
  assert.match(stdout, /^ {11}Set CHIT_PASSWORD_MIN_LENGTH to 8 or more\./m);
  assert.match(stdout, /^ {2}ok {7}p, endpoint 1: the key is accepted, 1 model, \d+ ms\.$/m);
  const after = readdirSync(join(folder, 'data')).filter((it) => !/-(wal|shm)$/.test(it));
  assert.deepEqual(after, before);
});

test('with --json each finding is a line, and a provider that refuses its key is a fault', async () => {
  status = 401;
  const { code, stdout, stderr } = await run(['doctor', '--json']);
  status = 200;
  const lines = linesOf(stdout);
  assert.deepEqual([code, stderr], [1, 'There is one fault.\n']);
  assert.ok(lines.some((it) => it.code === 'provider_down' && it.severity === 'fault'));
  assert.ok(lines.every((it) => it.severity === 'ok' || it.todo !== null));
  assert.doesNotMatch(stdout, /sk-very-secret/);
  asked = 0;
  const offline = linesOf((await run(['doctor', '--json', '--offline'])).stdout);
  assert.equal(asked, 0);
  assert.ok(!offline.some((it) => it.code.startsWith('provider')));
});

test('settings and a chit.json that are wrong are findings, not a failure of the doctor', async () => {
  const wrong = await run(['doctor', '--json'], { CHIT_PORT: 'abc', CHIT_HOTS: 'x' });
  assert.equal(wrong.code, 1);
  assert.deepEqual(
    linesOf(wrong.stdout).map(({ code }) => code),
    ['setting_invalid', 'setting_invalid'],
  );
  const file = join(folder, 'wrong.json');
  writeFileSync(file, '{ "models": [] ');
  const { code, stdout } = await run(['doctor', '--json'], { CHIT_CONFIG: file });
  assert.equal(code, 1);
  assert.ok(linesOf(stdout).some((it) => it.code === 'deployment_invalid'));
});

test('in a folder without an installation it says so and creates nothing', async () => {
  const empty = newFolder();
  const { stdout } = await run(['doctor', '--json', '--offline'], {}, empty);
  assert.ok(linesOf(stdout).some(({ code }) => code === 'database_empty'));
  assert.deepEqual(readdirSync(empty), []);
  rmSync(empty, { recursive: true });
});

test('a database without its secret key is a fault, and gets no new key', async () => {
  const { code, stdout } = await run(['doctor', '--json', '--offline'], { CHIT_SECRET_KEY: '' });
  assert.equal(code, 1);
  const missing = linesOf(stdout).find((it) => it.code === 'secret_key_missing');
  assert.equal(missing?.severity, 'fault');
  assert.ok(!existsSync(join(folder, 'data/secret.key')));
});

test('config check --ask asks each provider once; without it nobody is asked', async () => {
  asked = 0;
  assert.match(assertDone(await run(['config', 'check'])), /Everything is valid\.\n$/);
  assert.equal(asked, 0);
  const good = assertDone(await run(['config', 'check', '--ask']));
  assert.match(good, /p, endpoint 1: the key is accepted, 1 model, \d+ ms\.\n$/);
  assert.equal(asked, 1);
  status = 401;
  const refused = await run(['config', 'check', '--ask']);
  status = 200;
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /the key or the account is refused \(401\)/);
  assert.doesNotMatch(refused.stdout + refused.stderr, /sk-very-secret/);
});
