/**
 * Runs the tests: all of them with SQLite as the servers' database, then those that start a server
 * or a command again with PostgreSQL. One PostgreSQL serves the whole run. With `--faults`, runs
 * only the fault tests, in their long form.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import { startPostgres } from './support/postgres.ts';

const ROOT = join(import.meta.dirname, '..');
const CHEAP_ARGON2 = pathToFileURL(join(import.meta.dirname, 'support/cheap-argon2.ts')).href;
/** Tests also wait, so some files more than there are cores keep the cores busy. */
const FILES_AT_ONCE = availableParallelism() + 2;
/** Suites whose servers and commands use the database that `TEST_DATABASE` names. */
const WITH_SERVERS = ['test/{contract,http,auth,cli}/**/*.test.ts', 'test/faults/promises.test.ts'];
/** Of these, the suites in which the database makes no difference. */
const ON_SQLITE_ONLY = [
  'test/http/framework/{connections,cors,linger,load-shedding,logs,openapi,paths}.test.ts',
  'test/cli/{commands,config,import-broken-off,import-odd,models}.test.ts',
];

/** The long form of the fault tests takes about twenty minutes. */
const TIMEOUT_MS = 120_000;
const LONG_TIMEOUT_MS = 1_800_000;

const isFaultsOnly = process.argv.includes('--faults');

async function main(): Promise<number> {
  const postgres = await startPostgres();
  try {
    if (isFaultsOnly) {
      return await runTests('SQLite', postgres.url, LONG_TIMEOUT_MS, ['test/faults/*.test.ts']);
    }
    const onSqlite = await runTests('SQLite', postgres.url, TIMEOUT_MS, ['test/**/*.test.ts']);
    const onPostgres = await runTests('PostgreSQL', postgres.url, TIMEOUT_MS, WITH_SERVERS);
    return onSqlite === 0 && onPostgres === 0 ? 0 : 1;
  } finally {
    await postgres.stop();
  }
}

/** Runs the test files that match; returns the exit code of the test runner. */
async function runTests(
  database: 'SQLite' | 'PostgreSQL',
  postgresUrl: string,
  timeoutMs: number,
  patterns: readonly string[],
): Promise<number> {
  const exclude = database === 'SQLite' ? [] : ON_SQLITE_ONLY;
  const all = globSync([...patterns], { cwd: ROOT, exclude }).sort();
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
        // The processes that the tests start inherit both.
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${CHEAP_ARGON2}`,
        TEST_DATABASE: database,
        CHIT_TEST_POSTGRES_URL: postgresUrl,
        ...(isFaultsOnly ? { FAULTS: 'long' } : {}),
      },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

/** Whether a suite runs on each database by itself, so that the first run covered both. */
function ranOnBoth(file: string): boolean {
  return readFileSync(join(ROOT, file), 'utf8').includes('onEachDatabase(');
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
