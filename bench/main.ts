/**
 * `npm run bench`: how fast the server is, and how near to the floor, the least that the same
 * durable writes can take. Exits with 1 if a single answer was not stored and charged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Accounts } from './accounts.ts';
import type { Books } from './books.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { type AdminTimes, measureAdmin } from './measure-admin.ts';
import { type ChatSpeed, measureChats } from './measure-chats.ts';
import { type GrowthSpeed, measureGrowth } from './measure-growth.ts';
import { type HotSpeed, measureHot } from './measure-hot.ts';
import { measureLeaving } from './measure-leaving.ts';
import { measureMemory } from './measure-memory.ts';
import { measureBalances, measureLogins } from './measure-others.ts';
import { measureRelay } from './measure-relay.ts';
import { measureStart } from './measure-start.ts';
import { measureSums, type SumsSpeed } from './measure-sums.ts';
import { measureVerify, type VerifyTime } from './measure-verify.ts';
import { DATABASES, type DatabaseKind } from './places.ts';
import { type Bench, FULL_PLAN, QUICK_PLAN } from './plan.ts';
import { postgresVersion, stopPostgres } from './postgres.ts';
import { cleanUp, LoadGenerator } from './processes.ts';
import { Progress } from './progress.ts';
import { booksAgree, type Report, reportAsMarkdown, reportAsText } from './report.ts';

const PARTS = ['start', 'memory', 'relay', 'chats', 'hot', 'tokens', 'login'] as const;
/** These take minutes each, so they are measured only if they are asked for. */
const LONG_PARTS = ['growth', 'verify', 'leaving', 'admin', 'sums'] as const;
type Part = (typeof PARTS)[number] | (typeof LONG_PARTS)[number];

const USAGE = `Usage: npm run bench -- [--quick] [--only PART]... [--database DATABASE]
  --quick              short rounds, to try the benchmark itself
  --only PART          one of ${[...PARTS, ...LONG_PARTS].join(', ')}; may be repeated
  --database DATABASE  one of ${DATABASES.join(', ')}; both if it is not given
A run with none of them takes about five minutes and is written to bench/results/, as are runs of
${LONG_PARTS.join(', ')} alone; those are in no other run.
`;

interface Options {
  readonly isQuick: boolean;
  readonly parts: readonly Part[];
  readonly databases: readonly DatabaseKind[];
}

/** @throws Error that says which option is not understood */
function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      database: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const parts = values.only.map((it) => {
    const part = [...PARTS, ...LONG_PARTS].find((name) => name === it);
    if (!part) throw new Error(`There is no part "${it}" to measure.`);
    return part;
  });
  const databases = DATABASES.filter((it) => (values.database ?? it) === it);
  if (databases.length === 0) throw new Error(`There is no database "${values.database}".`);
  return { isQuick: values.quick, parts: parts.length > 0 ? parts : PARTS, databases };
}

async function measure(options: Options, progress: Progress): Promise<Report> {
  const { isQuick, parts } = options;
  const at = new Date().toISOString();
  const machine = describeMachine();
  const versions = describeVersions();
  const load = new LoadGenerator();
  const made = new Map<DatabaseKind, Promise<Accounts>>();
  const accountsOn = (kind: DatabaseKind) => {
    const accounts = made.get(kind) ?? Accounts.make(kind);
    made.set(kind, accounts);
    return accounts;
  };
  const bench: Bench = { plan: isQuick ? QUICK_PLAN : FULL_PLAN, accountsOn, load, progress };

  // What needs a quiet machine comes first: a disk goes on writing for a while after a load.
  const start = parts.includes('start') ? await measureStart(bench) : undefined;
  const memory = parts.includes('memory') ? await measureMemory(bench) : undefined;
  const relay = parts.includes('relay') ? await measureRelay(bench) : undefined;
  const leaving = parts.includes('leaving') ? await measureLeaving(bench) : undefined;
  const routes = [
    ...(parts.includes('tokens') ? await measureBalances(bench) : []),
    ...(parts.includes('login') ? await measureLogins(bench) : []),
  ];
  const compared = await measureDatabases(bench, options);
  load.stop();
  const postgres = await postgresVersion();
  return {
    at,
    machine,
    versions: { ...versions, ...(postgres ? { postgres } : {}) },
    ...(routes.length > 0 ? { routes } : {}),
    ...(memory ? { memory: memory.memory } : {}),
    ...(start ? { start } : {}),
    ...(relay ? { relay: relay.speed } : {}),
    ...(leaving ? { leaving: leaving.memory } : {}),
    ...compared,
    books: [...compared.books, ...[memory, relay, leaving].flatMap((it) => it?.books ?? [])],
  };
}

/** Everything that is measured on each database. */
async function measureDatabases(bench: Bench, { parts, databases }: Options) {
  const chats: ChatSpeed[] = [];
  const hot: HotSpeed[] = [];
  const growth: GrowthSpeed[] = [];
  const verify: VerifyTime[] = [];
  const admin: AdminTimes[] = [];
  const sums: SumsSpeed[] = [];
  const books: Books[] = [];
  for (const database of databases) {
    if (parts.includes('chats')) {
      const measured = await measureChats(bench, database);
      chats.push(...measured.speeds);
      books.push(...measured.books);
    }
    if (parts.includes('hot')) {
      const measured = await measureHot(bench, database);
      hot.push(measured.speed);
      books.push(measured.books);
    }
    if (parts.includes('growth')) {
      const measured = await measureGrowth(bench, database);
      growth.push(...measured.speeds);
      books.push(...measured.books);
    }
    if (parts.includes('admin')) admin.push(await measureAdmin(bench, database));
    if (parts.includes('sums')) {
      const measured = await measureSums(bench, database);
      sums.push(...measured.speeds);
      books.push(...measured.books);
    }
    if (parts.includes('verify')) verify.push(...(await measureVerify(bench, database)));
  }
  return { chats, hot, growth, verify, admin, sums, books };
}

function write(report: Report, { parts }: Options): void {
  const time = report.at.slice(0, 16).replace('T', '-').replace(':', '');
  const name = parts === PARTS ? time : `${time}-${parts.join('-')}`;
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${path}.md`, reportAsMarkdown(report));
  process.stdout.write(`\nWritten to bench/results/${name}.json and .md\n`);
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return list.some((it) => it === value);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const progress = new Progress();
  const report = await measure(options, progress).finally(async () => {
    await stopPostgres();
    progress.end();
  });
  process.stdout.write(reportAsText(report));
  const { isQuick, parts, databases } = options;
  const isWhole = parts === PARTS || parts.every((it) => isOneOf(LONG_PARTS, it));
  if (isWhole && !isQuick && databases.length === DATABASES.length) write(report, options);
  return booksAgree(report) ? 0 : 1;
}

process.once('exit', cleanUp);
for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.once(signal, () => process.exit(code));
}
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
