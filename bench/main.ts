/**
 * `npm run bench`: how fast the server is, and how close to the floor, the least that the same
 * durable writes can take. Exits with 1 if a part failed, or if an answer was not stored and
 * charged.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAdmin } from './measure/admin.ts';
import { compareChats, compareRelays } from './measure/against.ts';
import { measureChats } from './measure/chats.ts';
import { measureCounting } from './measure/counting.ts';
import { measureGrowth } from './measure/growth.ts';
import { measureHot } from './measure/hot.ts';
import { measureLeaving } from './measure/leaving.ts';
import { measureLimits } from './measure/limits.ts';
import { measureMail } from './measure/mail.ts';
import { measureMemory } from './measure/memory.ts';
import { measureRelay } from './measure/relay.ts';
import { measureRenewals } from './measure/renewals.ts';
import { measureBalances, measureLogins } from './measure/routes.ts';
import { measureStart } from './measure/start.ts';
import { measureSums } from './measure/sums.ts';
import { measureVerify } from './measure/verify.ts';
import { type Bench, FULL_PLAN, QUICK_PLAN } from './plan.ts';
import { ledgersAgree, newDraft, type Report, reportAsText } from './report/report.ts';
import { writeReport } from './report/write.ts';
import { type Part, runParts } from './run-parts.ts';
import { Accounts } from './setup/accounts.ts';
import { postgresVersion, stopPostgres } from './setup/postgres.ts';
import { DATABASE_NAMES, DATABASES, type DatabaseKind } from './setup/workspaces.ts';
import { describeMachine, describeVersions } from './system/machine.ts';
import { cleanUp, LoadGenerator } from './system/processes.ts';
import { Progress } from './system/progress.ts';

const PARTS = ['start', 'memory', 'relay', 'counting', 'chats', 'hot', 'tokens', 'login'] as const;
/** Each takes minutes, so they are measured only on request. */
const LONG_PARTS = [
  'growth',
  'verify',
  'leaving',
  'admin',
  'sums',
  'renewals',
  'limits',
  'mail',
] as const;
type PartName = (typeof PARTS)[number] | (typeof LONG_PARTS)[number] | 'against';

const USAGE = `Usage: npm run bench -- [--quick] [--only PART]... [--database DATABASE]
       npm run bench -- --against FOLDER [--rounds N] [--quick] [--database DATABASE]
  --quick              short rounds, to try the benchmark itself
  --only PART          one of ${[...PARTS, ...LONG_PARTS].join(', ')}; may be repeated
  --database DATABASE  one of ${DATABASES.join(', ')}; both if it is not given
  --against FOLDER     compare this checkout with another one (its npm packages installed), in turns
  --portkey FOLDER     compare the relay with the npm package @portkey-ai/gateway, installed there
  --rounds N           how often each of two that are compared is measured
A run with none of them takes about five minutes and is written to bench/results/, as are runs of
${LONG_PARTS.join(', ')} alone; those are in no other run.
`;

interface Options {
  readonly isQuick: boolean;
  readonly parts: readonly PartName[];
  readonly databases: readonly DatabaseKind[];
  /** The folder of the other checkout. */
  readonly against: string | undefined;
  readonly rounds: number | undefined;
  /** The folder where Portkey's gateway is installed. */
  readonly portkeyFolder: string | undefined;
}

/** @throws Error that says which option is wrong */
function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      database: { type: 'string' },
      against: { type: 'string' },
      rounds: { type: 'string' },
      portkey: { type: 'string' },
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
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds takes a whole number from 1, not "${values.rounds}".`);
  }
  const portkeyFolder = values.portkey === undefined ? undefined : resolve(values.portkey);
  const options = { isQuick: values.quick, databases, rounds, portkeyFolder };
  if (values.against === undefined) {
    return { ...options, parts: parts.length > 0 ? parts : PARTS, against: undefined };
  }
  if (parts.length > 0) throw new Error('--against measures parts of its own: leave --only out.');
  const against = resolve(values.against);
  if (!existsSync(join(against, 'bin/chit.js'))) {
    throw new Error(`There is no checkout of Chit in ${against}.`);
  }
  return { ...options, parts: ['against'], against };
}

/** What to measure, in this order. */
function partsOf({ parts, databases, against }: Options, bench: Bench): Part[] {
  const chosen: Part[] = [];
  const add = (part: PartName, measure: Part['measure'], name: string = part) => {
    if (parts.includes(part)) chosen.push({ name, measure });
  };

  // What needs a quiet machine comes first: a disk goes on writing for a while after a load.
  add('start', async (draft) => {
    draft.start = await measureStart(bench);
  });
  add('memory', async (draft) => {
    const measured = await measureMemory(bench);
    if (!measured) return;
    draft.memory = measured.memory;
    draft.checks.push(measured.check);
  });
  add('relay', async (draft) => {
    const { speed, checks } = await measureRelay(bench);
    draft.relay = speed;
    draft.checks.push(...checks);
  });
  add('counting', async (draft) => {
    const { speed, check } = await measureCounting(bench);
    draft.counting = speed;
    draft.checks.push(check);
  });
  add('leaving', async (draft) => {
    const { memory, check } = await measureLeaving(bench);
    draft.leaving = memory;
    draft.checks.push(check);
  });
  add('tokens', async (draft) => {
    draft.routes.push(...(await measureBalances(bench)));
  });
  add('login', async (draft) => {
    draft.routes.push(...(await measureLogins(bench)));
  });
  for (const database of databases) {
    const addFor = (part: PartName, measure: Part['measure']) =>
      add(part, measure, `${part} on ${DATABASE_NAMES[database]}`);
    addFor('chats', async (draft) => {
      const { speeds, checks } = await measureChats(bench, database);
      draft.chats.push(...speeds);
      draft.checks.push(...checks);
    });
    addFor('hot', async (draft) => {
      const { speed, check } = await measureHot(bench, database);
      draft.hot.push(speed);
      draft.checks.push(check);
    });
    addFor('growth', async (draft) => {
      const { speeds, checks } = await measureGrowth(bench, database);
      draft.growth.push(...speeds);
      draft.checks.push(...checks);
    });
    addFor('admin', async (draft) => {
      draft.admin.push(await measureAdmin(bench, database));
    });
    addFor('sums', async (draft) => {
      const { speeds, checks } = await measureSums(bench, database);
      draft.sums.push(...speeds);
      draft.checks.push(...checks);
    });
    addFor('renewals', async (draft) => {
      const { times, check } = await measureRenewals(bench, database);
      draft.renewals.push(times);
      draft.checks.push(check);
    });
    addFor('mail', async (draft) => {
      const measured = await measureMail(bench, database);
      draft.mail.push(...measured.map(({ times }) => times));
      draft.checks.push(...measured.map(({ check }) => check));
    });
    addFor('limits', async (draft) => {
      const { speeds, check } = await measureLimits(bench, database);
      draft.limits.push(...speeds);
      draft.checks.push(check);
    });
    addFor('verify', async (draft) => {
      draft.verify.push(...(await measureVerify(bench, database)));
    });
    if (against === undefined) continue;
    addFor('against', async (draft) => {
      const { speed, checks } = await compareChats(bench, against, database);
      draft.against.push(speed);
      draft.checks.push(...checks);
    });
  }
  if (against !== undefined) {
    const measure: Part['measure'] = async (draft) => {
      const { speed, checks } = await compareRelays(bench, against);
      draft.against.push(speed);
      draft.checks.push(...checks);
    };
    add('against', measure, 'against, relay');
  }
  return chosen;
}

/** Runs the requested measurements; the report of a failed run has the earlier ones. */
async function measure(options: Options, progress: Progress): Promise<Report> {
  const draft = newDraft(new Date().toISOString(), describeMachine());
  const load = new LoadGenerator();
  const made = new Map<DatabaseKind, Promise<Accounts>>();
  const accountsOn = (kind: DatabaseKind) => {
    const accounts = made.get(kind) ?? Accounts.make(kind);
    made.set(kind, accounts);
    return accounts;
  };
  const plan = options.isQuick ? QUICK_PLAN : FULL_PLAN;
  const chatRounds = options.rounds ?? plan.chatRounds;
  const { portkeyFolder } = options;
  const bench: Bench = { plan: { ...plan, chatRounds }, accountsOn, load, progress, portkeyFolder };
  const failure = await runParts(partsOf(options, bench), draft);
  load.stop();
  const versions = describeVersions();
  const postgres = await postgresVersion();
  return {
    ...draft,
    versions: postgres ? { ...versions, postgres } : versions,
    ...(failure ? { failure } : {}),
  };
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
  if (isWhole(options)) {
    const { parts } = options;
    const about = parts === PARTS ? undefined : parts.join('-');
    const name = writeReport(report, join(import.meta.dirname, 'results'), about);
    process.stdout.write(`\nWritten to bench/results/${name}.json and .md\n`);
  }
  return report.failure === undefined && ledgersAgree(report) ? 0 : 1;
}

/** Whether a run is worth keeping. */
function isWhole({ isQuick, parts, databases }: Options): boolean {
  if (isQuick || databases.length < DATABASES.length) return false;
  return parts === PARTS || parts.every((it) => isOneOf(LONG_PARTS, it));
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
