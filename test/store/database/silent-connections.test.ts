/** A connection of PostgreSQL is destroyed once it is silent for too long, and not before. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { openPool } from '../../../src/store/database/postgres-pool.ts';
import { isDatabaseUnavailable } from '../../../src/store/database/unavailable.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** How long a test may wait for what never comes. */
const timeout = 20_000;

test('a query on a connection that was idle has as much time as any', { timeout }, async () => {
  const queryMs = 700;
  const pool = openPool(postgres.url, { queryMs, lockMs: queryMs });
  await pool.query('SELECT 1');
  // The query is under way when the connection has been idle for its time and the grace.
  await sleep(queryMs + 300);
  const { rows } = await pool.query('SELECT pg_sleep(0.5), 1 AS answer');
  assert.equal(rows[0].answer, 1);
  await pool.end();
});

test('a long read on a silent connection fails when its time is over', { timeout }, async () => {
  const proxy = await startTcpProxy(Number(new URL(postgres.url).port));
  const database = openDatabase(proxy.through(postgres.url), { readLimitMs: 200 });
  const read = () => sql`SELECT 1 AS answer`.execute(database.reads.kysely);
  await read();
  // The read has its answer before its connection is free again.
  await sleep(100);
  proxy.stall();
  const startedMs = performance.now();
  await assert.rejects(read(), isDatabaseUnavailable);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < 2_000, `it took ${tookMs} ms`);
  assert.equal((await read()).rows.length, 1);
  await database.close();
  await proxy.stop();
});
