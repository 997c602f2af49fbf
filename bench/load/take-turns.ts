import type { Bench } from '../plan.ts';
import type { LoadResult } from './load-job.ts';
import { type Speed, speedOf } from './speed.ts';
import { median } from './statistics.ts';

/** One of two servers that are compared, with its requests and results. */
export interface Side {
  readonly name: string;
  readonly port: number;
  readonly requests: readonly string[];
  readonly results: LoadResult[];
}

export interface Comparison {
  readonly connections: number;
  readonly first: Speed;
  readonly second: Speed;
  /** The median of the ratios of the first side to the second. */
  readonly ratio: number;
  /** One per round, of two consecutive measurements. */
  readonly ratios: readonly number[];
  /** The highest share of time that the load generator was busy, with either side. */
  readonly generatorBusy: number;
}

const WARM_UP_CONNECTIONS = 32;

/** Warms up freshly started servers until their code is compiled. */
export async function warmUp(bench: Bench, what: string, sides: readonly Side[]): Promise<void> {
  for (const side of sides) {
    bench.progress.show(`${what}: warming up (${side.name})`);
    await loadSide(bench, side, WARM_UP_CONNECTIONS, bench.plan.firstWarmUpMs);
  }
}

/** Measures two sides alternately, so that disturbances of the machine affect both. */
export async function takeTurns(
  bench: Bench,
  what: string,
  [first, second]: readonly [Side, Side],
  connections: number,
): Promise<Comparison> {
  const { chatRounds, measureMs } = bench.plan;
  const ofFirst: LoadResult[] = [];
  const ofSecond: LoadResult[] = [];
  for (let round = 0; round < chatRounds; round += 1) {
    // The order alternates, since the first may find a quieter machine.
    const turns = [
      { side: first, results: ofFirst },
      { side: second, results: ofSecond },
    ];
    if (round % 2 === 1) turns.reverse();
    for (const { side, results } of turns) {
      const step = `round ${round + 1} of ${chatRounds}`;
      bench.progress.show(`${what}: ${connections} connections, ${step}, ${side.name}`);
      results.push(await loadSide(bench, side, connections, measureMs));
    }
  }
  const ratios = ofFirst.map((it, round) => {
    return it.perSecond / (ofSecond[round] as LoadResult).perSecond;
  });
  return {
    connections,
    first: speedOf(ofFirst),
    second: speedOf(ofSecond),
    ratio: median(ratios),
    ratios,
    generatorBusy: Math.max(...[...ofFirst, ...ofSecond].map((it) => it.generatorBusy)),
  };
}

async function loadSide(
  { load, plan }: Bench,
  { port, requests, results }: Side,
  connections: number,
  measureMs: number,
): Promise<LoadResult> {
  const { warmUpMs } = plan;
  const result = await load.run({ port, connections, warmUpMs, measureMs, requests });
  results.push(result);
  return result;
}
