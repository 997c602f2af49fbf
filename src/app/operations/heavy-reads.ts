/** Takes long reads in turn, so that whoever asks for many of them makes only themselves wait. */
import { ChitError } from '../../core/errors.ts';

/** How many reads may wait, and for how long. */
export interface HeavyReadLimits {
  /** Reads that run at the same time; of one reader it is always one. */
  readonly atOnce: number;
  /** Waiting reads of one reader. */
  readonly waitingEach?: number;
  /** Waiting reads of all readers. */
  readonly waiting?: number;
  readonly waitMs?: number;
}

/** More than the page asks for at once, even of somebody who types fast. */
const WAITING_EACH = 8;
const WAITING = 200;
const WAIT_MS = 10_000;
const RETRY_SECONDS = 2;
/** Exports of one reader at the same time. */
const EXPORTS_EACH = 2;

interface Read {
  begin(): void;
}

/** Reads that can take long: searches, reports, exports, lists that are sorted. */
export class HeavyReads {
  readonly #limits: Required<HeavyReadLimits>;
  readonly #running = new Set<string>();
  /** The waiting reads of each reader. Readers take turns in the order of this map. */
  readonly #waiting = new Map<string, Read[]>();
  #waitingCount = 0;
  /** How many exports each reader has under way. */
  readonly #exports = new Map<string, number>();

  constructor(limits: HeavyReadLimits) {
    this.#limits = { waitingEach: WAITING_EACH, waiting: WAITING, waitMs: WAIT_MS, ...limits };
  }

  /**
   * Runs a read when it is its turn. Do not call it within a read.
   * @param reader who reads, such as `user:1`, or an address where nobody is signed in
   * @param read short enough that others can wait for it: one query, or one slice of an export
   * @param isNext whether it continues what has begun, and so waits as long as it takes
   * @throws ChitError `too_many_reads`, `reads_busy`, both before the read has begun
   */
  run<T>(reader: string, read: () => Promise<T>, isNext = false): Promise<T> {
    const { waitingEach, waiting, waitMs } = this.#limits;
    const queue = this.#waiting.get(reader) ?? [];
    return new Promise<T>((resolve, reject) => {
      if (!isNext && queue.length >= waitingEach) throw tooMany();
      if (!isNext && this.#waitingCount >= waiting) throw busy();
      const giveUp = () => {
        this.#remove(reader, entry);
        reject(busy());
      };
      const timer = isNext ? undefined : setTimeout(giveUp, waitMs);
      const entry: Read = {
        begin: () => {
          clearTimeout(timer);
          // Within a promise, so that a read that throws at once is a failed read as well.
          Promise.resolve()
            .then(read)
            .finally(() => this.#end(reader))
            .then(resolve, reject);
        },
      };
      queue.push(entry);
      this.#waiting.set(reader, queue);
      this.#waitingCount += 1;
      this.#begin();
    });
  }

  /**
   * Runs the slices of an export, a turn for each, as they are asked for.
   * @param next reads a slice; undefined after the last
   * @throws ChitError `too_many_reads`, `reads_busy`, both before the first slice
   */
  async *inSlices<T>(reader: string, next: () => Promise<T | undefined>): AsyncGenerator<T> {
    const count = this.#exports.get(reader) ?? 0;
    if (count >= EXPORTS_EACH) throw tooMany();
    this.#exports.set(reader, count + 1);
    try {
      for (let isNext = false; ; isNext = true) {
        const slice = await this.run(reader, next, isNext);
        if (slice === undefined) return;
        yield slice;
      }
    } finally {
      const left = (this.#exports.get(reader) ?? 1) - 1;
      if (left > 0) this.#exports.set(reader, left);
      else this.#exports.delete(reader);
    }
  }

  #begin(): void {
    for (const [reader, [next]] of this.#waiting) {
      if (this.#running.size >= this.#limits.atOnce) return;
      if (!next || this.#running.has(reader)) continue;
      this.#remove(reader, next);
      this.#running.add(reader);
      next.begin();
    }
  }

  #remove(reader: string, read: Read): void {
    const rest = (this.#waiting.get(reader) ?? []).filter((it) => it !== read);
    if (rest.length > 0) this.#waiting.set(reader, rest);
    else this.#waiting.delete(reader);
    this.#waitingCount -= 1;
  }

  /** The reader's next read goes behind those of all other readers. */
  #end(reader: string): void {
    this.#running.delete(reader);
    const rest = this.#waiting.get(reader);
    this.#waiting.delete(reader);
    if (rest) this.#waiting.set(reader, rest);
    this.#begin();
  }
}

function tooMany(): ChitError<'too_many_reads'> {
  return new ChitError('too_many_reads', { retryAfterSeconds: RETRY_SECONDS });
}

function busy(): ChitError<'reads_busy'> {
  return new ChitError('reads_busy', { retryAfterSeconds: RETRY_SECONDS });
}
