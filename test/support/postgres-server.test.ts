/** PostgreSQL for the tests starts wherever the checkout is, or says why it cannot. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import pg from 'pg';
import { npmInstallation, type PostgresServer, startPostgresServer } from './postgres-server.ts';

const isRoot = process.getuid?.() === 0;

/** A folder of mode 0700, as `/root` is. */
let closed: string;
/** The temporary folder of these tests, which everybody can enter. */
let temporary: string;
let { TMPDIR } = process.env;

beforeEach(() => {
  closed = mkdtempSync(join(tmpdir(), 'chit-test-'));
  temporary = mkdtempSync(join(tmpdir(), 'chit-test-'));
  chmodSync(temporary, 0o755);
  ({ TMPDIR } = process.env);
  process.env.TMPDIR = temporary;
});

afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  for (const folder of [closed, temporary]) rmSync(folder, { recursive: true, force: true });
});

async function answerOf({ url }: PostgresServer): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT 1 AS one');
  await client.end();
  return rows;
}

test('it starts from a folder of mode 0700, twice at once, and leaves no data behind', async () => {
  const installation = join(closed, 'native');
  cpSync(npmInstallation(), installation, { recursive: true, verbatimSymlinks: true });
  const servers = await Promise.all([1, 2].map(() => startPostgresServer({ installation })));
  for (const server of servers) assert.deepEqual(await answerOf(server), [{ one: 1 }]);
  await Promise.all(servers.map((server) => server.stop()));
  const left = readdirSync(temporary);
  assert.deepEqual(left.length, isRoot ? 1 : 0, String(left));
  if (isRoot) assert.match(String(left[0]), /^chit-postgres-\d[^/]*$/);
});

test('it restarts after a crash', async () => {
  const server = await startPostgresServer();
  await server.crash(0);
  assert.deepEqual(await answerOf(server), [{ one: 1 }]);
  await server.stop();
});

test('it is seen to be ready, however many connections it refuses before', async () => {
  const installation = join(temporary, 'refusing');
  mkdirSync(join(installation, 'bin'), { recursive: true });
  // PostgreSQL tells this of each connection while it recovers.
  const refusals = "yes 'FATAL:  the database system is starting up' | head -n 5000";
  const ready = "echo 'LOG:  database system is ready to accept connections'";
  const program = `#!/bin/sh\n(${refusals}; ${ready}) >&2\nexec sleep 600\n`;
  writeFileSync(join(installation, 'bin/initdb'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(installation, 'bin/postgres'), program, { mode: 0o755 });
  const server = await startPostgresServer({ installation });
  await server.stop();
  assert.deepEqual(readdirSync(temporary), ['refusing']);
});

test('an installation that cannot be run is reported, and nothing is left behind', async () => {
  const installation = join(temporary, 'empty');
  mkdirSync(installation);
  await assert.rejects(
    startPostgresServer({ installation }),
    /^Error: PostgreSQL's data folder cannot be created: .*ENOENT/,
  );
  assert.deepEqual(readdirSync(temporary), ['empty']);
});

test('a setting that PostgreSQL refuses is reported with its message', async () => {
  await assert.rejects(
    startPostgresServer({ settings: { no_such_setting: '1' } }),
    /^Error: PostgreSQL does not start: it exited with 1\. .*no_such_setting/,
  );
});

test('as root, a temporary folder that others cannot enter is reported', async () => {
  process.env.TMPDIR = closed;
  const starting = startPostgresServer();
  if (isRoot) await assert.rejects(starting, /the user nobody cannot enter .*; set TMPDIR/);
  else await (await starting).stop();
});
