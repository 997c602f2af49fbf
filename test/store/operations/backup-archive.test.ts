/** The file of a backup: what was put into it comes out of it, or nothing does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BackupInvalid, type BackupManifest } from '../../../src/core/backups.ts';
import {
  describeFile,
  readManifest,
  unpackArchive,
  writeArchive,
} from '../../../src/store/operations/backup-archive.ts';
import {
  type BackupDraft,
  BackupRunning,
  deleteBackups,
  draftBackup,
  listBackups,
} from '../../../src/store/operations/backup-folder.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
const contents = join(folder, 'contents');
const archive = join(folder, 'whole.tar.zst');
let manifest: BackupManifest;
/** More than is read at once. */
const DATABASE = Buffer.alloc(300_001, 'SQLite format 3 ');

before(async () => {
  mkdirSync(contents);
  writeFileSync(join(contents, 'chit.db'), DATABASE);
  writeFileSync(join(contents, 'secret.key'), 'a key\n');
  manifest = {
    program: '0.3.0',
    database: 'sqlite',
    madeAt: '2026-11-28T12:00:00.000Z',
    madeBy: 'command',
    host: 'one',
    facts: {
      migration: '0007-limits',
      accounts: 0,
      transfers: 0,
      postedCredits: 0n,
      lastTransfer: undefined,
    },
    check: { of: 'ledger', faults: [] },
    files: {
      'chit.db': await describeFile(join(contents, 'chit.db')),
      'secret.key': await describeFile(join(contents, 'secret.key')),
    },
  };
  await writeArchive(archive, contents, manifest);
});
after(() => rmSync(folder, { recursive: true }));

let unpacked = 0;
async function unpack(path: string): Promise<string> {
  unpacked += 1;
  const target = join(folder, `unpacked-${unpacked}`);
  mkdirSync(target);
  assert.deepEqual(await unpackArchive(path, target), manifest);
  return target;
}

test('everything comes out as it went in, readable by its owner alone', async () => {
  const target = await unpack(archive);
  assert.deepEqual(readFileSync(join(target, 'chit.db')), DATABASE);
  assert.equal(readFileSync(join(target, 'secret.key'), 'utf8'), 'a key\n');
  for (const path of [archive, join(target, 'chit.db'), join(target, 'secret.key')]) {
    assert.equal(statSync(path).mode & 0o777, 0o600, path);
  }
  assert.deepEqual(await readManifest(archive), manifest);
});

test('it is a tar archive that other programs read', () => {
  const tar = join(folder, 'plain.tar');
  writeFileSync(tar, zstdDecompressSync(readFileSync(archive)));
  const listed = execFileSync('tar', ['-tf', tar]).toString().trim().split('\n');
  assert.deepEqual(listed, ['manifest.json', 'chit.db', 'secret.key']);
  assert.equal(execFileSync('tar', ['-xOf', tar, 'secret.key']).toString(), 'a key\n');
});

test('a file that was cut off anywhere is refused', async () => {
  const whole = readFileSync(archive);
  const path = join(folder, 'cut.tar.zst');
  for (const length of [0, 3, 10, 200, whole.length >> 1, whole.length - 5, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    await assert.rejects(unpack(path), BackupInvalid, `${length} bytes`);
  }
});

test('a file of which a byte was changed is refused, unless that means the same', async () => {
  const whole = readFileSync(archive);
  const path = join(folder, 'changed.tar.zst');
  for (let index = 0; index < whole.length; index += Math.ceil(whole.length / 40)) {
    const changed = Buffer.from(whole);
    changed[index] = (changed[index] ?? 0) ^ 0x10;
    writeFileSync(path, changed);
    // Some bits of the compression mean nothing; then all that it contains is as it was.
    const outcome = await unpack(path).then(
      (target) => readFileSync(join(target, 'chit.db')).equals(DATABASE),
      (error: unknown) => error instanceof BackupInvalid,
    );
    assert.ok(outcome, `byte ${index}`);
  }
});

test('an archive whose contents are not those of its manifest is refused', async () => {
  const tar = zstdDecompressSync(readFileSync(archive));
  const path = join(folder, 'forged.tar.zst');
  const forged = async (change: (bytes: Buffer) => Buffer, reason: RegExp) => {
    writeFileSync(path, zstdCompressSync(change(Buffer.from(tar))));
    await assert.rejects(unpack(path), reason);
  };
  const inDatabase = tar.indexOf('SQLite format 3');
  await forged((it) => it.fill('x', inDatabase, inDatabase + 1), /chit\.db in it was changed/);
  const nameOfKey = tar.indexOf('secret.key\0');
  await forged(
    (it) => it.fill('../escape\0', nameOfKey, nameOfKey + 10),
    /does not contain secret\.key/,
  );
  const twice = (it: Buffer) => Buffer.concat([it.subarray(0, -1024), it.subarray(0, 4096)]);
  await forged(twice, /unknown files/);
  await forged((it) => it.subarray(0, -1024), /ends too early/);
  await forged(() => Buffer.from('hello'), /ends too early/);
  await forged(() => Buffer.alloc(5_000, 'hello'), /is no backup/);
});

/** Makes a backup in a folder as the program does, at a time. */
function publishAt(place: string, madeAt: string): Promise<string> {
  return draftBackup(place, async (draft: BackupDraft) => {
    await writeArchive(draft.archive, contents, { ...manifest, madeAt });
    return draft.publish(madeAt);
  });
}

test('a folder lists its backups, newest first, and names what is none', async () => {
  const place = join(folder, 'backups');
  assert.deepEqual(await listBackups(place), { backups: [], unreadable: [] });
  await publishAt(place, '2026-11-27T01:02:03.456Z');
  await publishAt(place, '2026-11-28T01:02:03.456Z');
  await publishAt(place, '2026-11-28T01:02:03.789Z');
  assert.equal(statSync(place).mode & 0o777, 0o700);
  copyFileSync(archive, join(place, 'mine.tar.zst'));
  writeFileSync(join(place, 'chit-2026-11-26-010203.tar.zst'), 'half');
  mkdirSync(join(place, '.making-abandoned'));
  const { backups, unreadable } = await listBackups(place);
  assert.deepEqual(
    backups.map(({ name }) => name),
    [
      'chit-2026-11-28-010203-2.tar.zst',
      'chit-2026-11-28-010203.tar.zst',
      'chit-2026-11-27-010203.tar.zst',
    ],
  );
  assert.deepEqual(
    unreadable.map(({ name }) => name),
    ['chit-2026-11-26-010203.tar.zst'],
  );
});

test('only one makes a backup in a folder, and nothing of it is seen before it is done', async () => {
  const place = join(folder, 'alone');
  await assert.rejects(
    draftBackup(place, async (draft) => {
      await writeArchive(draft.archive, contents, manifest);
      await assert.rejects(publishAt(place, manifest.madeAt), BackupRunning);
      assert.deepEqual(await listBackups(place), { backups: [], unreadable: [] });
      throw new Error('the disk is full');
    }),
    /the disk is full/,
  );
  assert.deepEqual(readdirSync(place), ['.lock']);
  // What a process left that was killed is removed by the next.
  mkdirSync(join(place, '.making-abandoned'));
  writeFileSync(join(place, '.making-abandoned', 'chit.db'), 'half a copy');
  const path = await publishAt(place, manifest.madeAt);
  assert.deepEqual(readdirSync(place).sort(), ['.lock', 'chit-2026-11-28-120000.tar.zst']);
  await unpack(path);
});

test('nothing is deleted but what has the name of a backup', async () => {
  const place = join(folder, 'deleting');
  const path = await publishAt(place, manifest.madeAt);
  writeFileSync(join(place, 'notes.txt'), 'mine');
  await assert.rejects(deleteBackups(place, ['notes.txt']), BackupInvalid);
  await assert.rejects(deleteBackups(place, ['../whole.tar.zst']), BackupInvalid);
  await deleteBackups(place, ['chit-2026-11-28-120000.tar.zst']);
  assert.deepEqual(readdirSync(place).sort(), ['.lock', 'notes.txt']);
  assert.ok(!readdirSync(place).includes(path));
});
