/**
 * Checks format and types, then runs the tests: all of them with SQLite as the servers' database,
 * and those that start a server or a command again with PostgreSQL. One PostgreSQL serves the whole
 * run. With `--faults`, runs only the fault tests, in their long form; with patterns, only the test
 * files that match.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import type { DatabaseName } from './support/databases.ts';
import { joinModules } from './support/joined-modules.ts';
import { createDatabase, startPostgres } from './support/postgres.ts';
import { newScratchFolder } from './support/scratch.ts';
import { makeTemplates } from './support/templates.ts';

const ROOT = join(import.meta.dirname, '..');
const CHEAP_ARGON2 = pathToFileURL(join(import.meta.dirname, 'support/cheap-argon2.ts')).href;
const TOGETHER = pathToFileURL(join(import.meta.dirname, 'support/together.ts')).href;
/** Tests also wait, so more processes than there are cores keep the cores busy. */
const PROCESSES_AT_ONCE = availableParallelism() + 4;

/**
 * How many files of a room share a process, since starting one costs more than most files do. All
 * others have one each: they wait a lot, or are about what a process has only once.
 */
const FILES_IN_A_PROCESS: Readonly<Record<string, number>> = {
  app: 8,
  auth: 5,
  cli: 4,
  core: 20,
  e2e: 6,
  http: 12,
  ledger: 5,
  models: 40,
  store: 8,
  support: 4,
  web: 40,
};
/** Of these rooms, the files about what a process does first, and those with real hashes. */
const NEED_A_NEW_PROCESS = [
  'test/app/accounts/setup-links.test.ts',
  'test/auth/login-cost.test.ts',
  'test/auth/login-overloaded.test.ts',
  'test/auth/passwords.test.ts',
  'test/core/django.test.ts',
  'test/web/strings/strings.test.ts',
];
/** The rooms with the longest processes, which start first so that the cores end together. */
const LONGEST_FIRST = ['e2e', 'http', 'hostile', 'app', 'cli', 'store', 'ledger', 'auth', 'core'];

/** What is checked before the tests, by the names of npm's scripts. */
const CHECKS = ['lint', 'types'];

/** Suites that run on the database that `TEST_DATABASE` names. */
const WITH_SERVERS = ['test/{contract,http,auth,cli}/**/*.test.ts', 'test/faults/promises.test.ts'];
/** What takes that database. Others of these suites have databases in memory, or none. */
const USES_NAMED_DATABASE = /\b(startServer(For|Here)?|runChit|runCommand|databaseOf)\b/;
/** Of these, the suites in which the database makes no difference. */
const ON_SQLITE_ONLY = [
  'test/http/framework/{connections,cors,linger,load-shedding,logs,openapi,paths}.test.ts',
  'test/http/framework/{bodies,csv,error-codes,long-bodies,public-site,read-body}.test.ts',
  'test/http/framework/{refusals,request-id,shutdown}.test.ts',
  'test/cli/{commands,config,import-broken-off,import-odd,listen,models,prices}.test.ts',
  'test/cli/{doctor,explain,hang-up,json-output,public-url,resting-keys}.test.ts',
  'test/cli/{secret-files,workers,wrong-database}.test.ts',
  'test/auth/login-flood.test.ts',
];

/**
 * A process of tests makes much garbage in a short life: collected rarely, and without threads that
 * would compete with the other processes, it takes a twelfth less processor time.
 */
const COLLECT_RARELY = [
  '--single-threaded-gc',
  '--min-semi-space-size=32',
  '--max-semi-space-size=64',
];

/**
 * For a file: enough for a machine that takes twenty times as long as others. The long form of the
 * fault tests takes about twenty minutes.
 */
const TIMEOUT_MS = 1_200_000;
const LONG_TIMEOUT_MS = 1_800_000;

const args = process.argv.slice(2);
const isFaultsOnly = args.includes('--faults');
const asked = args.filter((it) => it !== '--faults');
const isWhole = args.length === 0;

/** What runs in one process. */
interface Share {
  readonly database: DatabaseName;
  readonly files: readonly string[];
}

/** Where an installation in the checkout has its data. A test that writes there would spoil it. */
const DATA_FOLDER = join(ROOT, 'data');

async function main(): Promise<number> {
  const hadData = existsSync(DATA_FOLDER);
  const code = await checkAndRun();
  if (hadData || !existsSync(DATA_FOLDER)) return code;
  process.stderr.write(`A test has made ${DATA_FOLDER}.\n`);
  return 1;
}

async function checkAndRun(): Promise<number> {
  const folder = newScratchFolder();
  process.env.CHIT_TEST_FOLDER = folder;
  try {
    const failed = isWhole ? await failedChecks() : [];
    if (failed.length > 0) {
      process.stderr.write(`Failed, so no test was run: ${failed.join(', ')}\n`);
      return 1;
    }
    const postgres = await startPostgres();
    try {
      const template = `chit_test_template_${process.pid}`;
      process.env.CHIT_TEST_TEMPLATE = template;
      await makeTemplates(folder, await createDatabase(postgres.url, template));
      return await runTests(folder, postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs all checks at once and prints what they find; returns those that failed. */
async function failedChecks(): Promise<string[]> {
  const ended = CHECKS.map(async (name) => {
    const command = `npm run -s ${name}`;
    const child = spawn(command, { cwd: ROOT, shell: true, stdio: 'inherit' });
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0 ? [] : [command];
  });
  return (await Promise.all(ended)).flat();
}

/** Runs the tests; returns the exit code of the test runner. */
async function runTests(folder: string, postgresUrl: string): Promise<number> {
  const shares = isFaultsOnly
    ? sharesOf('SQLite', filesOf(['test/faults/*.test.ts']))
    : [
        ...sharesOf('SQLite', filesOf(['test/**/*.test.ts'])),
        ...sharesOf('PostgreSQL', filesOf(WITH_SERVERS, ON_SQLITE_ONLY).filter(needsAnotherRun)),
      ];
  const timeoutMs = isFaultsOnly ? LONG_TIMEOUT_MS : TIMEOUT_MS;
  const preloads = [await joinModules(folder), CHEAP_ARGON2].map((it) => `--import=${it}`);
  const longest = Math.max(...shares.map(({ files }) => files.length));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  const programs = inTurns(shares).map((share, index) =>
    writeProgram(folder, share, index, timeoutMs),
  );
  const child = spawn(
    process.execPath,
    [
      ...COLLECT_RARELY,
      '--test',
      `--test-concurrency=${PROCESSES_AT_ONCE}`,
      `--test-timeout=${timeoutMs * longest}`,
      ...programs,
    ],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        // The processes that the tests start inherit all of this.
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        NODE_OPTIONS: [process.env.NODE_OPTIONS ?? '', ...preloads].join(' '),
        CHIT_TEST_POSTGRES_URL: postgresUrl,
        ...(isFaultsOnly ? { FAULTS: 'long' } : {}),
      },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

function filesOf(patterns: readonly string[], exclude: readonly string[] = []): string[] {
  const files = globSync(patterns, { cwd: ROOT, exclude }).sort();
  return asked.length === 0 ? files : files.filter((it) => asked.some((at) => matchesGlob(it, at)));
}

/** Whether a suite uses the database that is named, and has not run on each by itself. */
function needsAnotherRun(file: string): boolean {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return USES_NAMED_DATABASE.test(text) && !text.includes('onEachDatabase(');
}

function sharesOf(database: DatabaseName, files: readonly string[]): Share[] {
  const byRoom = Map.groupBy(files, (it) => (NEED_A_NEW_PROCESS.includes(it) ? it : roomOf(it)));
  return [...byRoom].flatMap(([room, all]) => {
    const shares = Math.ceil(all.length / (FILES_IN_A_PROCESS[room] ?? 1));
    const size = Math.ceil(all.length / shares);
    return Array.from({ length: shares }, (_, nth) => ({
      database,
      files: all.slice(nth * size, (nth + 1) * size),
    }));
  });
}

/** The folder in `test/` that a file is in; its own name if it is in none. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? file;
}

/** Long ones first, in turns with those that wait, so that neither kind is left for the end. */
function inTurns(shares: readonly Share[]): Share[] {
  const byRoom = Map.groupBy(shares, ({ files }) => roomOf(files[0] ?? ''));
  const waiting = byRoom.get('faults') ?? [];
  byRoom.delete('faults');
  const long = LONGEST_FIRST.flatMap((room) => byRoom.get(room) ?? []);
  const others = [...long, ...[...byRoom.values()].flat().filter((it) => !long.includes(it))];
  return others.flatMap((it) => [it, waiting.shift() ?? []].flat()).concat(waiting);
}

/**
 * Writes the program of a process. The runner starts them in the order of their paths, which end as
 * that of the first file does.
 */
function writeProgram(folder: string, share: Share, index: number, timeoutMs: number): string {
  const path = join(folder, String(index).padStart(3, '0'), share.files[0] ?? '');
  const values = [share.files, share.database, timeoutMs].map((it) => JSON.stringify(it));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `import { together } from '${TOGETHER}';\n\ntogether(${values.join(', ')});\n`,
  );
  return path;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
