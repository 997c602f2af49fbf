import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import { type Bench, CHAT_CONNECTIONS } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { DATABASE_NAMES, type DatabaseKind, removeWorkspace } from '../setup/workspaces.ts';
import { startChit, startFloor } from '../system/processes.ts';

/** Chit, first, beside the floor, second. */
export interface ChatSpeed extends Comparison {
  readonly database: DatabaseKind;
}

export interface Chats {
  readonly speeds: readonly ChatSpeed[];
  readonly checks: readonly LedgerCheck[];
}

/** Chats per second and latencies of Chit and of the floor, in turns; then checks both ledgers. */
export async function measureChats(bench: Bench, database: DatabaseKind): Promise<Chats> {
  const { progress } = bench;
  const what = `chats on ${DATABASE_NAMES[database]}`;
  progress.show(`${what}: starting Chit and the floor`);
  const accounts = await bench.accountsOn(database);
  const chit = { workspace: await accounts.copy(), requests: accounts.chats() };
  const floor = { workspace: await accounts.copy(), requests: accounts.floorChats() };
  const chitServer = await startChit(chit.workspace);
  const floorServer = await startFloor(floor.workspace);
  const chitSide: Side = { ...chit, name: 'Chit', port: chitServer.port, results: [] };
  const floorSide: Side = { ...floor, name: 'floor', port: floorServer.port, results: [] };

  await warmUp(bench, what, [chitSide, floorSide]);
  const speeds: ChatSpeed[] = [];
  for (const connections of CHAT_CONNECTIONS) {
    const comparison = await takeTurns(bench, what, [chitSide, floorSide], connections);
    speeds.push({ database, ...comparison });
  }
  const checks: LedgerCheck[] = [];
  for (const [{ name, results }, server, { workspace }] of [
    [chitSide, chitServer, chit] as const,
    [floorSide, floorServer, floor] as const,
  ]) {
    progress.show(`${what}: checking the ledger (${name})`);
    await server.stop();
    checks.push(await checkLedger(`${name} on ${DATABASE_NAMES[database]}`, workspace, results));
    await removeWorkspace(workspace);
  }
  return { speeds, checks };
}
