/**
 * `npm run bench`: how fast the server is, and how near to the floor, the least that the same
 * durable writes can take. Exits with 1 if a single answer was not stored and charged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Accounts } from './accounts.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { measureChats } from './measure-chats.ts';
import { measureMemory } from './measure-memory.ts';
import { measureBalances, measureLogins } from './measure-others.ts';
import { measureStart } from './measure-start.ts';
import { type Bench, FULL_PLAN, QUICK_PLAN } from './plan.ts';
import { cleanUp, LoadGenerator } from './processes.ts';
import { Progress } from './progress.ts';
import { booksAgree, type Report, reportAsMarkdown, reportAsText } from './report.ts';

const PARTS = ['start', 'memory', 'chats', 'tokens', 'login'] as const;
type Part = (typeof PARTS)[number];

const USAGE = `Usage: npm run bench -- [--quick] [--only PART]...
  --quick      short rounds, to try the benchmark itself
  --only PART  one of ${PARTS.join(', ')}; may be repeated
A run with neither takes about two and a half minutes and is written to bench/results/.
`;

interface Options {
  readonly isQuick: boolean;
  readonly parts: readonly Part[];
}

/** @throws Error that says which option is not understood */
function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const parts = values.only.map((it) => {
    const part = PARTS.find((name) => name === it);
    if (!part) throw new Error(`There is no part "${it}" to measure.`);
    return part;
  });
  return { isQuick: values.quick, parts: parts.length > 0 ? parts : PARTS };
}

async function measure({ isQuick, parts }: Options, progress: Progress): Promise<Report> {
  const at = new Date().toISOString();
  progress.show('making accounts');
  const machine = describeMachine();
  const versions = describeVersions();
  const accounts = await Accounts.make();
  const load = new LoadGenerator();
  const bench: Bench = { plan: isQuick ? QUICK_PLAN : FULL_PLAN, accounts, load, progress };

  // What needs a quiet machine comes first: a disk goes on writing for a while after a load.
  const start = parts.includes('start') ? await measureStart(bench) : undefined;
  const memory = parts.includes('memory') ? await measureMemory(bench) : undefined;
  const chats = parts.includes('chats') ? await measureChats(bench) : undefined;
  const routes = [
    ...(parts.includes('tokens') ? await measureBalances(bench) : []),
    ...(parts.includes('login') ? await measureLogins(bench) : []),
  ];
  load.stop();
  return {
    ...{ at, machine, versions },
    ...(chats ? { chats: chats.speeds } : {}),
    ...(routes.length > 0 ? { routes } : {}),
    ...(memory ? { memory: memory.memory } : {}),
    ...(start ? { start } : {}),
    books: [...(chats?.books ?? []), ...(memory ? [memory.books] : [])],
  };
}

function write(report: Report): void {
  const name = report.at.slice(0, 16).replace('T', '-').replace(':', '');
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${path}.md`, reportAsMarkdown(report));
  process.stdout.write(`\nWritten to bench/results/${name}.json and .md\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const progress = new Progress();
  const report = await measure(options, progress).finally(() => progress.end());
  process.stdout.write(reportAsText(report));
  const isWhole = !options.isQuick && options.parts === PARTS;
  if (isWhole) write(report);
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
