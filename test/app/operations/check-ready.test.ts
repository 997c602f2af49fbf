/** Readiness: false when nothing can be booked, whatever else still answers. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import pg from 'pg';
import { Readiness } from '../../../src/app/operations/check-ready.ts';
import { ChitError, hasCode } from '../../../src/core/errors.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openTestChit } from '../../support/chit.ts';
import { engineFor, onEachDatabase, openMigrated } from '../../support/databases.ts';
import { fullDisk } from '../../support/full-disk.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { newFolder } from '../../support/server.ts';
import { fillDisk, smallDisk } from '../../support/tmpfs.ts';

const isUnavailable = (error: unknown) => hasCode(error, 'ledger_unavailable');

test('a full disk is not ready, and one with space again is', async () => {
  const disk = fullDisk();
  const chit = await openTestChit(`sqlite:${newFolder()}/chit.db`, scriptedModel(flatPrice(100)));
  const { ledger } = chit.context;
  await ledger.check();
  disk.fill();
  for (let tries = 0; tries < 3; tries += 1) await assert.rejects(ledger.check(), isUnavailable);
  disk.free();
  await ledger.check();
  await chit.close();
});

test('so it is on a real disk without space (ENOSPC)', async (t) => {
  const disk = smallDisk(t, 'size=8m');
  if (!disk) return;
  const url = `sqlite:${disk.folder}/data/chit.db`;
  const chit = await openTestChit(url, scriptedModel(flatPrice(100)));
  const { ledger } = chit.context;
  await ledger.check();
  const filler = fillDisk(disk.folder);
  // The write-ahead log may have space of its own left.
  let refused = 0;
  for (let tries = 0; tries < 200 && refused < 5; tries += 1) {
    refused = await ledger.check().then(
      () => 0,
      (error) => (isUnavailable(error) ? refused + 1 : Number.NaN),
    );
  }
  assert.equal(refused, 5, 'it is not ready, and stays so');
  rmSync(filler);
  await ledger.check();
  await chit.close();
});

onEachDatabase((at) => {
  test('the probe leaves nothing behind', async () => {
    const database = await openMigrated(await at.newUrl());
    const ledger = new Ledger(engineFor(database));
    await Promise.all([ledger.check(), ledger.check()]);
    const rows = await database.kysely.selectFrom('idempotency_keys').selectAll().execute();
    assert.deepEqual(rows, []);
    await ledger.close();
    await database.close();
  });

  test('a database that takes no writes is not ready', async () => {
    const url = await at.newUrl();
    const database = await openMigrated(url);
    const ledger = new Ledger(engineFor(database));
    await ledger.check();
    const setReadOnly = async (isOn: boolean) => {
      if (at.name === 'SQLite') {
        database.base.sqlite?.db.exec(`PRAGMA query_only = ${isOn ? 1 : 0}`);
        return;
      }
      // As on a standby (25006), for sessions that begin from now on.
      const name = new URL(url).pathname.slice(1);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`SET default_transaction_read_only = off`);
      await client.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = ${isOn}`);
      await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity' +
          ' WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await client.end();
    };
    await setReadOnly(true);
    await assert.rejects(ledger.check(), isUnavailable);
    // What is refused without a write does not hide it from a check in the same batch.
    const release = { kind: 'release', generationId: 'none', accountId: 1, atMs: 0 } as const;
    const beside = ledger.submit({ ...release, payerId: undefined, reason: 'stopped' });
    await assert.rejects(ledger.check(), isUnavailable);
    await beside.catch(() => undefined);
    await setReadOnly(false);
    await ledger.check();
    await ledger.close();
    await database.close();
  });
});

test('one probe answers all who ask at the same time, and probes are some time apart', async () => {
  let checks = 0;
  let isBroken = false;
  const pauses: number[] = [];
  const check = async () => {
    checks += 1;
    if (isBroken) throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false });
  };
  const readiness = new Readiness({ ledger: { check } as Ledger }, async (ms) => pauses.push(ms));
  await Promise.all([readiness.check(), readiness.check()]);
  assert.deepEqual([checks, pauses], [1, []]);
  isBroken = true;
  await Promise.all([1, 2].map(() => assert.rejects(readiness.check(), isUnavailable)));
  isBroken = false;
  await readiness.check();
  assert.equal(checks, 3, 'no answer is kept');
  assert.equal(pauses.length, 2);
  for (const ms of pauses) assert.ok(ms > 0 && ms <= 200, String(ms));
});
