/** A backup of a database in use: what it has, how it is checked, and what happens if it fails. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import {
  BackupFailure,
  type BackupSource,
  isGood,
  makeBackup,
} from '../../../src/app/operations/make-backup.ts';
import { type Chit, openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { unpackArchive } from '../../../src/store/operations/backup-archive.ts';
import { draftBackup, listBackups } from '../../../src/store/operations/backup-folder.ts';
import { newAccount } from '../../support/chit.ts';
import { loadDump } from '../../support/database-dump.ts';
import { newFolder } from '../../support/server.ts';
import { smallDisk } from '../../support/tmpfs.ts';

const folder = newFolder();
const databaseUrl = `sqlite:${join(folder, 'data/chit.db')}`;
const backups = join(folder, 'backups');
const order = { folder: backups, madeBy: 'command', mayDelete: true } as const;
let chit: Chit;

function source(more: Partial<BackupSource> = {}): BackupSource {
  const secretKey = 'a secret key of more than thirty-two characters';
  const plain = { databaseUrl, secretKey, program: '0.0.0', environment: {} };
  return { ...plain, deploymentFile: undefined, ...more };
}

before(async () => {
  chit = await openChit(loadConfig({ CHIT_DATABASE_URL: databaseUrl }, 'none').config);
});
after(async () => {
  await chit.close();
  rmSync(folder, { recursive: true });
});

let unpacked = 0;
async function contentsOf(path: string): Promise<string> {
  unpacked += 1;
  const target = join(folder, `unpacked-${unpacked}`);
  mkdirSync(target);
  await unpackArchive(path, target);
  return target;
}

test('a backup has the database at one moment, the key and chit.json, and is verified', async () => {
  await newAccount(chit);
  const deploymentFile = join(folder, 'chit.json');
  writeFileSync(deploymentFile, '{"models":[]}');
  const { backup } = await makeBackup(source({ deploymentFile }), order);
  await newAccount(chit);
  const { facts, check, database, madeBy } = backup.manifest;
  assert.deepEqual([facts.accounts, facts.transfers, facts.postedCredits], [1, 1, 4_000n]);
  assert.deepEqual(check, { of: 'ledger', faults: [] });
  assert.deepEqual([database, madeBy], ['sqlite', 'command']);
  assert.equal(statSync(backup.path).mode & 0o777, 0o600);
  assert.equal(statSync(backups).mode & 0o777, 0o700);
  const contents = await contentsOf(backup.path);
  assert.deepEqual(readdirSync(contents).sort(), ['chit.db', 'chit.json', 'secret.key']);
  assert.equal(readFileSync(join(contents, 'chit.json'), 'utf8'), '{"models":[]}');
  assert.equal(readFileSync(join(contents, 'secret.key'), 'utf8'), `${source().secretKey}\n`);
  const copy = new DatabaseSync(join(contents, 'chit.db'));
  const last = copy.prepare('SELECT id FROM transfers').all() as { id: string }[];
  copy.close();
  assert.deepEqual(
    last.map(({ id }) => id),
    [facts.lastTransfer?.id],
  );
});

test('a backup of a ledger with faults is kept, but is no good one', async () => {
  const place = join(folder, 'faulty');
  const copied = join(place, 'chit.db');
  const first = await makeBackup(source(), { ...order, folder: place });
  const contents = await contentsOf(first.backup.path);
  const db = new DatabaseSync(join(contents, 'chit.db'));
  db.exec('UPDATE accounts SET posted = posted + 1');
  db.close();
  const faulty = source({ databaseUrl: `sqlite:${join(contents, 'chit.db')}` });
  const { backup, deleted } = await makeBackup(faulty, { ...order, folder: place });
  assert.equal(isGood(backup), false);
  assert.match(
    backup.manifest.check.faults.join(),
    /has 4001 posted, but its transfers sum to 4000/,
  );
  assert.deepEqual(deleted, []);
  assert.equal((await listBackups(place)).backups.find(isGood)?.name, first.backup.name);
  assert.equal(existsSync(copied), false);
});

test('where there is no database nothing is made', async () => {
  const missing = source({ databaseUrl: `sqlite:${join(folder, 'none/chit.db')}` });
  const place = join(folder, 'nothing');
  await assert.rejects(makeBackup(missing, { ...order, folder: place }), (error: Error) => {
    assert.ok(error instanceof BackupFailure);
    assert.match(error.message, /There is no database at .*none\/chit\.db/);
    return true;
  });
  assert.equal(existsSync(place), false);
});

test('two do not make one in a folder at once', async () => {
  const place = join(folder, 'twice');
  await draftBackup(place, async () => {
    const second = makeBackup(source(), { ...order, folder: place });
    await assert.rejects(second, /Another backup is being made in/);
  });
  assert.deepEqual((await listBackups(place)).backups, []);
});

test('on a disk with too little room it is not begun, and a full disk leaves nothing', async (t) => {
  const small = smallDisk(t, 'size=2m');
  if (small) {
    const tooSmall = makeBackup(source(), { ...order, folder: small.folder });
    await assert.rejects(tooSmall, /too little room .* Make room, or set CHIT_BACKUP_FOLDER/);
    assert.deepEqual(readdirSync(small.folder), ['.lock']);
  }
  const disk = smallDisk(t, 'size=36m');
  if (!disk) return;
  // What does not get smaller by compression, in a file that is not counted beforehand.
  const deploymentFile = join(folder, 'large.json');
  writeFileSync(deploymentFile, crypto.getRandomValues(new Uint8Array(65_536)));
  writeFileSync(deploymentFile, Buffer.concat(Array(600).fill(readFileSync(deploymentFile))));
  const full = makeBackup(source({ deploymentFile }), { ...order, folder: disk.folder });
  await assert.rejects(full, /The disk of .* is full\. Nothing of the backup was left/);
  assert.deepEqual(readdirSync(disk.folder), ['.lock']);
  await newAccount(chit);
});

test('before a database of an earlier version is upgraded, it is backed up', async () => {
  const old = join(folder, 'old');
  mkdirSync(join(old, 'data'), { recursive: true });
  const url = `sqlite:${join(old, 'data/chit.db')}`;
  // As if the newest migration were yet to come: the note that it was applied is missing.
  const withoutNewest = (await makeBackup(source(), { ...order, folder: old })).backup;
  const contents = await contentsOf(withoutNewest.path);
  const db = new DatabaseSync(join(contents, 'chit.db'));
  db.exec("DELETE FROM kysely_migration WHERE name >= '0007'");
  db.exec(`VACUUM INTO '${join(old, 'data/chit.db')}'`);
  db.close();
  const notices: string[] = [];
  const settings = { CHIT_DATABASE_URL: url, CHIT_SECRET_KEY: source().secretKey ?? '' };
  const open = (more: Record<string, string>) =>
    openChit(loadConfig({ ...settings, ...more }, 'none').config, undefined, {
      onNotice: (notice) => notices.push(notice),
    });
  // It fails then, since the tables are there already; the backup has been made.
  await assert.rejects(open({}));
  const { backups: made } = await listBackups(join(old, 'data/backups'));
  const [backup] = made;
  assert.equal(made.length, 1);
  assert.deepEqual(
    [backup?.manifest.madeBy, backup?.manifest.facts.migration, backup?.manifest.check],
    ['upgrade', '0006-usage-by-unit', { of: 'file', faults: [] }],
  );
  assert.match(notices.join(), /upgraded from migration 0006.* Backup before it: .*\.tar\.zst/);
  // Without room for a backup there is no upgrade.
  writeFileSync(join(old, 'no folder'), '');
  const unwritable = open({ CHIT_BACKUP_FOLDER: join(old, 'no folder') });
  await assert.rejects(unwritable, /was not upgraded.* CHIT_BACKUP_BEFORE_UPGRADE=0/s);
  const none = { CHIT_BACKUP_BEFORE_UPGRADE: '0', CHIT_BACKUP_FOLDER: join(old, 'other') };
  await assert.rejects(open(none));
  assert.equal(existsSync(join(old, 'other')), false);
});

test('of several that start at once on an earlier version one upgrades, with one backup', async () => {
  const place = join(folder, 'started at once');
  const url = `sqlite:${join(place, 'chit.db')}`;
  mkdirSync(place);
  const dump = join(import.meta.dirname, '../../store/upgrade/0.2.0-sqlite.sql');
  await loadDump(url, readFileSync(dump, 'utf8'));
  const settings = { CHIT_DATABASE_URL: url, CHIT_SECRET_KEY: source().secretKey ?? '' };
  const { config } = loadConfig(settings, 'none');
  const notices: string[] = [];
  // The next one starts when the backup is made and the upgrade is not.
  let next: Promise<Chit> | undefined;
  const onNotice = (notice: string) => {
    notices.push(notice);
    next ??= openChit(config, undefined, { onNotice });
  };
  const first = await openChit(config, undefined, { onNotice });
  assert.ok(next);
  const opened = [first, await next];
  for (const it of opened) await it.close();
  assert.deepEqual(
    opened.map(({ migrated }) => migrated.length > 0),
    [true, false],
  );
  assert.equal(notices.length, 1);
  assert.equal((await listBackups(join(place, 'backups'))).backups.length, 1);
});
