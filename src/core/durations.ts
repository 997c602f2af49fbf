/**
 * How long answers took, as counts in buckets: these can be added up, percentiles cannot. A bucket
 * reaches a fifth further than the one before, so what is read off is right to a tenth or so.
 */

/** How many durations fell into each bucket; buckets behind the last that has any are left out. */
export type Durations = readonly number[];

const FIRST_MS = 10;
const GROWTH = 1.2;
/** The last bucket begins at about an hour. */
const BUCKETS = 72;

/** The counts with one duration more. */
export function withDuration(durations: Durations, ms: number): Durations {
  const bucket = bucketOf(ms);
  const counts = Array.from(
    { length: Math.max(durations.length, bucket + 1) },
    (_, index) => durations[index] ?? 0,
  );
  counts[bucket] = (counts[bucket] ?? 0) + 1;
  return counts;
}

/** The counts of both. */
export function sumOfDurations(a: Durations, b: Durations): Durations {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  return longer.map((count, index) => count + (shorter[index] ?? 0));
}

/**
 * The duration that a share of all did not exceed, in milliseconds, to about a tenth; undefined if
 * there is none.
 * @param share from 0 to 1, such as 0.95
 */
export function durationAt(durations: Durations, share: number): number | undefined {
  const total = durations.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of durations.entries()) {
    seen += count;
    if (count > 0 && seen >= total * share) return Math.round(middleOf(bucket));
  }
  return undefined;
}

function bucketOf(ms: number): number {
  if (ms < FIRST_MS) return 0;
  return Math.min(1 + Math.floor(Math.log(ms / FIRST_MS) / Math.log(GROWTH)), BUCKETS - 1);
}

function middleOf(bucket: number): number {
  return bucket === 0 ? FIRST_MS / 2 : FIRST_MS * GROWTH ** (bucket - 0.5);
}
