import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from '../load/load-job.ts';
import { type MailSink, startMailSink } from '../load/mail-sink.ts';
import { median } from '../load/statistics.ts';
import type { Bench } from '../plan.ts';
import { Accounts, USERS } from '../setup/accounts.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { spreadIds } from '../setup/seed.ts';
import { seedMail, seedRenewals } from '../setup/seed-renewals.ts';
import { DATABASE_NAMES, type DatabaseKind, removeWorkspace } from '../setup/workspaces.ts';
import { type BenchServer, startRenewing } from '../system/processes.ts';
import { peakWhile, residentMb } from '../system/resources.ts';

const CONNECTIONS = 32;
const AHEAD_MS = 3_600_000;
const CHUNK_MS = 3_000;
const WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 100;
/** Mail that came before a link for a forgotten password is asked for: the rest waits then. */
const FIRST = 600;
/** What takes longer to be sent is not waited for. */
const MOST_MINUTES = 5;

/** All accounts renew, with or without mail to each of them. */
export interface MailTimes {
  readonly database: DatabaseKind;
  readonly accounts: number;
  /** The most that may be sent in a minute; undefined without mail. */
  readonly perMinute: number | undefined;
  readonly renewedSeconds: number;
  /** Of chats: medians of some seconds each. */
  readonly before: { readonly perSecond: number; readonly p99Ms: number };
  readonly during: { readonly perSecond: number; readonly p99Ms: number };
  /** From midnight until the last mail came; undefined without mail, or if it takes too long. */
  readonly sentSeconds: number | undefined;
  /** From asking for a link for a forgotten password until it came, while all of them are sent. */
  readonly forgottenSeconds: number | undefined;
  readonly restMb: number;
  readonly peakMb: number;
  readonly connections: number;
}

/** What was measured at one pace. */
interface Measured {
  readonly times: MailTimes;
  readonly check: LedgerCheck;
}

/** Without mail, at the pace that is set by default, and as fast as it goes. */
export async function measureMail(bench: Bench, database: DatabaseKind): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const perMinute of [undefined, 600, 1_000_000]) {
    measured.push(await measurePace(bench, database, perMinute));
  }
  return measured;
}

/** How long mail to everybody takes that renews at one midnight, and what chats notice of it. */
async function measurePace(
  bench: Bench,
  database: DatabaseKind,
  perMinute: number | undefined,
): Promise<Measured> {
  const { mail: accounts } = bench.plan;
  const how = perMinute === undefined ? 'without mail' : `${perMinute} mails a minute`;
  const what = `${accounts} renewals on ${DATABASE_NAMES[database]}, ${how}`;
  bench.progress.show(`${what}: seeding`);
  const workspace = await seedRenewals(database, accounts, Date.now() + AHEAD_MS);
  await seedMail(workspace, accounts);
  const ids = spreadIds({ accounts, grants: 0, charges: 0 }, USERS);
  const requests = (await Accounts.of(workspace, ids)).chats();
  const sink = await startMailSink();
  const settings = {
    CHIT_SMTP_URL: sink.url,
    CHIT_MAIL_FROM: 'chit@example.org',
    CHIT_PUBLIC_URL: 'https://chat.example.org',
    CHIT_MAIL_PER_MINUTE: String(perMinute),
  };
  const of = perMinute === undefined ? {} : settings;
  const server = await startRenewing(
    { ...workspace, settings: { ...workspace.settings, ...of } },
    2 * AHEAD_MS,
  );
  const load = (measureMs: number): Promise<LoadResult> =>
    bench.load.run({
      port: server.port,
      connections: CONNECTIONS,
      warmUpMs: 0,
      measureMs,
      requests,
    });
  const warmUp = await load(bench.plan.firstWarmUpMs);
  const before: LoadResult[] = [];
  for (let round = 0; round < 3; round += 1) before.push(await load(CHUNK_MS));
  const restMb = residentMb(server.pid);
  bench.progress.show(`${what}: midnight`);
  const startedMs = performance.now();
  process.kill(server.pid, 'SIGUSR2');
  const hasMail = perMinute !== undefined;
  const waitsForAll = hasMail && accounts / perMinute < MOST_MINUTES;
  const wanted = waitsForAll ? accounts + 1 : 0;
  let forgottenSeconds: number | undefined;
  const ask = hasMail ? askForLink(server, sink) : Promise.resolve(undefined);
  void ask.then((it) => {
    forgottenSeconds = it;
  });
  const { result: during, peakMb } = await peakWhile(server.pid, async () => {
    const results: LoadResult[] = [];
    const done = join(workspace.folder, 'renewed.json');
    const isLinked = () => !hasMail || forgottenSeconds !== undefined;
    const isOver = () => existsSync(done) && isLinked() && sink.times.length >= wanted;
    for (const endMs = Date.now() + WITHIN_MS; !isOver() && Date.now() < endMs; ) {
      results.push(await load(CHUNK_MS));
    }
    return results;
  });
  await ask;
  await server.stop();
  await sink.close();
  if (sink.times.length < wanted) throw new Error(`${what}: only ${sink.times.length} mails came.`);
  const renewed = readFileSync(join(workspace.folder, 'renewed.json'), 'utf8');
  const name = `Chit on ${DATABASE_NAMES[database]} (mail)`;
  const check = await checkLedger(name, workspace, [warmUp, ...before, ...during]);
  await removeWorkspace(workspace);
  const isTwice = waitsForAll && sink.times.length > wanted;
  const faults = isTwice ? [`${sink.times.length} mails in place of ${wanted}.`] : [];
  const times: MailTimes = {
    database,
    accounts,
    perMinute,
    renewedSeconds: (JSON.parse(renewed) as { readonly seconds: number }).seconds,
    before: middleOf(before),
    during: middleOf(during),
    sentSeconds: waitsForAll ? ((sink.times.at(-1) ?? 0) - startedMs) / 1000 : undefined,
    forgottenSeconds,
    restMb,
    peakMb,
    connections: sink.mostConnections(),
  };
  return { times, check: { ...check, faults: [...check.faults, ...faults] } };
}

/** Asks for a link for a forgotten password once many others have mail that waits. */
async function askForLink({ port }: BenchServer, sink: MailSink): Promise<number> {
  while (sink.times.length < FIRST) await sleep(LOOK_EVERY_MS);
  const came = sink.mailWith('/reset#');
  const askedMs = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/api/password/forgotten/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'person-7' }),
  });
  if (response.status !== 202) throw new Error(`A link was refused: ${await response.text()}`);
  return ((await came) - askedMs) / 1000;
}

function middleOf(results: readonly LoadResult[]): { perSecond: number; p99Ms: number } {
  return {
    perSecond: median(results.map((it) => it.perSecond)),
    p99Ms: median(results.map((it) => it.p99Ms)),
  };
}
