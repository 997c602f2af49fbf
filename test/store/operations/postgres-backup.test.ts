/** Backups of PostgreSQL: which program is run, how, and of which moment the dump is. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeBackup } from '../../../src/app/operations/make-backup.ts';
import { openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { unpackArchive } from '../../../src/store/operations/backup-archive.ts';
import { connectionOf, findTool } from '../../../src/store/operations/postgres-tools.ts';
import { newAccount } from '../../support/chit.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
let postgres: TestPostgres;

before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

/** A folder with a program in place of PostgreSQL's, which the tests need not have. */
function program(name: string, source: string): string {
  const place = join(folder, `bin-${name}-${source.length}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, name), source);
  chmodSync(join(place, name), 0o755);
  return place;
}

/** Says its version, and writes down how it is run and what it sees. */
function dumpProgram(major: number): string {
  return `#!${process.execPath}
import { writeFileSync } from 'node:fs';
if (process.argv.includes('--version')) {
  console.log('pg_dump (PostgreSQL) ${major}.3 (Debian)');
} else {
  const { default: pg } = await import(${JSON.stringify(import.meta.resolve('pg'))});
  const given = (name) =>
    process.argv.find((it) => it.startsWith('--' + name + '='))?.slice(name.length + 3);
  const client = new pg.Client({ connectionString: given('dbname') });
  (async () => {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query("SET TRANSACTION SNAPSHOT '" + given('snapshot') + "'");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { rows } = await client.query('SELECT count(*)::int AS transfers FROM transfers');
    await client.end();
    const { argv, env } = process;
    const seen = { ...rows[0], argv, password: env.PGPASSWORD };
    writeFileSync(given('file'), JSON.stringify(seen));
  })();
}
`;
}

test('a dump is of the moment that was verified, whatever is booked meanwhile', async () => {
  const url = await postgres.newDatabase();
  const chit = await openChit(
    loadConfig({ CHIT_DATABASE_URL: url, CHIT_SECRET_KEY: KEY }, 'none').config,
  );
  await newAccount(chit);
  const environment = { PATH: program('pg_dump', dumpProgram(18)) };
  const source = { databaseUrl: url, secretKey: KEY, program: '0', environment };
  const order = { folder: join(folder, 'backups'), madeBy: 'command', mayDelete: false } as const;
  let isOver = false;
  const booking = (async () => {
    while (!isOver) await newAccount(chit);
  })();
  const { backup } = await makeBackup({ ...source, deploymentFile: undefined }, order);
  isOver = true;
  await booking;
  const { facts, check, database } = backup.manifest;
  assert.deepEqual([database, check], ['postgres', { of: 'ledger', faults: [] }]);
  const contents = join(folder, 'contents');
  mkdirSync(contents);
  await unpackArchive(backup.path, contents);
  const dumped = JSON.parse(readFileSync(join(contents, 'chit.dump'), 'utf8')) as {
    transfers: number;
    argv: string[];
  };
  assert.equal(dumped.transfers, facts.transfers);
  assert.ok(dumped.argv.includes('--format=custom'));
  await chit.close();
});

const KEY = 'a secret key that is only used in these tests';

test('a program that is older than the server is refused, and what to do is said', async () => {
  const older = { PATH: program('pg_dump', dumpProgram(98)) };
  const { reason = '' } = await findTool('pg_dump', 99, older);
  assert.match(reason, /is of version 98, but the server is of version 99.*install the client/);
  const none = await findTool('pg_dump', 99, { PATH: join(folder, 'nothing here') });
  assert.match(none.reason ?? '', /version 99/);
  const newer = await findTool('pg_dump', 97, older);
  assert.equal(newer.tool?.major, 98);
});

test('a password is not among the parameters, which all users of a machine can read', () => {
  const cases = [
    ['postgres://u:p%40ss@h:5/d?sslmode=require', 'postgres://u@h:5/d?sslmode=require', 'p@ss'],
    ['postgresql://u@h/d?password=x%26y&ssl=true', 'postgresql://u@h/d', 'x&y'],
    ['postgres://u:p@a:1,b:2/d?target_session_attrs=read-write', undefined, 'p'],
    ['postgres://h/d', 'postgres://h/d', undefined],
    ['postgres:///d?host=/run/postgresql', 'postgres:///d?host=/run/postgresql', undefined],
  ] as const;
  for (const [url, shown, password] of cases) {
    const { url: parameter, environment } = connectionOf(url);
    if (shown) assert.equal(parameter, shown);
    assert.equal(environment.PGPASSWORD, password);
    assert.ok(!/:p@|password|p%40/.test(parameter), parameter);
  }
});
