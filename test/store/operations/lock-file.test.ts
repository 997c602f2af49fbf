/** Locks that several processes want at the same moment: one of them gets it, and all in turn. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BackupRunning, draftBackup } from '../../../src/store/operations/backup-folder.ts';
import { takeLock } from '../../../src/store/operations/lock-file.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

test('who waits for the lock has no part of it that another one needs', async () => {
  const path = join(folder, 'waited-for');
  // As another process that has the first half of it.
  const other = new DatabaseSync(path, { timeout: 500 });
  other.exec('BEGIN IMMEDIATE');
  const taker = new Worker(join(import.meta.dirname, '../../support/lock-taker.ts'), {
    workerData: { path, waitMs: 5_000 },
  });
  await once(taker, 'message');
  await sleep(50);
  const taken = once(taker, 'message');
  // Needs the other half.
  other.exec('CREATE TABLE a (b); COMMIT');
  other.close();
  assert.deepEqual(await taken, [true]);
});

test('who has it keeps all others out, until it gives it back', () => {
  const path = join(folder, 'kept');
  const lock = takeLock(path, 0);
  assert.ok(lock);
  assert.equal(takeLock(path, 5), undefined);
  lock.close();
  const next = takeLock(path, 0);
  assert.ok(next);
  next.close();
});

test('a backup is not refused for another one that is refused at the same moment', async () => {
  const place = join(folder, 'backups');
  await draftBackup(place, async () => undefined);
  const other = `const { DatabaseSync } = require('node:sqlite');
    const { parentPort, workerData } = require('node:worker_threads');
    const db = new DatabaseSync(workerData);
    db.exec('BEGIN IMMEDIATE');
    parentPort.postMessage('has a part of the lock');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    db.close();`;
  const worker = new Worker(other, { eval: true, workerData: join(place, '.lock') });
  await once(worker, 'message');
  assert.equal(await draftBackup(place, async () => 'made'), 'made');
  const held = draftBackup(place, async () => {
    await assert.rejects(
      draftBackup(place, async () => undefined),
      BackupRunning,
    );
  });
  await held;
});
