/** Long reads: apart from everything else, limited in time, and up to date. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { hasCode } from '../../../src/core/errors.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';

/** Counts up to a number, without a row or a search on the way. */
const counting = (to: number) => sql<{ n: number }>`
  WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${to})
  SELECT count(*) AS n FROM numbers`;

/** Searches for ever. */
const searching = ({ matching }: OpenDatabase) => sql`
  WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers)
  SELECT 1 FROM (SELECT CAST(i AS text) AS content FROM numbers) t
  WHERE ${matching('t.content', 'ä')}`;

const isTooLong = (error: unknown) => hasCode(error, 'read_too_long');

onEachDatabase((at) => {
  test('a long read holds up neither other queries nor the event loop', async () => {
    const database = await openMigrated(at.url, { readLimitMs: 60_000 });
    const order: string[] = [];
    const reading = counting(4_000_000)
      .execute(database.reads.kysely)
      .then(({ rows }) => order.push(`read ${rows[0]?.n}`));
    for (let n = 1; n <= 3; n += 1) {
      await new Promise(setImmediate);
      await database.kysely.updateTable('usage_progress').set({ until_at: n }).execute();
      order.push(`write ${n}`);
    }
    await reading;
    assert.deepEqual(order, ['write 1', 'write 2', 'write 3', 'read 4000000']);
    await database.close();
  });

  test('a read sees everything that was committed before it', async () => {
    const database = await openMigrated(at.url);
    for (let n = 1; n <= 50; n += 1) {
      await database.kysely.updateTable('usage_progress').set({ until_at: n }).execute();
      const row = await database.reads.kysely
        .selectFrom('usage_progress')
        .select('until_at')
        .executeTakeFirst();
      assert.equal(row?.until_at, n);
    }
    await database.close();
  });

  test('a read that takes too long is ended, and the next one is answered', async () => {
    const database = openDatabase(at.url, { readLimitMs: 100 });
    await assert.rejects(counting(10_000_000).execute(database.reads.kysely), isTooLong);
    const { rows } = await counting(10).execute(database.reads.kysely);
    assert.equal(Number(rows[0]?.n), 10);
    await database.close();
  });

  test('a search that takes too long is ended as well', async () => {
    const database = openDatabase(at.url, { readLimitMs: 100 });
    await assert.rejects(searching(database).execute(database.reads.kysely), isTooLong);
    const { rows } = await counting(10).execute(database.reads.kysely);
    assert.equal(Number(rows[0]?.n), 10);
    await database.close();
  });

  test('many rows arrive in order, whatever their size', async () => {
    const database = openDatabase(at.url);
    const { rows } = await sql<{ i: number; text: string }>`
      WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 2500)
      SELECT i, CASE WHEN i % 500 = 0 THEN ${'ä'.repeat(300_000)} ELSE 'x' END AS text
      FROM numbers`.execute(database.reads.kysely);
    assert.deepEqual(
      rows.map(({ i, text }) => [i, text.length]),
      Array.from({ length: 2_500 }, (_, index) => [
        index + 1,
        (index + 1) % 500 === 0 ? 300_000 : 1,
      ]),
    );
    await database.close();
  });

  test('reads cannot write, and an error of the database is told', async () => {
    const database = await openMigrated(at.url);
    const before = await database.kysely.selectFrom('usage_progress').selectAll().execute();
    const { kysely } = database.reads;
    await assert.rejects(kysely.updateTable('usage_progress').set({ until_at: -1 }).execute());
    await assert.rejects(sql`SELECT * FROM nothing`.execute(kysely), /nothing/);
    await assert.rejects(
      kysely
        .transaction()
        .execute(async () => undefined)
        .then(() => {
          // PostgreSQL lets it pass: it is inside a transaction that only reads.
          if (at.name === 'PostgreSQL') throw new Error('none');
        }),
    );
    assert.deepEqual(
      await database.kysely.selectFrom('usage_progress').selectAll().execute(),
      before,
    );
    await database.close();
  });

  test('closing ends a read that is running', async () => {
    const database = openDatabase(at.url, { readLimitMs: 1_000 });
    const reading = searching(database).execute(database.reads.kysely);
    const failed = assert.rejects(reading);
    await new Promise(setImmediate);
    await database.close();
    await failed;
  });
});
