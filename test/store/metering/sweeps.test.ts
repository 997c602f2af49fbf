/** What has expired is deleted a little at a time, so that no statement takes too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { IdempotencyKeyStore } from '../../../src/store/metering/idempotency-keys.ts';
import { IdempotentResponseStore } from '../../../src/store/metering/idempotent-responses.ts';
import { onEachDatabase, openMigrated, tamper } from '../../support/databases.ts';

const SWEPT_BEFORE_MS = 1_000;
/** The others are kept. */
const OLD = 1_200;
const ALL = 1_210;

const NUMBERS = `WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers
  WHERE i < ${ALL})`;
const AGE = `CASE WHEN i <= ${OLD} THEN 999 ELSE 1000 END`;
const KEYS = `INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
  ${NUMBERS} SELECT 'chat:1', CAST(i AS text), '', '', ${AGE} FROM numbers`;
const RESPONSES = `INSERT INTO idempotent_responses (id, content_type, body, created_at)
  ${NUMBERS} SELECT CAST(i AS text), 'application/json', '{}', ${AGE} FROM numbers`;
/** Refuses to delete so much at once that it could take longer than a query may. */
const MOST_AT_ONCE = 500;
const LIMIT = `CREATE FUNCTION limited() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
  IF (SELECT count(*) FROM gone) > ${MOST_AT_ONCE} THEN RAISE EXCEPTION USING MESSAGE = TG_NAME;
  END IF; RETURN NULL; END'`;
const LIMITS = ['idempotency_keys', 'idempotent_responses'].map(
  (table) => `CREATE TRIGGER too_many_at_once AFTER DELETE ON ${table}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION limited()`,
);

onEachDatabase((at) => {
  test('however much has expired, all of it is deleted, and nothing else', async () => {
    const database = await openMigrated(at.url);
    await tamper(database, KEYS, RESPONSES);
    const { kysely } = database;
    if (at.name === 'PostgreSQL') {
      for (const statement of [LIMIT, ...LIMITS]) await sql.raw(statement).execute(kysely);
    }
    for (const store of [new IdempotencyKeyStore(kysely), new IdempotentResponseStore(kysely)]) {
      while (await store.sweep(SWEPT_BEFORE_MS));
    }
    for (const table of ['idempotency_keys', 'idempotent_responses'] as const) {
      const rows = await kysely.selectFrom(table).select('created_at').execute();
      assert.equal(rows.length, ALL - OLD, table);
      assert.ok(rows.every((row) => row.created_at === SWEPT_BEFORE_MS));
    }
    await database.close();
  });
});
