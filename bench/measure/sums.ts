import { rollUp } from '../../src/app/usage/roll-up.ts';
import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { keepSums } from '../setup/kept-sums.ts';
import {
  DATABASE_NAMES,
  type DatabaseKind,
  openWorkspace,
  removeWorkspace,
  type Workspace,
} from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

const CONNECTIONS = [32, 128] as const;

/** Sums derived later, first, beside sums kept by the settling transaction, second. */
export interface SumsSpeed extends Comparison {
  readonly database: DatabaseKind;
  /** How many charges a second were summed up afterwards where sums are derived. */
  readonly derivedPerSecond: number;
}

/** The cost to chats of summing usage in the settling transaction. */
export async function measureSums(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speeds: readonly SumsSpeed[]; readonly checks: readonly LedgerCheck[] }> {
  const what = `sums of usage on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: starting`);
  const accounts = await bench.accountsOn(database);
  const [derived, kept] = [await accounts.copy(), await accounts.copy()];
  await keepSums(kept);
  const [derivedServer, keptServer] = [await startChit(derived), await startChit(kept)];
  const requests = accounts.chats();
  const first: Side = { name: 'derived', port: derivedServer.port, requests, results: [] };
  const second: Side = { name: 'kept', port: keptServer.port, requests, results: [] };
  await warmUp(bench, what, [first, second]);
  const comparisons: Comparison[] = [];
  for (const connections of CONNECTIONS) {
    comparisons.push(await takeTurns(bench, what, [first, second], connections));
  }
  await derivedServer.stop();
  await keptServer.stop();
  bench.progress.show(`${what}: summing up`);
  const derivedPerSecond = await summedUpPerSecond(derived);
  const checks: LedgerCheck[] = [];
  for (const [{ name, results }, workspace] of [
    [first, derived] as const,
    [second, kept] as const,
  ]) {
    const server = `Chit on ${DATABASE_NAMES[database]} (sums ${name})`;
    checks.push(await checkLedger(server, workspace, results));
    await removeWorkspace(workspace);
  }
  const speeds = comparisons.map((it) => ({ ...it, database, derivedPerSecond }));
  return { speeds, checks };
}

async function summedUpPerSecond(workspace: Workspace): Promise<number> {
  const { context, close } = await openWorkspace(workspace);
  await context.usage.beginAnew();
  const begun = performance.now();
  await rollUp(context, { marginMs: 0 });
  const seconds = (performance.now() - begun) / 1000;
  const ended = await context.completedGenerations.ended({ from: '', to: 'g' });
  await close();
  return ended.length / seconds;
}
