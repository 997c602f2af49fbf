/** Backups while bookings go on at full speed, and backups that are killed at any moment. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/app/ids.ts';
import { makeBackupApart } from '../../src/app/operations/backup-apart.ts';
import { backupSourceOf } from '../../src/compose/backups-of.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { unpackArchive } from '../../src/store/operations/backup-archive.ts';
import { listBackups } from '../../src/store/operations/backup-folder.ts';
import { faultsOf, newAccount } from '../support/chit.ts';
import { newFolder } from '../support/server.ts';

const BOOKERS = 4;
const folder = newFolder();
const order = { folder: join(folder, 'backups'), madeBy: 'schedule', mayDelete: true } as const;
let config: Config;
let chit: Chit;

before(async () => {
  const databaseUrl = `sqlite:${join(folder, 'data/chit.db')}`;
  config = loadConfig({ CHIT_DATABASE_URL: databaseUrl }, 'none').config;
  chit = await openChit(config);
});
after(async () => {
  await chit.close();
  rmSync(folder, { recursive: true });
});

/** Books without a pause until it is stopped. */
async function bookers() {
  const answered: string[] = [];
  const accounts = await Promise.all(Array.from({ length: BOOKERS }, () => newAccount(chit)));
  let isOver = false;
  const book = async (accountId: number) => {
    while (!isOver) {
      const transferId = newId();
      const result = await chit.context.ledger.submit({
        kind: 'grant',
        transferId,
        accountId,
        credits: 1,
        actor: 'cli:test',
        reason: 'because',
        idempotency: undefined,
        atMs: Date.now(),
      });
      assert.equal(result.outcome, 'granted');
      answered.push(transferId);
    }
  };
  const running = Promise.all(accounts.map(book));
  const stop = async () => {
    isOver = true;
    await running;
  };
  return { answered, stop };
}

async function transfersIn(path: string, name: string): Promise<Set<string>> {
  const contents = join(folder, name);
  mkdirSync(contents);
  await unpackArchive(path, contents);
  const db = new DatabaseSync(join(contents, 'chit.db'));
  const rows = db.prepare('SELECT id FROM transfers').all() as { id: string }[];
  db.close();
  return new Set(rows.map(({ id }) => id));
}

test('what was answered before a backup began is in it, and bookings go on meanwhile', async () => {
  const { answered, stop } = await bookers();
  for (const round of [1, 2]) {
    const beforehand = answered.length;
    const { signal } = new AbortController();
    const { backup } = await makeBackupApart(backupSourceOf(config), order, signal);
    assert.ok(answered.length > beforehand, 'bookings went on');
    assert.deepEqual(backup.manifest.check, { of: 'ledger', faults: [] });
    const copied = await transfersIn(backup.path, `round-${round}`);
    assert.equal(copied.size, backup.manifest.facts.transfers);
    assert.ok(copied.has(backup.manifest.facts.lastTransfer?.id ?? ''));
    assert.deepEqual(
      answered.slice(0, beforehand).filter((id) => !copied.has(id)),
      [],
    );
  }
  await stop();
  assert.deepEqual(await faultsOf(chit), []);
});

test('a backup that is killed leaves none, and the next one is made', async () => {
  const { stop } = await bookers();
  const { backups: beforehand } = await listBackups(order.folder);
  for (const afterMs of [50, 250, 450, 650]) {
    const killing = new AbortController();
    const made = makeBackupApart(backupSourceOf(config), order, killing.signal).catch(() => 0);
    await sleep(afterMs);
    killing.abort();
    await made;
    const { backups, unreadable } = await listBackups(order.folder);
    assert.deepEqual(unreadable, []);
    // One that was done by then is whole.
    for (const { path, name } of backups.slice(0, backups.length - beforehand.length)) {
      const contents = join(folder, `${afterMs}-${name}`);
      mkdirSync(contents);
      await unpackArchive(path, contents);
    }
  }
  const { signal } = new AbortController();
  const { backup } = await makeBackupApart(backupSourceOf(config), order, signal);
  assert.deepEqual(backup.manifest.check.faults, []);
  await stop();
  assert.deepEqual(await faultsOf(chit), []);
});
