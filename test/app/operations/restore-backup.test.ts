/** Restoring: the old data or the new, whenever it is broken off; never while it is in use. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { isGood, makeBackup } from '../../../src/app/operations/make-backup.ts';
import {
  RestoreFailure,
  type RestoreOptions,
  type RestoreTarget,
  restoreBackup,
} from '../../../src/app/operations/restore-backup.ts';
import { openRestored } from '../../../src/compose/open-restored.ts';
import { type Chit, openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { manifestFrom, manifestText } from '../../../src/core/backups.ts';
import { unpackArchive, writeArchive } from '../../../src/store/operations/backup-archive.ts';
import type { ListedBackup } from '../../../src/store/operations/backup-folder.ts';
import { takeLock } from '../../../src/store/operations/lock-file.ts';
import { createAccount, faultsOf } from '../../support/chit.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
const OLD_KEY = 'the key of the time of the backup, long enough';
const NEW_KEY = 'the key that was made since, which is as long';
/** As it was when the backup was made, and as it is now: with two more accounts. */
const now = join(folder, 'now');
let backup: ListedBackup;

function targetIn(place: string, more: Partial<RestoreTarget> = {}): RestoreTarget {
  return {
    databaseUrl: `sqlite:${join(place, 'data/chit.db')}`,
    dataFolder: join(place, 'data'),
    secretKeySetting: undefined,
    deploymentFile: join(place, 'chit.json'),
    environment: {},
    ...more,
  };
}

function open(place: string): Promise<Chit> {
  const { databaseUrl } = targetIn(place);
  const { config } = loadConfig({ CHIT_DATABASE_URL: databaseUrl }, 'none');
  return openChit(config);
}

async function addAccount(chit: Chit, username: string): Promise<void> {
  const flags = { isStaff: false, isSuperuser: false };
  await createAccount(chit.context, { username, password: 'Pa55word!x', ...flags });
}

before(async () => {
  mkdirSync(join(now, 'data'), { recursive: true });
  writeFileSync(join(now, 'data/secret.key'), `${OLD_KEY}\n`);
  writeFileSync(join(now, 'chit.json'), '{ "models": [] }');
  const { databaseUrl } = targetIn(now);
  rmSync(join(now, 'data/secret.key'));
  const chit = await open(now);
  writeFileSync(join(now, 'data/secret.key'), `${OLD_KEY}\n`);
  await addAccount(chit, 'ada');
  const made = await makeBackup(
    {
      databaseUrl,
      secretKey: OLD_KEY,
      deploymentFile: join(now, 'chit.json'),
      program: '0.0.0',
      environment: {},
    },
    { folder: join(folder, 'backups'), madeBy: 'command', mayDelete: true },
  );
  backup = made.backup;
  assert.ok(isGood(backup));
  await addAccount(chit, 'grace');
  await addAccount(chit, 'joan');
  await chit.close();
  writeFileSync(join(now, 'data/secret.key'), `${NEW_KEY}\n`);
});
after(() => rmSync(folder, { recursive: true }));

let places = 0;
/** A copy of what is there now. */
function newPlace(): string {
  places += 1;
  const place = join(folder, `place-${places}`);
  cpSync(now, place, { recursive: true });
  return place;
}

/** What is in a place, as the program finds it when it is started next. */
async function foundIn(place: string): Promise<{ accounts: number; key: string }> {
  const chit = await open(place);
  assert.deepEqual(await faultsOf(chit), []);
  const { accounts } = await chit.context.ledgerVerifier.atOneMoment((it) => it.totals());
  await chit.close();
  return { accounts, key: readFileSync(join(place, 'data/secret.key'), 'utf8').trim() };
}

const OLD = { accounts: 3, key: NEW_KEY };
const RESTORED = { accounts: 1, key: OLD_KEY };

/**
 * Restores, and keeps what is on the disk before each step: what a process would leave that is
 * killed there.
 */
async function restoreStepByStep(place: string): Promise<{ step: string; left: string }[]> {
  const all: { step: string; left: string }[] = [];
  const onStep = (step: string) => {
    const left = join(folder, `left-${all.length}`);
    cpSync(place, left, { recursive: true });
    all.push({ step, left });
  };
  await restoreBackup(backup.path, targetIn(place), { onStep });
  return all;
}

test('a backup takes the place of what is there, which is kept and told', async () => {
  const place = newPlace();
  const report = await restoreBackup(backup.path, targetIn(place));
  assert.deepEqual(report.lost.kind === 'transfers' && report.lost.transfers, 2);
  assert.deepEqual([report.key, report.deployment], ['restored', 'same']);
  const { aside = '' } = report;
  assert.deepEqual(readdirSync(aside).sort(), ['chit.db', 'secret.key']);
  assert.equal(readFileSync(join(aside, 'secret.key'), 'utf8').trim(), NEW_KEY);
  const kept = new DatabaseSync(join(aside, 'chit.db'));
  assert.deepEqual({ ...kept.prepare('SELECT count(*) AS n FROM accounts').get() }, { n: 3 });
  kept.close();
  assert.deepEqual(await foundIn(place), RESTORED);
  assert.deepEqual(
    readdirSync(join(place, 'data')).filter(
      (it) => it.startsWith('.restore') || it === 'restore.json',
    ),
    [],
  );
});

test('killed before any step, the data is the old or the new, and never a mixture', async () => {
  const all = await restoreStepByStep(newPlace());
  const steps = all.map(({ step }) => step);
  assert.deepEqual(steps, [
    'write the journal',
    'decide',
    'move chit.db aside',
    'move secret.key aside',
    'put chit.db in its place',
    'put secret.key in its place',
    'note that it is done',
    'tidy up',
  ]);
  for (const [index, { step, left }] of all.entries()) {
    const expected = index <= steps.indexOf('decide') ? OLD : RESTORED;
    assert.deepEqual(await foundIn(left), expected, step);
    // It can be restored again, and what was there first is still kept.
    if (expected === OLD) {
      await restoreBackup(backup.path, targetIn(left));
      assert.deepEqual(await foundIn(left), RESTORED, step);
    }
    const names = readdirSync(join(left, 'data'));
    const aside = names.filter((it) => it.startsWith('before-restore'));
    assert.equal(aside.length, 1, step);
    assert.deepEqual(readdirSync(join(left, 'data', aside[0] ?? '')).sort(), [
      'chit.db',
      'secret.key',
    ]);
    assert.ok(!names.includes('restore.json'), step);
  }
});

test('while somebody has the database open nothing is restored', async () => {
  const place = newPlace();
  const chit = await open(place);
  await assert.rejects(restoreBackup(backup.path, targetIn(place)), /is using .*chit\.db/);
  await addAccount(chit, 'emmy');
  await chit.close();
  assert.deepEqual(await foundIn(place), { ...OLD, accounts: 4 });
});

for (const isReadOnly of [false, true]) {
  const who = isReadOnly ? 'a backup' : 'a server';
  test(`${who} that waits while a backup is restored gets what was restored`, async () => {
    const place = newPlace();
    const target = targetIn(place);
    let found: Promise<unknown> | undefined;
    const onStep = (step: string) => {
      if (step === 'decide') found = accountsFoundBy({ url: target.databaseUrl, isReadOnly });
    };
    await restoreBackup(backup.path, target, { onStep });
    assert.equal(await found, RESTORED.accounts);
  });
}

/** Opens a database in a thread, which is at it, and waits for a lock, when this returns. */
function accountsFoundBy(workerData: object): Promise<unknown> {
  const path = join(import.meta.dirname, '../../support/database-opener.ts');
  const opening = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(path, { workerData: { ...workerData, opening } });
  const found = once(worker, 'message');
  Atomics.wait(opening, 0, 0, 5_000);
  // From there to the lock takes it a moment; where it takes longer, there is nothing to wait for.
  Atomics.wait(opening, 0, 1, 100);
  return found.then(([accounts]) => accounts);
}

test('while a lease lasts nothing is restored, since its server may be on another machine', async () => {
  const place = newPlace();
  const db = new DatabaseSync(join(place, 'data/chit.db'));
  db.exec(`INSERT INTO leases (id, expires_at, for_ms) VALUES ('x', ${Date.now() + 60_000}, 10)`);
  db.close();
  await assert.rejects(
    restoreBackup(backup.path, targetIn(place)),
    /lasts for another \d+ seconds/,
  );
  assert.deepEqual(await foundIn(place), OLD);
});

test('on a new machine everything is restored, chit.json too', async () => {
  const place = join(folder, 'new machine');
  mkdirSync(place);
  const report = await restoreBackup(backup.path, targetIn(place));
  assert.deepEqual(
    [report.lost.kind, report.aside, report.key, report.deployment],
    ['nothing_there', undefined, 'restored', 'restored'],
  );
  assert.equal(readFileSync(join(place, 'chit.json'), 'utf8'), '{ "models": [] }');
  assert.deepEqual(await foundIn(place), RESTORED);
});

test('beside another restore nothing is restored, and what that one needs stays', async () => {
  const place = join(folder, 'two restores');
  const target = targetIn(place);
  const others = join(target.dataFolder, '.restore-of-another');
  mkdirSync(others, { recursive: true });
  const lock = takeLock(join(others, '.lock'), 0);
  assert.ok(lock);
  await assert.rejects(restoreBackup(backup.path, target), /Another restore is under way/);
  assert.deepEqual(readdirSync(target.dataFolder), ['.restore-of-another']);
  // It ends without having tidied up.
  lock.close();
  await restoreBackup(backup.path, target);
  assert.deepEqual(await foundIn(place), RESTORED);
  assert.equal(existsSync(others), false);
});

test('what a server creates while it is restored there is not replaced', async () => {
  const place = join(folder, 'created meanwhile');
  const target = targetIn(place);
  mkdirSync(target.dataFolder, { recursive: true });
  let started: Promise<Chit> | undefined;
  const onProgress = () => {
    started ??= open(place);
  };
  await assert.rejects(
    restoreBackup(backup.path, target, { onProgress }),
    /has just created a database/,
  );
  const chit = await started;
  assert.ok(chit);
  await addAccount(chit, 'hedy');
  await chit.close();
  assert.equal((await foundIn(place)).accounts, 1);
});

test('a restore that is broken off is finished by whoever is opening the database', async () => {
  const [{ left = '' } = {}] = (await restoreStepByStep(newPlace())).filter(
    ({ step }) => step === 'move chit.db aside',
  );
  const { databaseUrl, dataFolder } = targetIn(left);
  const journal = join(dataFolder, 'restore.json');
  const hidden = join(dataFolder, 'not yet.json');
  renameSync(journal, hidden);
  // It is decided when this one has looked whether one is, and before it has opened the file.
  const decidedMeanwhile = {
    get mayCreate() {
      if (existsSync(hidden)) renameSync(hidden, journal);
      return true;
    },
  };
  const database = await openRestored(databaseUrl, dataFolder, decidedMeanwhile);
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM accounts`.execute(
    database.kysely,
  );
  await database.close();
  assert.deepEqual(rows, [{ n: RESTORED.accounts }]);
});

test('a check changes nothing', async () => {
  const place = newPlace();
  const before = readdirSync(join(place, 'data')).sort();
  const report = await restoreBackup(backup.path, targetIn(place), { isDryRun: true });
  assert.equal(report.lost.kind === 'transfers' && report.lost.transfers, 2);
  assert.deepEqual(readdirSync(join(place, 'data')).sort(), before);
  assert.deepEqual(await foundIn(place), OLD);
});

test('a key that is a setting stays, and it is told whether it is the same', async () => {
  for (const [secretKeySetting, expected] of [
    [OLD_KEY, 'setting_same'],
    [NEW_KEY, 'setting_differs'],
  ] as const) {
    const place = newPlace();
    const { key } = await restoreBackup(backup.path, targetIn(place, { secretKeySetting }));
    assert.equal(key, expected);
    assert.deepEqual(await foundIn(place), { accounts: 1, key: NEW_KEY });
  }
});

test('a chit.json that was changed since stays as it is', async () => {
  const place = newPlace();
  writeFileSync(join(place, 'chit.json'), '{ "models": [], "aliases": {} }');
  const { deployment } = await restoreBackup(backup.path, targetIn(place));
  assert.equal(deployment, 'kept');
  assert.match(readFileSync(join(place, 'chit.json'), 'utf8'), /aliases/);
});

test('a damaged database can be replaced, and is kept', async () => {
  const place = newPlace();
  writeFileSync(join(place, 'data/chit.db'), 'not a database, but it was one once'.repeat(100));
  const { lost, aside = '' } = await restoreBackup(backup.path, targetIn(place));
  assert.equal(lost.kind, 'unreadable');
  assert.match(readFileSync(join(aside, 'chit.db'), 'utf8'), /^not a database/);
  assert.deepEqual(await foundIn(place), RESTORED);
});

/** The backup with another manifest or contents. */
async function changed(
  change: (stored: Record<string, never>) => void,
  inContents: (contents: string) => void = () => undefined,
): Promise<string> {
  places += 1;
  const contents = join(folder, `contents-${places}`);
  mkdirSync(contents);
  const manifest = await unpackArchive(backup.path, contents);
  inContents(contents);
  const stored = JSON.parse(manifestText(manifest)) as Record<string, never>;
  change(stored);
  const path = join(folder, `changed-${places}.tar.zst`);
  await writeArchive(path, contents, manifestFrom(JSON.stringify(stored)));
  return path;
}

async function assertRefused(
  path: string,
  reason: RegExp,
  options: RestoreOptions = {},
): Promise<void> {
  const place = newPlace();
  await assert.rejects(restoreBackup(path, targetIn(place), options), (error: Error) => {
    assert.ok(error instanceof RestoreFailure, error.message);
    assert.match(error.message, reason);
    return true;
  });
  assert.deepEqual(await foundIn(place), OLD);
}

test('what is damaged, newer, of another kind or with faults is refused', async () => {
  const set = (name: string, value: unknown) => (stored: Record<string, never>) =>
    Object.assign(stored, { [name]: value });
  const facts = { ...backup.manifest.facts, postedCredits: '0', migration: '0999-later' };
  await assertRefused(await changed(set('facts', facts)), /A newer version of Chit made this/);
  await assertRefused(await changed(set('database', 'postgres')), /a backup of PostgreSQL, but/);
  const check = { of: 'ledger', faults: ['Account 1 is wrong.'] };
  await assertRefused(await changed(set('check', check)), /has faults:\nAccount 1 is wrong/);
  const half = join(folder, 'half.tar.zst');
  writeFileSync(half, readFileSync(backup.path).subarray(0, 2_000));
  await assertRefused(half, /half\.tar\.zst: It .*Nothing was changed/s);
});

test('a backup whose ledger does not agree is found out, and restored only by force', async () => {
  // The files of the manifest are described anew, as whoever forges a backup would.
  const { describeFile } = await import('../../../src/store/operations/backup-archive.ts');
  places += 1;
  const contents = join(folder, `contents-${places}`);
  mkdirSync(contents);
  const manifest = await unpackArchive(backup.path, contents);
  const db = new DatabaseSync(join(contents, 'chit.db'));
  db.exec('UPDATE accounts SET posted = posted + 1');
  db.close();
  const files = { ...manifest.files, 'chit.db': await describeFile(join(contents, 'chit.db')) };
  const path = join(folder, 'forged.tar.zst');
  await writeArchive(path, contents, { ...manifest, files });
  await assertRefused(path, /All balances sum to 4001, but all transfers to 4000.*--force/s);
  const place = newPlace();
  await restoreBackup(path, targetIn(place), { isForced: true });
  const chit = await open(place);
  assert.equal((await faultsOf(chit)).length, 2);
  await chit.close();
});
