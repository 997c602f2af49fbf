/** `chit backup`, `chit backups`, `chit restore`, and how old copies are found. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { createAccount } from '../support/chit.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { newFolder } from '../support/server.ts';

let folder: string;
let database: string;
const settings = () => ({ CHIT_DATABASE_URL: `sqlite:${database}`, CHIT_SECRET_KEY: '' });
const chitIn = (...args: string[]) => runCommand(folder, args, { settings: settings() });

function open(): Promise<Chit> {
  return openChit(loadConfig({ ...settings() }, 'none').config);
}

async function addAccount(username: string): Promise<void> {
  const chit = await open();
  const flags = { isStaff: false, isSuperuser: false };
  await createAccount(chit.context, { username, password: 'Pa55word!x', ...flags });
  await chit.close();
}

beforeEach(async () => {
  folder = newFolder();
  database = join(folder, 'data/chit.db');
  await addAccount('ada');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a backup is made, listed, checked and restored', async () => {
  const made = assertDone(await chitIn('backup'));
  const path = made.split('\n')[0] ?? '';
  assert.match(path, /data\/backups\/chit-[\d-]+\.tar\.zst$/);
  assert.match(made, /1 account with 4000 tokens, 1 transfer, the last \S+ of \S+; \d+ bytes/);
  assert.match(made, /everything agrees/);
  const listed = assertDone(await chitIn('backups'));
  assert.match(listed, /\d\d:\d\d:\d\d UTC +command +\d+ +1 +\S+ +ledger agrees +chit-/);
  const [line = ''] = assertDone(await chitIn('backups', '--json')).split('\n');
  const { name, facts } = JSON.parse(line) as { name: string; facts: { postedCredits: string } };
  assert.deepEqual([name, facts.postedCredits], [basename(path), '4000']);
  await addAccount('grace');
  const checked = assertDone(await chitIn('restore', '--check', name));
  assert.match(checked, /The backup is whole.*1 transfer would be lost.*Nothing was changed/s);
  const restored = assertDone(await chitIn('restore', name));
  assert.match(restored, /1 transfer is lost, booked after the backup, the last at 20/);
  assert.match(restored, /What was there is kept in .*before-restore-.*ledger verify/s);
  // What was restored on purpose is no fault.
  assert.match(assertDone(await chitIn('ledger', 'verify')), /1 account, 1 transfer,/);
});

test('a backup elsewhere deletes nothing, and comes back on an empty machine', async () => {
  const elsewhere = join(folder, 'usb stick');
  const [path = ''] = assertDone(await chitIn('backup', elsewhere)).split('\n');
  assert.equal(existsSync(join(folder, 'data/backups')), false);
  assertDone(await chitIn('backups', elsewhere));
  rmSync(join(folder, 'data'), { recursive: true });
  const restored = assertDone(await chitIn('restore', path));
  assert.match(restored, /There was no database here before.*The secret key was restored/s);
  assertDone(await chitIn('ledger', 'verify'));
});

test('a backup of a running server, restored elsewhere, is not taken for a copy', async () => {
  const chit = await open();
  await chit.context.leases.take('a-server-that-is-backed-up', -30_000);
  await chit.close();
  const elsewhere = join(folder, 'elsewhere');
  const [path = ''] = assertDone(await chitIn('backup', elsewhere)).split('\n');
  rmSync(join(folder, 'data'), { recursive: true });
  assert.match(assertDone(await chitIn('restore', '--check', path)), /key would be restored too/);
  assertDone(await chitIn('restore', path));
  assertDone(await chitIn('ledger', 'verify'));
});

test('what there is not is said, with what to do', async () => {
  assertFailed(await chitIn('restore', 'nothing'), 1, /There is no file .*`chit backups` lists/);
  assert.match(assertDone(await chitIn('backups')), /There are no backups in .*data\/backups/);
  rmSync(database);
  assertFailed(await chitIn('backup'), 1, /There is no database at/);
  const chit = join(folder, 'data/other.db');
  copyFileSync(join(import.meta.dirname, 'backup.test.ts'), chit);
  database = chit;
  assertFailed(await chitIn('backup'), 1, /The backup in .* failed: file is not a database/);
});

test('a database without tables, as a new server has at first, is not backed up', async () => {
  database = join(folder, 'new.db');
  new DatabaseSync(database).close();
  assertFailed(await chitIn('backup'), 1, /There is nothing to back up: .*try again/);
  assert.match(assertDone(await chitIn('backups')), /There are no backups/);
});

test('a command that finds the database kept by another process says so', async () => {
  const other = new DatabaseSync(database);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  try {
    const outcome = await chitIn('users', 'list');
    assertFailed(outcome, 1, /CHIT_DATABASE_URL\) cannot be used: another process keeps it for it/);
  } finally {
    other.close();
  }
  assertDone(await chitIn('users', 'list'));
});

test('a database that is older than its newest backup does not verify', async () => {
  const old = join(folder, 'old.db');
  const copy = new DatabaseSync(database);
  copy.exec(`VACUUM INTO '${old}'`);
  copy.close();
  await addAccount('grace');
  assertDone(await chitIn('backup'));
  assertDone(await chitIn('ledger', 'verify'));
  renameSync(old, database);
  const outcome = await chitIn('ledger', 'verify');
  assertFailed(outcome, 1, /The backup chit-\S+ of \S+ has the transfer \S+ of \S+, which this/);
});

test('a copy without its write-ahead log, of a server that did not stop, is told', async () => {
  const chit = await open();
  await chit.context.leases.take('a-server-that-was-killed', -60_000);
  // Into the file, as a checkpoint does while the server runs.
  const db = new DatabaseSync(database);
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  const flags = { isStaff: false, isSuperuser: false };
  const account = { username: 'lost', password: 'Pa55word!x' };
  await createAccount(chit.context, { ...account, ...flags });
  mkdirSync(join(folder, 'copied'));
  const copied = join(folder, 'copied/chit.db');
  copyFileSync(database, copied);
  db.close();
  await chit.close();
  database = copied;
  const { code, stdout, stderr } = await chitIn('ledger', 'verify');
  assert.match(stdout, /Everything agrees: 1 account,/);
  assert.match(stderr, /did not stop \(its lease ended at .*there is no chit\.db-wal beside it/);
  assert.equal(code, 0);
});
