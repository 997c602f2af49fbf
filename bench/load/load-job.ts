/** What the measuring process and the load generator say to each other. */
export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  /** Load before the measurement begins, so that caches are filled and code is compiled. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Whole HTTP requests. Each connection repeats its own: the nth of them, and round again. */
  readonly requests: readonly string[];
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** All that were answered 200, also before the measurement began and after it ended. */
  readonly answered: number;
  /** How many were answered with what other status. */
  readonly otherStatuses: Readonly<Record<string, number>>;
  /** The share of time that the generator was busy. Near 1 it measures itself. */
  readonly generatorBusy: number;
}
