/** Messages between the measuring process and the load generator. */
export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  /** Warm-up before the measurement, to fill caches and compile code. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Raw HTTP requests. The nth connection repeats the nth, modulo their number. */
  readonly requests: readonly string[];
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** All 200 responses, including those before and after the measurement. */
  readonly answered: number;
  /** Counts of other statuses. */
  readonly otherStatuses: Readonly<Record<string, number>>;
  /** The share of time that the generator was busy. Near 1 it measures itself. */
  readonly generatorBusy: number;
}
