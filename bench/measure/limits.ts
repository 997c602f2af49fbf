import { median } from '../load/statistics.ts';
import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { Accounts } from '../setup/accounts.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { query } from '../setup/postgres.ts';
import { addLimitedUsers } from '../setup/six-levels.ts';
import {
  DATABASE_NAMES,
  type DatabaseKind,
  openWorkspace,
  removeWorkspace,
  type Workspace,
} from '../setup/workspaces.ts';
import { type BenchServer, startChit } from '../system/processes.ts';
import { cpuMs } from '../system/resources.ts';

const CONNECTIONS = [1, 32, 128] as const;

/** Chats with six limits, first, beside chats with none, second, of one server. */
export interface LimitsSpeed extends Comparison {
  readonly database: DatabaseKind;
  /** Time of processors for a chat, medians in microseconds. */
  readonly firstCpu: CpuPerChat;
  readonly secondCpu: CpuPerChat;
}

export interface CpuPerChat {
  readonly serverUs: number;
  /** What serves the connections to PostgreSQL. */
  readonly databaseUs: number;
}

/** How fast chats are for which six limits count, and those for which only the balance does. */
export async function measureLimits(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speeds: readonly LimitsSpeed[]; readonly check: LedgerCheck }> {
  const what = `limits on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: starting`);
  const accounts = await bench.accountsOn(database);
  const workspace = await accounts.copy();
  const chit = await openWorkspace(workspace);
  const limitedIds = await addLimitedUsers(chit).finally(() => chit.close());
  const limited = await Accounts.of(workspace, limitedIds);
  const server = await startChit(workspace);
  const { port } = server;
  const six: Side = { name: 'six limits', port, requests: limited.chats(), results: [] };
  const none: Side = { name: 'no limits', port, requests: accounts.chats(), results: [] };
  await warmUp(bench, what, [six, none]);
  // As autovacuum would in time: a plan made for empty tables says nothing of a real server.
  if (database === 'postgres') await query(workspace.database, 'VACUUM ANALYZE');
  await warmUp(bench, what, [six, none]);
  const speeds: LimitsSpeed[] = [];
  for (const connections of CONNECTIONS) {
    const { metered, cpuOf } = withCpu(bench, { server, workspace });
    const comparison = await takeTurns(metered, what, [six, none], connections);
    const [firstCpu, secondCpu] = [cpuOf(six), cpuOf(none)];
    speeds.push({ database, ...comparison, firstCpu, secondCpu });
  }
  await server.stop();
  const name = `Chit on ${DATABASE_NAMES[database]} (limits)`;
  const check = await checkLedger(name, workspace, [...six.results, ...none.results]);
  await removeWorkspace(workspace);
  return { speeds, check };
}

/** Notes the time of processors of every load. */
function withCpu(
  bench: Bench,
  at: { readonly server: BenchServer; readonly workspace: Workspace },
): { readonly metered: Bench; readonly cpuOf: (side: Side) => CpuPerChat } {
  const seen: { readonly requests: readonly string[]; readonly cpu: CpuPerChat }[] = [];
  const now = async () => ({
    serverMs: cpuMs(at.server.pid),
    databaseMs: await databaseCpuMs(at.workspace),
  });
  const run: Bench['load']['run'] = async (job) => {
    const before = await now();
    const result = await bench.load.run(job);
    const after = await now();
    const perChat = (ms: number) => (ms * 1_000) / result.answered;
    const serverUs = perChat(after.serverMs - before.serverMs);
    const databaseUs = perChat(after.databaseMs - before.databaseMs);
    seen.push({ requests: job.requests, cpu: { serverUs, databaseUs } });
    return result;
  };
  return {
    metered: { ...bench, load: { run } },
    cpuOf: ({ requests }) => {
      const of = seen.filter((it) => it.requests === requests).map(({ cpu }) => cpu);
      return {
        serverUs: median(of.map((it) => it.serverUs)),
        databaseUs: median(of.map((it) => it.databaseUs)),
      };
    },
  };
}

async function databaseCpuMs({ kind, database }: Workspace): Promise<number> {
  if (kind === 'sqlite') return 0;
  const rows = await query<{ pid: number }>(
    database,
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
      AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return rows.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
}
