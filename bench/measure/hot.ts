import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { DATABASE_NAMES, type DatabaseKind, removeWorkspace } from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

const CONNECTIONS = 128;

/** One account on all connections, first, beside an account for each, second. */
export interface HotSpeed extends Comparison {
  readonly database: DatabaseKind;
}

/** Whether many chats on one account are slower than on many accounts. */
export async function measureHot(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speed: HotSpeed; readonly check: LedgerCheck }> {
  const what = `one hot account on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: starting`);
  const accounts = await bench.accountsOn(database);
  const workspace = await accounts.copy();
  const server = await startChit(workspace);
  const { port } = server;
  const requests = accounts.chats();
  const hot: Side = { name: 'one account', port, requests: requests.slice(0, 1), results: [] };
  const many: Side = { name: 'many accounts', port, requests, results: [] };
  await warmUp(bench, what, [many]);
  const speed = { database, ...(await takeTurns(bench, what, [hot, many], CONNECTIONS)) };
  await server.stop();
  const name = `Chit on ${DATABASE_NAMES[database]} (hot account)`;
  const check = await checkLedger(name, workspace, [...hot.results, ...many.results]);
  await removeWorkspace(workspace);
  return { speed, check };
}
