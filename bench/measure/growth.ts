import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { Accounts, USERS } from '../setup/accounts.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { type LedgerSize, seedWorkspace, spreadIds } from '../setup/seed.ts';
import {
  countsIn,
  DATABASE_NAMES,
  type DatabaseKind,
  removeWorkspace,
} from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

const CONNECTIONS = 32;

/** The large ledger, first, beside the small one, second. */
export interface GrowthSpeed extends Comparison {
  readonly database: DatabaseKind;
  readonly route: string;
  /** How much is in each ledger; the small one first. */
  readonly sizes: readonly [LedgerSize, LedgerSize];
}

/** Chats and reads of a balance where there is a large ledger and where there is a small one. */
export async function measureGrowth(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speeds: readonly GrowthSpeed[]; readonly checks: readonly LedgerCheck[] }> {
  const what = `growth on ${DATABASE_NAMES[database]}`;
  const { small, large } = bench.plan.growth;
  const largeOne = await settle(bench, database, 'large', large);
  const smallOne = await settle(bench, database, 'small', small);
  const both = [largeOne.chats, smallOne.chats] as const;
  await warmUp(bench, what, both);
  const reads = [largeOne.reads, smallOne.reads] as const;
  await warmUp(bench, what, reads);
  const sizes = [small, large] as const;
  const speeds = [
    {
      database,
      sizes,
      route: 'POST /api/chat/',
      ...(await takeTurns(bench, what, both, CONNECTIONS)),
    },
    {
      database,
      sizes,
      route: 'GET /api/tokens/',
      ...(await takeTurns(bench, what, reads, CONNECTIONS)),
    },
  ];
  return { speeds, checks: [await largeOne.end(), await smallOne.end()] };
}

/** A server on a seeded ledger, and its requests. */
async function settle(bench: Bench, database: DatabaseKind, name: string, size: LedgerSize) {
  const workspace = await seedWorkspace(database, size, (step, steps) => {
    bench.progress.show(
      `growth on ${DATABASE_NAMES[database]}: seeding the ${name} ledger, ${step} of ${steps}`,
    );
  });
  const before = await countsIn(workspace);
  const accounts = await Accounts.of(workspace, spreadIds(size, USERS));
  const server = await startChit(workspace);
  const { port } = server;
  const chats: Side = { name: `${name} ledger`, port, requests: accounts.chats(), results: [] };
  const reads: Side = { name: `${name} ledger`, port, requests: accounts.balances(), results: [] };
  const end = async (): Promise<LedgerCheck> => {
    await server.stop();
    const of = `Chit on ${DATABASE_NAMES[database]} (${name} ledger)`;
    const check = await checkLedger(of, workspace, chats.results, { before });
    await removeWorkspace(workspace);
    return check;
  };
  return { chats, reads, end };
}
