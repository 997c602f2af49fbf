/** An interrupted import reports how far it got, is logged, and can be resumed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertDone } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, stored } from '../support/database.ts';
import {
  addDjangoSuperuser,
  djangoHash,
  fillDjangoDatabase,
  newDjangoDatabase,
} from '../support/django.ts';
import { databaseOf, environmentWith, newFolder, SECRET_KEY } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');
const USERS = 3;
/** Chats are written 10,000 at a time. */
const CHATS = 60_000;

async function newSite(): Promise<{ folder: string; path: string }> {
  const folder = newFolder();
  const path = join(folder, 'site.sqlite3');
  const db = newDjangoDatabase(path);
  addDjangoSuperuser(db, { username: 'boss', password: djangoHash('x') });
  fillDjangoDatabase(db, { users: USERS, chats: CHATS });
  db.close();
  assertDone(await runCommand(folder, ['migrate']));
  return { folder, path };
}

/** Writes zeros over the page that has the last chats. */
function damage(path: string): void {
  const db = new DatabaseSync(path);
  const [row] = db
    .prepare(
      `SELECT pgoffset AS "from", pgsize AS size FROM dbstat
      WHERE name = 'api_chat' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1`,
    )
    .all();
  db.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(Number(row?.size)), 0, Number(row?.size), Number(row?.from));
  closeSync(file);
}

/** The audit log's entries about imports and imported users, oldest first. */
async function logged(folder: string): Promise<[unknown, Record<string, unknown>][]> {
  const rows = await query(folder, 'SELECT action, actor, after FROM audit_log ORDER BY id');
  for (const { actor } of rows) assert.match(String(actor), /^cli:/);
  return rows.map(({ action, after }) => [action, JSON.parse(String(after))]);
}

const BEGUN = ['import.django', { step: 'begun', users_there: USERS, chats_there: CHATS }];
const BOSS = ['user.create', { is_staff: true, is_superuser: true, tokens: 0 }];
const SKIPPED_NONE = { users_skipped: 0, superusers_skipped: 0, chats_skipped: 0 };

test('a site that cannot be read to its end: what was imported is reported and stays', async () => {
  const { folder, path } = await newSite();
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  damage(path);

  const tried = await runCommand(folder, ['import-django', path, '--dry-run']);
  assert.equal(tried.code, 1);
  assert.match(tried.stderr, /^The dry run was interrupted, .* malformed\.\n$/);
  assert.deepEqual(await logged(folder), [], 'a dry run is no deed');

  const { code, stdout, stderr } = await runCommand(folder, ['import-django', path]);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    'The import was interrupted. What was imported stays; to continue, run it again. ' +
      `The reason: ${path} cannot be read: database disk image is malformed.\n`,
  );
  assert.match(stdout, /^users +3 +0 +0$/m);
  assert.match(stdout, /^chats +50000 +0 +0$/m);
  const brokenOff = { step: 'broken off', users: USERS, superusers: 1, chats: 50_000 };
  const firstRun = [BEGUN, BOSS, ['import.django', { ...brokenOff, ...SKIPPED_NONE }]];
  assert.deepEqual(await logged(folder), firstRun);

  copyFileSync(copy, path);
  const report = assertDone(await runCommand(folder, ['import-django', path]));
  assert.match(report, /^users +0 +3 +0$/m);
  assert.match(report, /^chats +10000 +50000 +0$/m);
  const done = { step: 'done', users: 0, superusers: 0, chats: 10_000, ...SKIPPED_NONE };
  assert.deepEqual(await logged(folder), [...firstRun, BEGUN, ['import.django', done]]);
  assert.match(assertDone(await runCommand(folder, ['ledger', 'verify'])), /^Everything agrees/);
  rmSync(folder, { recursive: true });
});

test('Ctrl-C ends it after the batch, with a report', async () => {
  const { folder, path } = await newSite();
  const settings = { CHIT_SECRET_KEY: SECRET_KEY, CHIT_DATABASE_URL: await databaseOf(folder) };
  const child = spawn(process.execPath, [MAIN, 'import-django', path], {
    cwd: folder,
    env: environmentWith(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  const ended = once(child, 'close');
  while ((await stored(folder)).messages === 0 && child.exitCode === null) {
    await sleep(5);
  }
  child.kill('SIGINT');
  assert.deepEqual(await ended, [1, null]);
  assert.match(output.stderr, /^The import was interrupted\. .* The reason: it was stopped\.\n$/);
  const [, chats] = /^chats +(\d+) +0 +0$/m.exec(output.stdout) ?? [];
  assert.equal(Number(chats), (await stored(folder)).messages, 'the report is true');
  assert.ok(Number(chats) > 0 && Number(chats) < CHATS);
  const log = await logged(folder);
  assert.deepEqual(log.at(-1)?.[1].step, 'broken off');
  const report = assertDone(await runCommand(folder, ['import-django', path]));
  assert.match(report, new RegExp(`^chats +${CHATS - Number(chats)} +${chats} +0$`, 'm'));
  rmSync(folder, { recursive: true });
});
