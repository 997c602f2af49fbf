/**
 * PostgreSQL behind a pooler that gives each transaction another connection, as PgBouncer does.
 * Prepared statements are then unknown or known already, and PgBouncer refuses parameters of the
 * session (https://www.pgbouncer.org/features.html, `ignore_startup_parameters`).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Pool } from 'pg';
import { PostgresLedgerEngine, type Queries } from '../../src/ledger/postgres/engine.ts';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { DEFAULT_LIMITS, openPool } from '../../src/store/database/postgres-pool.ts';
import { openMigrated } from '../support/databases.ts';
import { holdOf, openOf } from '../support/ledger-commands.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test('prepared statements that a connection does not know: booked at once, without them', async () => {
  const url = await postgres.newDatabase();
  await (await openMigrated(url)).close();
  const pool = openPool(url, DEFAULT_LIMITS);
  const names: (string | undefined)[] = [];
  const queries: Queries = {
    query: async (query) => {
      names.push(query.name);
      return pool.query(query);
    },
  };
  const engine = new PostgresLedgerEngine(queries);
  await engine.apply([openOf(1, 10_000)]);
  await pool.query('DEALLOCATE ALL');
  const held = { outcome: 'held', heldCredits: 100 };
  assert.deepEqual(await engine.apply([holdOf('first', 100)]), [held]);
  assert.deepEqual(await engine.apply([holdOf('second', 100)]), [held]);
  assert.deepEqual(await engine.account(1), { postedCredits: 10_000, heldCredits: 200 });
  const name = names[0];
  assert.ok(name);
  assert.deepEqual(names, [name, name, undefined, undefined, undefined]);
  await pool.end();
});

test('prepared statements that a connection knows already: sent without them', async () => {
  const names: (string | undefined)[] = [];
  const engine = new PostgresLedgerEngine({
    query: async <Row extends object>({ name }: { readonly name?: string }) => {
      names.push(name);
      if (name) throw Object.assign(new Error('already exists'), { code: '42P05' });
      return { rows: [{ posted: 5, held: 0 }] as unknown as Row[] };
    },
  });
  assert.deepEqual(await engine.account(1), { postedCredits: 5, heldCredits: 0 });
  assert.deepEqual(await engine.account(1), { postedCredits: 5, heldCredits: 0 });
  assert.equal(names.filter((name) => name !== undefined).length, 1);
});

test('a pooler that refuses the limits of the session gets none, and silence is still found', async () => {
  const url = await postgres.newDatabase();
  const proxy = await startTcpProxy(Number(new URL(url).port));
  let refused = 0;
  proxy.decide((chunk) => {
    if (!chunk.includes('statement_timeout\0')) return 'forward';
    refused += 1;
    return { answer: errorResponse('08P01', 'unsupported startup parameter: statement_timeout') };
  });
  const database = openDatabase(proxy.through(url), { limits: { queryMs: 300, lockMs: 100 } });
  await database.migrate(ledgerFunctions);
  const engine = new PostgresLedgerEngine(database.base.postgres as Pool, { lockMs: 100 });
  assert.equal((await engine.apply([openOf(1, 10_000)])).length, 1);
  assert.equal(refused, 1);
  proxy.stall();
  const { postgres: pool } = database.base;
  await assert.rejects(async () => pool?.query('SELECT 1'), { code: 'ETIMEDOUT' });
  assert.deepEqual(await engine.account(1), { postedCredits: 10_000, heldCredits: 0 });
  await database.close();
  await proxy.stop();
});

/** An error as PostgreSQL's protocol sends it ("Message Formats", ErrorResponse). */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
