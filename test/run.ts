/**
 * Runs the tests: all of them with the database that is built in, then those that go over HTTP or
 * the command line once more on PostgreSQL. One PostgreSQL serves the whole run. With `--faults`,
 * the faults alone in their long form.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from './support/postgres.ts';

const ROOT = join(import.meta.dirname, '..');
const FILES_AT_ONCE = 3;
/** Suites that start a server and therefore take whichever database it is given. */
const WITH_SERVERS = ['test/{contract,http,auth,cli}/**/*.test.ts', 'test/faults/promises.test.ts'];

/** The long form of the faults takes a quarter of an hour. */
const TIMEOUT_MS = 120_000;
const LONG_TIMEOUT_MS = 1_800_000;

const isFaultsOnly = process.argv.includes('--faults');
const postgres = await startPostgres();
const failures = isFaultsOnly
  ? await runTests('SQLite', LONG_TIMEOUT_MS, ['test/faults/*.test.ts'])
  : (await runTests('SQLite', TIMEOUT_MS, ['test/**/*.test.ts'])) +
    (await runTests('PostgreSQL', TIMEOUT_MS, WITH_SERVERS));
await postgres.stop();
// Said aloud, since what PostgreSQL is started by ends the process with 0 otherwise.
process.exit(failures === 0 ? 0 : 1);

async function runTests(
  database: string,
  timeoutMs: number,
  patterns: readonly string[],
): Promise<number> {
  const all = globSync([...patterns], { cwd: ROOT }).sort();
  const files = database === 'SQLite' ? all : all.filter((file) => !ranOnBoth(file));
  process.stdout.write(`${files.length} files, servers on ${database}\n`);
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${FILES_AT_ONCE}`, `--test-timeout=${timeoutMs}`, ...files],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        TEST_DATABASE: database,
        CHIT_TEST_POSTGRES_URL: postgres.url,
        ...(isFaultsOnly ? { FAULTS: 'long' } : {}),
      },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

/** A suite that takes each database in turn has been through both in the first run. */
function ranOnBoth(file: string): boolean {
  return readFileSync(join(ROOT, file), 'utf8').includes('onEachDatabase(');
}
