/**
 * Runs the tests: all of them with the database that is built in, then those that go over HTTP or
 * the command line once more on PostgreSQL. One PostgreSQL serves the whole run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from './support/postgres.ts';

const ROOT = join(import.meta.dirname, '..');
const FILES_AT_ONCE = 3;
/** Suites that start a server and therefore take whichever database it is given. */
const ON_BOTH = ['test/{contract,http,auth,cli}/**/*.test.ts', 'test/faults/promises.test.ts'];

const postgres = await startPostgres();
const onSqlite = await runTests('SQLite', 'test/**/*.test.ts');
const onPostgres = await runTests('PostgreSQL', ...ON_BOTH);
await postgres.stop();
// Said aloud, since what PostgreSQL is started by ends the process with 0 otherwise.
process.exit(onSqlite || onPostgres);

async function runTests(database: string, ...patterns: string[]): Promise<number> {
  const files = globSync(patterns, { cwd: ROOT }).sort();
  process.stdout.write(`${files.length} files, servers on ${database}\n`);
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${FILES_AT_ONCE}`, '--test-timeout=120000', ...files],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, TEST_DATABASE: database, CHIT_TEST_POSTGRES_URL: postgres.url },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
