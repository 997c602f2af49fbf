/**
 * Durations as a histogram: counts can be added up, percentiles cannot. Each bucket ends a fifth
 * higher than the one before, so percentiles are accurate to about a tenth.
 */

/** The number of durations in each bucket, without trailing empty buckets. */
export type Durations = readonly number[];

const FIRST_MS = 10;
const GROWTH = 1.2;
/** The last bucket starts at about one hour. */
const BUCKETS = 72;

/** The histogram with one more duration. */
export function withDuration(durations: Durations, ms: number): Durations {
  const bucket = bucketOf(ms);
  const counts = Array.from(
    { length: Math.max(durations.length, bucket + 1) },
    (_, index) => durations[index] ?? 0,
  );
  counts[bucket] = (counts[bucket] ?? 0) + 1;
  return counts;
}

/** Adds two histograms. */
export function sumOfDurations(a: Durations, b: Durations): Durations {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  return longer.map((count, index) => count + (shorter[index] ?? 0));
}

/**
 * A percentile, in milliseconds.
 * @param share from 0 to 1, such as 0.95
 * @returns undefined if there are no durations
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
