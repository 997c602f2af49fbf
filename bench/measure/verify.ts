import { median } from '../load/statistics.ts';
import type { Bench } from '../plan.ts';
import { seedWorkspace } from '../setup/seed.ts';
import { DATABASE_NAMES, type DatabaseKind, removeWorkspace } from '../setup/workspaces.ts';
import { measureChit } from '../system/processes.ts';

/** `chit ledger verify`, from the start of the process to its end. */
export interface VerifyTime {
  readonly database: DatabaseKind;
  readonly charges: number;
  readonly seconds: number;
  /** Of the process itself; what a PostgreSQL server uses is not in it. */
  readonly peakMb: number;
}

/** How long it takes to verify the whole ledger, with several batch sizes. */
export async function measureVerify(bench: Bench, database: DatabaseKind): Promise<VerifyTime[]> {
  const times: VerifyTime[] = [];
  for (const size of bench.plan.verify) {
    const charges = size.accounts * size.charges;
    const what = `verify on ${DATABASE_NAMES[database]}: ${charges} charges`;
    const workspace = await seedWorkspace(database, size, (step, steps) => {
      bench.progress.show(`${what}, seeding, ${step} of ${steps}`);
    });
    const runs = [];
    for (let round = 1; round <= bench.plan.verifyRounds; round += 1) {
      bench.progress.show(`${what}, round ${round} of ${bench.plan.verifyRounds}`);
      const run = await measureChit(workspace, ['ledger', 'verify']);
      if (run.code !== 0) throw new Error(`${what}: it exited with ${run.code}.`);
      runs.push(run);
    }
    const seconds = median(runs.map((run) => run.seconds));
    times.push({ database, charges, seconds, peakMb: Math.max(...runs.map((it) => it.peakMb)) });
    await removeWorkspace(workspace);
  }
  return times;
}
