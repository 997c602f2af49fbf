/** Admin keys at the command line, and the program in docs/admin-keys.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ADMIN_SCOPES } from '../../src/core/admin-scopes.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { storingNothing } from '../support/database.ts';
import { codeBlocks, documentText } from '../support/documents.ts';
import { getWith, postJson } from '../support/http.ts';
import { newUser, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let access: string;

before(async () => {
  server = await startServer();
  for (const name of ['ada', 'grace', 'root']) {
    ({ access } = await newUser(server.url, name, 'velvet-tram-19'));
  }
  assertDone(await chit(['users', 'make-superuser', 'root']));
});
after(() => server.stop());

const chit = (args: readonly string[], settings = {}) =>
  runCommand(server.folder, args, { settings });

async function make(name: string, scopes: readonly string[]): Promise<{ id: string; key: string }> {
  const made = await postJson(`${server.url}/api/admin/keys/`, { name, scopes }, access);
  assert.equal(made.status, 201, made.text);
  return made.json as { id: string; key: string };
}

test('keys are listed without their secrets, and end once', async () => {
  const { id, key } = await make('nightly', ['users:read', 'audit:read']);
  const list = assertDone(await chit(['admin-keys', 'list']));
  assert.match(list, new RegExp(`${id} +nightly +root +users:read audit:read +\\S+Z +never`));
  const lines = assertDone(await chit(['admin-keys', 'list', '--json']));
  const [first] = lines.trimEnd().split('\n');
  const { made_by, scopes, last_used_at } = JSON.parse(first ?? '') as Record<string, unknown>;
  assert.deepEqual([made_by, scopes, last_used_at], ['root', ['users:read', 'audit:read'], null]);
  assert.ok(!`${list}${lines}`.includes(key.slice(18)));
  const required = { CHIT_STAFF_SECOND_FACTOR: 'required' };
  const refused = assertDone(await chit(['admin-keys', 'list'], required));
  assert.match(refused, /^id .* last used +refused\n.*never +a second factor is missing$/m);
  const refusedLine = assertDone(await chit(['admin-keys', 'list', '--json'], required));
  assert.match(refusedLine, /"is_expired":false,"is_unproven":true/);
  assert.match(lines, /"is_expired":false,"is_unproven":false/);
  const ended = assertDone(await chit(['admin-keys', 'end', id]));
  assert.equal(ended, 'The admin key "nightly" of root has ended.\n');
  assert.equal((await getWith(`${server.url}/api/admin/users/`, key)).status, 401);
  const log = await getWith(`${server.url}/api/admin/audit/?target=key:${id}`, access);
  assert.match(log.text, /"actor":"cli:[^"]+","actor_name":null,.*?"action":"key\.end"/);
  await storingNothing(server.folder, async () => {
    assertFailed(await chit(['admin-keys', 'end', id]), 1, /no admin key .*or it has ended/);
    assertFailed(await chit(['admin-keys', 'end', 'none']), 1, /no admin key none/);
  });
});

test('the program for cron gives what it says, once a week', async () => {
  const page = documentText('docs/admin-keys.md');
  const [script = ''] = codeBlocks(page, 'sh');
  const file = join(server.folder, 'weekly-gift');
  writeFileSync(file, script.replace('http://127.0.0.1:8000', server.url));
  const balance = async (name: string) => {
    const found = await getWith(`${server.url}/api/admin/users/?q=${name}`, access);
    return (found.json as { users: { tokens: number }[] }).users[0]?.tokens ?? 0;
  };
  const run = async (key: string) => {
    writeFileSync(join(server.folder, 'chit-admin-key'), `Authorization: Bearer ${key}\n`);
    const env = { PATH: process.env.PATH, HOME: server.folder };
    return promisify(execFile)('sh', [file], { env });
  };
  const before = [await balance('ada'), await balance('grace')];
  const reader = await make('reads only', ['credits:read']);
  await assert.rejects(run(reader.key), /"admin_key_scope"|403/);
  assert.deepEqual([await balance('ada'), await balance('grace')], before);
  const { key } = await make('weekly gift', ['credits:write']);
  await run(key);
  await run(key);
  const after = before.map((it) => it + 500);
  assert.deepEqual([await balance('ada'), await balance('grace')], after);
});

test('the page says what every scope allows', () => {
  const table = documentText('docs/admin-keys.md', 'Scopes');
  const named = [...table.matchAll(/^\| `([a-z:]+)` \|/gm)].map(([, scope]) => scope);
  assert.deepEqual(named, ADMIN_SCOPES);
});
