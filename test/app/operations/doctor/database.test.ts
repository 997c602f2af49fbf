/** The doctor's checks of a database: its schema, its clock, holds that were left, its servers. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { firstIdAt, newId } from '../../../../src/app/ids.ts';
import { checkDatabase } from '../../../../src/app/operations/doctor/check-database.ts';
import { type Chit, openChit } from '../../../../src/compose.ts';
import { loadConfig } from '../../../../src/config.ts';
import type { Finding } from '../../../../src/core/doctor.ts';
import { NEWEST_MIGRATION } from '../../../../src/store/database/migrate.ts';
import type { DatabaseState } from '../../../../src/store/operations/database-state.ts';
import { newAccount } from '../../../support/chit.ts';
import { holdOf } from '../../../support/ledger-commands.ts';
import { startPostgres, type TestPostgres } from '../../../support/postgres.ts';
import { newFolder } from '../../../support/server.ts';
import { codesOf, SECRET, settingsWith, subjectIn } from './examined.ts';

const folder = newFolder();
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

const HOUR_MS = 3_600_000;
const subjectOf = (databaseUrl: string) =>
  subjectIn(folder, { settings: settingsWith({ databaseUrl }) });
const paramsOf = (found: readonly Finding[], code: string) =>
  found.find((it) => it.code === code)?.params;

for (const kind of ['SQLite', 'PostgreSQL'] as const) {
  test(`${kind}: an empty database, one that is in order, one with holds that were left`, async () => {
    const isFile = kind === 'SQLite';
    const url = isFile
      ? `sqlite:${join(folder, 'there/chit.db')}`
      : await postgres.newEmptyDatabase();
    assert.deepEqual(codesOf(await checkDatabase(subjectOf(url))).slice(0, 1), ['database_empty']);
    if (isFile) assert.ok(!existsSync(join(folder, 'there')), 'nothing was created');
    // Given, since one would be made in the data folder, which beside PostgreSQL is the checkout's.
    const settings = { CHIT_DATABASE_URL: url, CHIT_SECRET_KEY: SECRET };
    const { config } = loadConfig(settings, 'none');
    const chit = await openChit(config);
    try {
      const good = await checkDatabase(subjectOf(url));
      assert.deepEqual(codesOf(good), ['database_ok', 'clock_ok', 'holds_ok']);
      const { bytes } = paramsOf(good, 'database_ok') as { bytes: number };
      assert.ok(bytes > 10_000);
      await leaveHolds(chit);
      const left = await checkDatabase(subjectOf(url));
      assert.deepEqual(codesOf(left), ['database_ok', 'clock_ok', 'holds_abandoned']);
      assert.deepEqual(paramsOf(left, 'holds_abandoned'), { count: 2, minutes: 60 });
    } finally {
      await chit.close();
    }
  });
}

/** One hold of a server that runs, one of a server without a lease, one whose lease has ended. */
async function leaveHolds(chit: Chit): Promise<void> {
  const { context } = chit;
  const accountId = await newAccount(chit);
  await context.leases.take('runs', HOUR_MS);
  await context.leases.take('ended', -HOUR_MS);
  for (const leaseId of ['runs', 'gone', 'ended']) {
    const hold = { ...holdOf(newId(), 10, accountId), leaseId, atMs: Date.now() - HOUR_MS };
    const { outcome } = await context.ledger.submit(hold);
    assert.equal(outcome, 'held');
  }
}

test('a version, a clock, a standby and other servers that are wrong are found', async () => {
  const url = 'postgres://db.example/chit';
  const nowMs = Date.now();
  const state: DatabaseState = {
    kind: 'PostgreSQL',
    migration: NEWEST_MIGRATION,
    bytes: 1,
    isReadOnly: false,
    clockMs: nowMs,
    askedAtMs: nowMs,
    running: undefined,
  };
  const found = (changes: Partial<DatabaseState>) =>
    checkDatabase(subjectOf(url), async () => ({ ...state, ...changes }));
  assert.deepEqual(codesOf(await found({})), ['database_ok', 'clock_ok']);
  assert.deepEqual(codesOf(await found({ migration: '0001-initial' }))[0], 'database_older');
  assert.deepEqual(codesOf(await found({ migration: '9999-later' }))[0], 'database_newer');
  assert.ok(codesOf(await found({ isReadOnly: true })).includes('database_read_only'));
  const ahead = await found({ askedAtMs: nowMs + 90_000 });
  assert.deepEqual(paramsOf(ahead, 'clock_off_database'), { seconds: 90 });
  const server = {
    id: '1',
    host: 'a',
    version: '0.2.0',
    secretKey: 'this',
    deployment: 'this',
    clockAheadMs: 10,
    startedAtMs: nowMs,
    seenAtMs: nowMs,
    unseenForMs: 0,
  };
  const running = {
    openHolds: 0,
    abandonedHolds: 0,
    oldestAbandonedMs: undefined,
    firstUnindexedId: undefined,
  };
  const isFilling = { ...running, servers: [], firstUnindexedId: firstIdAt(nowMs - HOUR_MS) };
  assert.deepEqual(paramsOf(await found({ running: isFilling }), 'search_index_filling'), {
    since: new Date(nowMs - HOUR_MS).toISOString(),
  });
  const others = async (...servers: (typeof server)[]) =>
    codesOf(await found({ running: { ...running, servers } })).slice(3);
  assert.deepEqual(await others(), []);
  assert.deepEqual(await others(server, server), ['servers_ok']);
  const strange = { ...server, secretKey: 'x', deployment: 'x', version: '0.1.0' };
  assert.deepEqual(await others(server, { ...strange, clockAheadMs: -5_000 }), [
    'server_key_differs',
    'server_deployment_differs',
    'server_version_differs',
    'server_clock_off',
  ]);
});

test('a database that does not answer is a fault without its password', async () => {
  const url = 'postgres://chit:p4ssw0rd@127.0.0.1:1/chit?connect_timeout=1';
  const found = await checkDatabase(subjectOf(url));
  assert.deepEqual(codesOf(found), ['database_failed']);
  assert.doesNotMatch(JSON.stringify(found), /p4ssw0rd/);
});
