/**
 * Runs the tests: all of them with SQLite as the servers' database and, at the same time, those
 * that start a server or a command again with PostgreSQL. What each run prints comes when it is
 * done. One PostgreSQL serves both. With `--faults`, runs only the fault tests, in their long form.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import { startPostgres } from './support/postgres.ts';

const ROOT = join(import.meta.dirname, '..');
const CHEAP_ARGON2 = pathToFileURL(join(import.meta.dirname, 'support/cheap-argon2.ts')).href;
/** Tests wait more than they compute, so twice as many files as cores keep the cores busy. */
const FILES_AT_ONCE = { SQLite: 2 * availableParallelism(), PostgreSQL: availableParallelism() };
/** Suites whose servers and commands use the database that `TEST_DATABASE` names. */
const WITH_SERVERS = ['test/{contract,http,auth,cli}/**/*.test.ts', 'test/faults/promises.test.ts'];

/** The long form of the fault tests takes a quarter of an hour. */
const TIMEOUT_MS = 120_000;
const LONG_TIMEOUT_MS = 1_800_000;

const isFaultsOnly = process.argv.includes('--faults');

async function main(): Promise<number> {
  const postgres = await startPostgres();
  try {
    const runs = isFaultsOnly
      ? [runTests('SQLite', postgres.url, LONG_TIMEOUT_MS, ['test/faults/*.test.ts'])]
      : [
          runTests('SQLite', postgres.url, TIMEOUT_MS, ['test/**/*.test.ts']),
          runTests('PostgreSQL', postgres.url, TIMEOUT_MS, WITH_SERVERS),
        ];
    let hasFailed = false;
    for (const run of runs) {
      const { code, output } = await run;
      process.stdout.write(output);
      hasFailed ||= code !== 0;
    }
    return hasFailed ? 1 : 0;
  } finally {
    await postgres.stop();
  }
}

/** Runs the test files that match; returns the exit code of the test runner and what it printed. */
async function runTests(
  database: 'SQLite' | 'PostgreSQL',
  postgresUrl: string,
  timeoutMs: number,
  patterns: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const all = globSync([...patterns], { cwd: ROOT }).sort();
  const files = database === 'SQLite' ? all : all.filter((file) => !ranOnBoth(file));
  const atOnce = FILES_AT_ONCE[database];
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${timeoutMs}`, ...files],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
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
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code: code ?? 1, output: `${files.length} files, servers on ${database}\n${output}` };
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
