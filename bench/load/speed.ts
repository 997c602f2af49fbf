import type { LoadResult } from './load-job.ts';
import { median } from './statistics.ts';

/** How fast something was: the medians of several rounds. */
export interface Speed {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function speedOf(rounds: readonly LoadResult[]): Speed {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
  };
}
