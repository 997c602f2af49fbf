/** The short and the long form of the fleet, for the tests of each database. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DatabaseName } from '../../support/databases.ts';
import type { Plan } from './faults.ts';
import { type Done, writeFigures } from './figures.ts';
import { runFleet } from './rounds.ts';

const RESULTS = join(import.meta.dirname, '../../../bench/results');
export const IS_LONG = process.env.FAULTS === 'long';

/**
 * Runs the fleet and asserts that nothing happened that must not. The long form writes its figures
 * to `bench/results/`.
 *
 * `FAULTS_SEED` repeats the choices of a run, `FAULTS_ROUNDS` changes how many rounds it has, and
 * `FAULTS_NAME` names it in the table in place of its database.
 */
export async function assertFleetAgrees(
  t: TestContext,
  name: DatabaseName,
  plans: {
    readonly short: Plan;
    /** A round of the long form. */
    readonly long: Plan;
    readonly longRounds: number;
    /** What the long form has to have done. */
    readonly atLeast: Partial<Done>;
  },
): Promise<void> {
  const { FAULTS_SEED, FAULTS_ROUNDS, FAULTS_NAME = name } = process.env;
  const seed = Number(FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const rounds = Number(FAULTS_ROUNDS ?? (IS_LONG ? plans.longRounds : 1));
  const plan = IS_LONG ? plans.long : plans.short;
  const date = new Date().toISOString().slice(0, 10);
  const path = join(RESULTS, `${date}-faults.md`);
  const figures = await runFleet(
    name,
    Array.from({ length: rounds }, () => plan),
    seed,
    (it) => {
      if (IS_LONG) writeFigures(path, `Faults, ${date}`, FAULTS_NAME, it);
    },
  );
  t.diagnostic(`seed ${seed}: ${figures.summary}`);
  for (const example of figures.examples) t.diagnostic(example);
  assert.deepEqual(figures.found, {});
  if (!IS_LONG || FAULTS_ROUNDS !== undefined) return;
  for (const [what, count] of Object.entries(plans.atLeast)) {
    assert.ok(figures.done[what as keyof Done] >= count, `less than ${count} ${what}`);
  }
}
