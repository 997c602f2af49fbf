/** The middle value of a list; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * The smallest value that at least this share of all values does not exceed (nearest rank): a
 * latency that a request really had, never one between two of them.
 * @param sorted in rising order
 * @param share from 0 to 1
 */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Every latency of a measurement, exactly: a histogram would round what it keeps. */
export class Latencies {
  #values = new Float64Array(1 << 16);
  #count = 0;

  add(milliseconds: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = milliseconds;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** In rising order. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#count).sort();
  }
}
