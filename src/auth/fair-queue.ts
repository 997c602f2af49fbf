import { ChitError } from '../core/errors.ts';

/** More would wait for minutes. */
const MAX_WAITING = 1_000;
const MAX_WAITING_PER_SOURCE = 100;
/** About how long a source with a full lane waits for it to empty. */
const RETRY_AFTER_SECONDS = 5;

/** So many tasks of known sources go first, and then one of the others: neither waits for ever. */
const KNOWN_IN_A_ROW = 3;

/** On whose behalf a task runs. */
export interface QueueSource {
  /** A source gets one turn for one turn of every other source, however many tasks it has. */
  readonly key: string;
  /** Those who were here before have three turns of four. */
  readonly isKnown: boolean;
}

/** Tasks of the program itself. */
export const OWN_SOURCE: QueueSource = { key: '', isKnown: true };

/**
 * Limits how many tasks run at once. The others wait in a lane for each source, and the lanes take
 * turns, so that a flood from one address makes nobody wait but itself.
 */
export class FairQueue {
  readonly #permits: number;
  readonly #known = new Lanes();
  readonly #others = new Lanes();
  #running = 0;
  #knownInARow = 0;

  constructor(permits: number) {
    this.#permits = permits;
  }

  /**
   * @throws ChitError `throttled` if too many tasks of this source are waiting, `overloaded` if too
   *   many are waiting at all
   */
  async run<T>(source: QueueSource, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#permits) this.#running += 1;
    else await (source.isKnown ? this.#known : this.#others).turnOf(source.key);
    try {
      return await task();
    } finally {
      const next = this.#next();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #next(): (() => void) | undefined {
    const isTurnOfOthers = this.#knownInARow >= KNOWN_IN_A_ROW;
    const other = isTurnOfOthers ? this.#others.next() : undefined;
    const known = other ? undefined : this.#known.next();
    this.#knownInARow = known ? this.#knownInARow + 1 : 0;
    return other ?? known ?? this.#others.next();
  }
}

/** One lane for each source; the first lane has the next turn. */
class Lanes {
  readonly #lanes = new Map<string, (() => void)[]>();
  #waiting = 0;

  turnOf(key: string): Promise<void> {
    const lane = this.#lanes.get(key) ?? [];
    if (lane.length >= MAX_WAITING_PER_SOURCE) {
      throw new ChitError('throttled', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    if (this.#waiting >= MAX_WAITING) throw new ChitError('overloaded', undefined);
    this.#waiting += 1;
    this.#lanes.set(key, lane);
    return new Promise((resolve) => lane.push(resolve));
  }

  next(): (() => void) | undefined {
    const [first] = this.#lanes;
    if (!first) return undefined;
    const [key, lane] = first;
    const turn = lane.shift();
    this.#waiting -= 1;
    // To the end of the row, or out of it.
    this.#lanes.delete(key);
    if (lane.length > 0) this.#lanes.set(key, lane);
    return turn;
  }
}
