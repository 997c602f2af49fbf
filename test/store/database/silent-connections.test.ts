/** A connection of PostgreSQL is destroyed once it is silent for too long, and not before. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { openLongPool, openPool } from '../../../src/store/database/postgres-pool.ts';
import { isDatabaseUnavailable } from '../../../src/store/database/unavailable.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** How long a test may wait for what never comes. */
const timeout = 60_000;

test('a query on a connection that was idle has as much time as any', { timeout }, async () => {
  // Longer than a busy machine takes over a short query.
  const queryMs = 4_000;
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
  const database = openDatabase(proxy.through(postgres.url), { readLimitMs: 4_000 });
  const read = () => sql`SELECT 1 AS answer`.execute(database.reads.kysely);
  await read();
  // The read has its answer before its connection is free again.
  await sleep(100);
  proxy.stall();
  const startedMs = performance.now();
  await assert.rejects(read(), isDatabaseUnavailable);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < 20_000, `it took ${tookMs} ms`);
  assert.equal((await read()).rows.length, 1);
  await database.close();
  await proxy.stop();
});

/** How long the database is given before it is asked about a query that may take minutes. */
const ASK_AFTER_MS = 200;

/** A pool for long work behind a proxy, with a connection that is open. */
async function longPool(t: TestContext, timeoutMs = 10_000) {
  const proxy = await startTcpProxy(Number(new URL(postgres.url).port));
  const pool = openLongPool(proxy.through(postgres.url), {
    afterMs: ASK_AFTER_MS,
    timeoutMs,
  });
  await pool.query('SELECT 1');
  t.after(async () => {
    await proxy.stop();
    await pool.end();
  });
  return { proxy, pool };
}

const isSilent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ETIMEDOUT';

test('long work: a query that was lost on its way is noticed in time', { timeout }, async (t) => {
  const { proxy, pool } = await longPool(t);
  proxy.stall();
  await assert.rejects(pool.query('SELECT 2'), isSilent);
  const { rows } = await pool.query('SELECT 3 AS answer');
  assert.equal(rows[0].answer, 3);
});

test('long work: so is an answer that was lost, once it should be here', { timeout }, async (t) => {
  const { proxy, pool } = await longPool(t);
  const startedMs = performance.now();
  const lost = pool.query('SELECT pg_sleep(1.2)');
  await sleep(100);
  proxy.stall();
  await assert.rejects(lost, isSilent);
  // Until then the server was at work, and could not be given up.
  assert.ok(performance.now() - startedMs >= 1_200);
});

test('long work: a database that is silent altogether is noticed too', { timeout }, async (t) => {
  const { proxy, pool } = await longPool(t, 200);
  proxy.stall({ andNew: true });
  await assert.rejects(pool.query('SELECT 2'), isSilent);
});

test('long work may take long, also between its queries', { timeout }, async (t) => {
  const { pool } = await longPool(t);
  const client = await pool.connect();
  await client.query('BEGIN');
  await sleep(4 * ASK_AFTER_MS + 500);
  const { rows } = await client.query('SELECT pg_sleep(1.5), 1 AS answer');
  assert.equal(rows[0].answer, 1);
  await client.query('COMMIT');
  client.release();
});
