/** The SQLite file goes away under a running server, or is not there at the start. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { getWith, postJson, send } from '../support/http.ts';
import { newFolder, newUser, runChit, startServerFor } from '../support/server.ts';
import { fillDisk, smallDisk } from '../support/tmpfs.ts';

const SQLITE = { CHIT_DATABASE_URL: 'sqlite:./data/chit.db' };
/** With a key of its own, as an installation has by default. */
const OWN_KEY = { ...SQLITE, CHIT_SECRET_KEY: '' };

async function statusWithin(url: string, status: number, withinMs: number): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await send(`${url}/readyz`);
    if (answer.status === status) return;
    assert.ok(performance.now() - startedMs < withinMs, `/readyz is ${answer.status}`);
    await sleep(50);
  }
}

test('a file that is moved away is noticed, nothing is booked without it, and it may come back', async (t) => {
  const { url, folder, output } = await startServerFor(t, SQLITE);
  const { access } = await newUser(url, 'ada');
  const chat = () => postJson(`${url}/api/chat/`, { message: 'hello' }, access);
  assert.equal((await chat()).status, 200);
  const path = join(folder, 'data/chit.db');
  renameSync(path, `${path}.moved`);
  await statusWithin(url, 503, 60_000);
  const refused = await chat();
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1'], refused.text);
  const register = { username: 'bob', password: 'Pa55word!x' };
  assert.equal((await postJson(`${url}/api/register/`, register)).status, 503);
  assert.equal((await send(`${url}/healthz`)).status, 200);
  const told = /"level":50.*database file .*data\/chit\.db was deleted, moved/;
  for (let tries = 0; tries < 600 && !told.test(output()); tries += 1) await sleep(50);
  assert.match(output(), told);

  // Another file in its place is not the one that is open.
  copyFileSync(`${path}.moved`, path);
  await sleep(1_200);
  assert.equal((await chat()).status, 503);

  renameSync(`${path}.moved`, path);
  await statusWithin(url, 200, 60_000);
  assert.equal((await chat()).status, 200);
  const balance = await getWith(`${url}/api/tokens/`, access);
  assert.deepEqual(balance.json, { tokens: 3_800 });
});

test('a start without the database of an installation stops and says what to do', async (t) => {
  const first = await startServerFor(t, OWN_KEY);
  await newUser(first.url, 'ada');
  assert.match(first.output(), /Data is stored in \.\/data\/, in a new database\n/);
  await first.kill();
  const { folder } = first;
  const path = join(folder, 'data/chit.db');
  for (const empty of [false, true]) {
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.away${suffix}`);
    }
    if (empty) writeFileSync(path, '');
    for (const command of [['serve'], ['migrate'], ['users', 'list']]) {
      const outcome = await runCommand(folder, command, { settings: OWN_KEY });
      assertFailed(outcome, 1, /no database at \S+\/data\/chit\.db, or it is empty.*secret\.key/);
      assert.match(outcome.stderr, /Restore the database.*delete .*secret\.key\.\n$/);
    }
    assert.equal(existsSync(path), empty, 'nothing is created');
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(`${path}.away${suffix}`)) renameSync(`${path}.away${suffix}`, path + suffix);
    }
  }
  const second = await startServerFor(t, OWN_KEY, folder);
  assert.doesNotMatch(second.output(), /new database/);
  const login = { username: 'ada', password: 'Pa55word!x' };
  assert.equal((await postJson(`${second.url}/api/login/`, login)).status, 200);
});

test('a write-ahead log without its database is not thrown away', async () => {
  const folder = newFolder();
  const wal = join(folder, 'chit.db-wal');
  writeFileSync(wal, 'what was booked last');
  const settings = { CHIT_DATABASE_URL: 'sqlite:chit.db' };
  const outcome = await runCommand(folder, ['migrate'], { settings });
  assertFailed(outcome, 1, /chit\.db-wal is still there/);
  assert.ok(existsSync(wal));
  rmSync(folder, { recursive: true });
});

test('a command in the wrong folder creates nothing and says where it looked', async () => {
  const folder = newFolder();
  for (const command of [
    ['users', 'list'],
    ['ledger', 'verify'],
    ['ledger', 'show', 'ada'],
    ['grant', 'ada', '5', '--reason', 'x'],
    ['setup-link'],
  ]) {
    const outcome = await runCommand(folder, command, { settings: OWN_KEY });
    assertFailed(outcome, 1, /no database at \S+\/data\/chit\.db, and this command does not/);
    assert.match(outcome.stderr, /CHIT_DATABASE_URL/);
  }
  assert.ok(!existsSync(join(folder, 'data')));
  rmSync(folder, { recursive: true });
});

test('only the owner may read the files', async (t) => {
  const first = await startServerFor(t, SQLITE);
  const data = join(first.folder, 'data');
  const modes = () =>
    ['chit.db', 'chit.db-wal', 'chit.db-shm'].map(
      (name) => statSync(join(data, name)).mode & 0o777,
    );
  assert.deepEqual(modes(), [0o600, 0o600, 0o600]);
  assert.equal(statSync(data).mode & 0o777, 0o700);
});

test('a start on a full or read-only disk, or without rights, says so in one line', async (t) => {
  const disk = smallDisk(t, 'size=64k');
  if (!disk) return;
  const settings = { CHIT_DATABASE_URL: `sqlite:${disk.folder}/data/chit.db` };
  const folder = newFolder();
  const assertOneLine = async (reason: RegExp) => {
    const outcome = await runChit(folder, ['serve'], { settings });
    assertFailed(outcome, 1, reason);
    assert.match(outcome.stderr, /^sqlite:.*\(CHIT_DATABASE_URL\) cannot be used: .*\n$/);
  };
  await assertOneLine(/disk is full/);
  disk.remount('size=2m');
  assert.equal((await runChit(folder, ['migrate'], { settings })).code, 0);
  const fill = fillDisk(disk.folder);
  await assertOneLine(/disk is full|disk I\/O error/);
  rmSync(fill);
  disk.remount('ro');
  await assertOneLine(/readonly database/);
  settings.CHIT_DATABASE_URL = `sqlite:${disk.folder}/new/chit.db`;
  await assertOneLine(/EROFS/);
});
