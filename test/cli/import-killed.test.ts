/** An import that is killed in the middle is completed by the next one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertDone } from '../support/cli.ts';
import { query, stored } from '../support/database.ts';
import { fillDjangoDatabase, newDjangoDatabase } from '../support/django.ts';
import { databaseOf, environmentWith, newFolder, runChit, SECRET_KEY } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');
const USERS = 1_200;
const CHATS = 60_000;

test('nothing is imported twice, and nothing is missing', async () => {
  const folder = newFolder();
  const path = join(folder, 'site.sqlite3');
  const db = newDjangoDatabase(path);
  fillDjangoDatabase(db, { users: USERS, chats: CHATS });
  db.close();
  assertDone(await runChit(folder, ['migrate']));
  const settings = { CHIT_SECRET_KEY: SECRET_KEY, CHIT_DATABASE_URL: await databaseOf(folder) };
  const child = spawn(process.execPath, [MAIN, 'import-django', path], {
    cwd: folder,
    env: environmentWith(settings),
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  // Quick, so that much is left to do when it is seen to have begun.
  const first = () => query(folder, 'SELECT 1 FROM messages LIMIT 1');
  while ((await first()).length === 0 && child.exitCode === null) await sleep(5);
  child.kill('SIGKILL');
  assert.deepEqual(await ended, [null, 'SIGKILL'], 'it was not done yet');
  const steps = async () => {
    const rows = await query(folder, 'SELECT after FROM audit_log ORDER BY id');
    return rows.map(({ after }) => JSON.parse(String(after)).step);
  };
  assert.deepEqual(await steps(), ['begun'], 'it left a trace');

  const report = assertDone(await runChit(folder, ['import-django', path]));
  assert.match(report, new RegExp(`^users +0 +${USERS} +0$`, 'm'));
  const [, imported, there] = /^chats +(\d+) +(\d+) +0$/m.exec(report) ?? [];
  assert.ok(Number(imported) > 0 && Number(there) > 0, report);
  const { users, messages, transfers, posted } = await stored(folder);
  assert.deepEqual(
    [users, messages, transfers, posted],
    [USERS, CHATS, USERS, (USERS * (USERS + 1)) / 2],
  );
  assert.deepEqual(await steps(), ['begun', 'begun', 'done']);
  const verified = assertDone(await runChit(folder, ['ledger', 'verify']));
  assert.match(verified, /^Everything agrees: /);
  rmSync(folder, { recursive: true });
});
