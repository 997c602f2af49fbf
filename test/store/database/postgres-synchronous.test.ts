/** A commit that waits for a synchronous standby is not told before the standby has it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PostgresLedgerEngine } from '../../../src/ledger/postgres/engine.ts';
import { DEFAULT_LIMITS, openPool } from '../../../src/store/database/postgres-pool.ts';
import { isDatabaseUnavailable } from '../../../src/store/database/unavailable.ts';
import { openMigrated } from '../../support/databases.ts';
import { openOf } from '../../support/ledger-commands.ts';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.ts';

let postgres: OwnPostgres;
let admin: pg.Client;
let url: string;

before(async () => {
  postgres = await startOwnPostgres();
  url = await postgres.newDatabase();
  await (await openMigrated(url)).close();
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query('CREATE TABLE notes (note text)');
  await setStandby("'*'");
});
after(async () => {
  await admin.end();
  await postgres.stop();
});

/** With `'*'` each commit waits, since there is no standby. */
async function setStandby(names: string): Promise<void> {
  await admin.query(`ALTER SYSTEM SET synchronous_standby_names = ${names}`);
  await admin.query('SELECT pg_reload_conf()');
  for (const endMs = Date.now() + 30_000; Date.now() < endMs; await sleep(20)) {
    const { rows } = await admin.query('SHOW synchronous_standby_names');
    if (rows[0]?.synchronous_standby_names === names.replaceAll("'", '')) return;
  }
  throw new Error('The setting is not read.');
}

/** Asks about a process whose commit waits, once there is one; returns its number. */
async function ofWaiting(what: string, otherThan = 0): Promise<number> {
  for (const endMs = Date.now() + 30_000; Date.now() < endMs; await sleep(10)) {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT pid, ${what} FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> $1`,
      [otherThan],
    );
    if (rows[0]) return rows[0].pid;
  }
  throw new Error('No commit waits.');
}

for (const how of ['pg_cancel_backend', 'pg_terminate_backend'] as const) {
  test(`${how} of a commit that waits for the standby: it is not told as done`, async () => {
    const pool = openPool(url, DEFAULT_LIMITS);
    const written = pool.query("INSERT INTO notes VALUES ('one')");
    const [told] = await Promise.allSettled([written, ofWaiting(`${how}(pid)`)]);
    assert.equal(told.status, 'rejected');
    assert.ok(isDatabaseUnavailable((told as PromiseRejectedResult).reason));
    assert.equal((await pool.query('SELECT 1')).rowCount, 1);
    await pool.end();
  });

  test(`${how} of a batch of the ledger: it waits again, and is booked once`, async () => {
    const pool = openPool(url, DEFAULT_LIMITS);
    const engine = new PostgresLedgerEngine(pool);
    const accountId = how === 'pg_cancel_backend' ? 1_001 : 1_002;
    let isTold = false;
    const booked = engine.apply([openOf(accountId, 50)]).finally(() => {
      isTold = true;
    });
    const ended = await ofWaiting(`${how}(pid)`);
    // The batch is sent again, and finds everything booked, which the standby does not have yet.
    await ofWaiting('wait_event', ended);
    assert.equal(isTold, false);
    await setStandby("''");
    await booked;
    assert.deepEqual(await engine.account(accountId), { postedCredits: 50, heldCredits: 0 });
    await setStandby("'*'");
    await pool.end();
  });
}
