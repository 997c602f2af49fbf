import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LoadResult } from '../load/load-job.ts';
import { median } from '../load/statistics.ts';
import type { Bench } from '../plan.ts';
import { Accounts, USERS } from '../setup/accounts.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { query } from '../setup/postgres.ts';
import { spreadIds } from '../setup/seed.ts';
import { seedRenewals } from '../setup/seed-renewals.ts';
import {
  DATABASE_NAMES,
  type DatabaseKind,
  removeWorkspace,
  type Workspace,
} from '../setup/workspaces.ts';
import { startRenewing } from '../system/processes.ts';

const CONNECTIONS = 32;
/** Midnight is so far ahead when the database is made. */
const AHEAD_MS = 3_600_000;
const CHUNK_MS = 3_000;
const WITHIN_MS = 900_000;

/** All accounts renew while chats run. */
export interface RenewalTimes {
  readonly database: DatabaseKind;
  readonly accounts: number;
  readonly seconds: number;
  /** Medians of some seconds each. */
  readonly before: { readonly perSecond: number; readonly p99Ms: number };
  readonly during: { readonly perSecond: number; readonly p99Ms: number };
  /** The worst of these. */
  readonly worstP99Ms: { readonly before: number; readonly during: number };
}

/** How long all accounts of a large database take to renew, and what chats notice of it. */
export async function measureRenewals(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly times: RenewalTimes; readonly check: LedgerCheck }> {
  const { renewals: accounts } = bench.plan;
  const what = `${accounts} renewals on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: seeding`);
  const workspace = await seedRenewals(database, accounts, Date.now() + AHEAD_MS);
  const ids = spreadIds({ accounts, grants: 0, charges: 0 }, USERS);
  const requests = (await Accounts.of(workspace, ids)).chats();
  const server = await startRenewing(workspace, 2 * AHEAD_MS);
  const load = (measureMs: number): Promise<LoadResult> =>
    bench.load.run({
      port: server.port,
      connections: CONNECTIONS,
      warmUpMs: 0,
      measureMs,
      requests,
    });

  bench.progress.show(`${what}: chats before`);
  const warmUp = await load(bench.plan.firstWarmUpMs);
  const before: LoadResult[] = [];
  for (let round = 0; round < bench.plan.renewalRounds; round += 1)
    before.push(await load(CHUNK_MS));
  bench.progress.show(`${what}: midnight`);
  process.kill(server.pid, 'SIGUSR2');
  const during: LoadResult[] = [];
  const done = join(workspace.folder, 'renewed.json');
  for (const endMs = Date.now() + WITHIN_MS; !existsSync(done) && Date.now() < endMs; ) {
    during.push(await load(CHUNK_MS));
  }
  await server.stop();
  if (!existsSync(done)) throw new Error(`${what}: not done within ${WITHIN_MS / 1000} s.`);
  const { seconds } = JSON.parse(readFileSync(done, 'utf8')) as { readonly seconds: number };
  bench.progress.show(`${what}: checking`);
  const name = `Chit on ${DATABASE_NAMES[database]} (renewals)`;
  const check = await checkLedger(name, workspace, [warmUp, ...before, ...during]);
  const faults = await faultsOfRenewals(workspace, accounts);
  await removeWorkspace(workspace);
  return {
    times: {
      database,
      accounts,
      seconds,
      before: middleOf(before),
      during: middleOf(during),
      worstP99Ms: { before: worstOf(before), during: worstOf(during) },
    },
    check: { ...check, faults: [...check.faults, ...faults] },
  };
}

/** Every account has its first allowance and that of the new period, and nothing is still due. */
async function faultsOfRenewals(workspace: Workspace, accounts: number): Promise<string[]> {
  const counts = await rowOf(
    workspace,
    `SELECT count(*) AS booked, count(DISTINCT account_id) AS accounts FROM transfers
      WHERE kind = 'allowance'`,
  );
  const most = await rowOf(
    workspace,
    `SELECT max(count) AS most FROM (SELECT count(*) AS count FROM transfers
      WHERE kind = 'allowance' GROUP BY account_id) counts`,
  );
  const isRight =
    Number(counts.booked) === 2 * accounts &&
    Number(counts.accounts) === accounts &&
    Number(most.most) === 2;
  return isRight ? [] : [`${counts.booked} allowances, up to ${most.most} of one account.`];
}

async function rowOf(
  { kind, database }: Workspace,
  sql: string,
): Promise<Record<string, string | number>> {
  if (kind === 'postgres') {
    return (await query<Record<string, string>>(database, sql))[0] ?? {};
  }
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    return db.prepare(sql).get() as Record<string, number>;
  } finally {
    db.close();
  }
}

function middleOf(results: readonly LoadResult[]): { perSecond: number; p99Ms: number } {
  return {
    perSecond: median(results.map((it) => it.perSecond)),
    p99Ms: median(results.map((it) => it.p99Ms)),
  };
}

function worstOf(results: readonly LoadResult[]): number {
  return Math.max(...results.map((it) => it.p99Ms));
}
