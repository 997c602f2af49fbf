/** Several hosts in the URL: the one that writes is found, and found again after a failover. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { databaseUrl } from '../../../src/settings/parsers.ts';
import { DEFAULT_LIMITS, openPool } from '../../../src/store/database/postgres-pool.ts';
import { isDatabaseUnavailable } from '../../../src/store/database/unavailable.ts';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.ts';

const SETTINGS = { fsync: 'off', full_page_writes: 'off', hot_standby: 'on' };
let primary: OwnPostgres;
let standby: OwnPostgres;

before(async () => {
  primary = await startOwnPostgres({ settings: SETTINGS });
  await onlyOn(primary, 'CREATE TABLE notes (note text)');
  standby = await startOwnPostgres({ settings: SETTINGS, standbyOf: primary });
});
after(() => Promise.all([primary, standby].map((it) => it.stop())));

function urlOf(hosts: readonly (OwnPostgres | string)[], parameters = ''): string {
  const places = hosts.map((it) => (typeof it === 'string' ? it : new URL(it.url).host));
  return databaseUrl(`postgres://chit:chit@${places.join(',')}/postgres${parameters}`);
}

async function onlyOn({ url }: OwnPostgres, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function portOf(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ port: string }>("SELECT current_setting('port') AS port");
  return String(rows[0]?.port);
}

/** A port on which nobody listens. */
const NOBODY = '127.0.0.1:1';

test('with several hosts the one that writes is used, wherever it stands', async () => {
  const port = new URL(primary.url).port;
  for (const hosts of [
    [standby, primary],
    [primary, standby],
    [NOBODY, standby, primary],
    ['no-such-host.invalid', primary],
  ]) {
    for (const parameters of ['', '?target_session_attrs=read-write', '?sslmode=prefer']) {
      const pool = openPool(urlOf(hosts, parameters), DEFAULT_LIMITS);
      assert.equal(await portOf(pool), port);
      await pool.query("INSERT INTO notes VALUES ('written')");
      await pool.end();
    }
  }
});

test('any takes the first that answers', async () => {
  const pool = openPool(urlOf([standby, primary], '?target_session_attrs=any'), DEFAULT_LIMITS);
  assert.equal(await portOf(pool), new URL(standby.url).port);
  await pool.end();
});

test('where none writes, each is named with what is wrong with it, and no password', async () => {
  const pool = openPool(urlOf([NOBODY, standby]), DEFAULT_LIMITS);
  await assert.rejects(pool.query('SELECT 1'), (error: Error) => {
    assert.match(
      error.message,
      /^127\.0\.0\.1:1: .*ECONNREFUSED.*; 127\.0\.0\.1:\d+: .*only reads$/,
    );
    assert.doesNotMatch(error.message, /chit:chit/);
    return isDatabaseUnavailable(error);
  });
  assert.equal(pool.totalCount, 0);
  await pool.end();
});

test('a wrong password is an answer: other hosts are not tried with it', async () => {
  const url = urlOf([primary, NOBODY]).replace('chit:chit', 'chit:wrong');
  const pool = openPool(url, DEFAULT_LIMITS);
  await assert.rejects(pool.query('SELECT 1'), { code: '28P01' });
  await pool.end();
});

test('a session that writes nothing is no use', () => {
  for (const attributes of ['standby', 'read-only', 'prefer-standby']) {
    const url = urlOf([primary], `?target_session_attrs=${attributes}`);
    assert.throws(() => openPool(url, DEFAULT_LIMITS), /must be read-write, primary or any/);
  }
});

test('a primary that only reads is left for the next host, and so is one that is gone', async () => {
  const pool = openPool(urlOf([primary, standby]), DEFAULT_LIMITS);
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const write = () =>
    kysely.transaction().execute((trx) => sql`INSERT INTO notes VALUES ('more')`.execute(trx));
  // Several connections, so that idle ones are left too.
  await Promise.all(Array.from({ length: 4 }, write));
  await onlyOn(standby, 'SELECT pg_promote(true)');
  await onlyOn(
    primary,
    'ALTER SYSTEM SET default_transaction_read_only = on',
    'SELECT pg_reload_conf()',
  );
  // Each of its processes reads the setting when it gets to it.
  for (const endMs = performance.now() + 30_000; ; await sleep(50)) {
    const refusal = await write().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal) {
      assert.equal((refusal as { code?: string }).code, '25006');
      break;
    }
    assert.ok(performance.now() < endMs, 'the primary still writes');
  }
  for (let turn = 0; turn < 6; turn += 1) await write();
  assert.equal(await portOf(pool), new URL(standby.url).port);

  await onlyOn(
    primary,
    'ALTER SYSTEM RESET default_transaction_read_only',
    'SELECT pg_reload_conf()',
  );
  await standby.kill();
  await write().catch(() => undefined);
  await write();
  assert.equal(await portOf(pool), new URL(primary.url).port);
  await kysely.destroy();
});
