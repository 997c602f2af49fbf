/** Bounds the memory that prompts with files take from when they are built until they are sent. */

/** About as much as bodies under `/v1/` may take. */
const MOST_BYTES = 268_435_456;

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Lets prompts in, in the order in which they come, as long as there is room. */
export class PromptMemory {
  readonly #mostBytes: number;
  #bytes = 0;
  readonly #waiting: Waiting[] = [];

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /**
   * Waits until there is room.
   * @returns what makes room again; calling it twice is as once
   * @throws what the signal aborts with
   */
  async enter(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) this.#bytes += bytes;
    else await this.#turn(bytes, signal);
    let isGone = false;
    return () => {
      if (isGone) return;
      isGone = true;
      this.#bytes -= bytes;
      this.#next();
    };
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        bytes,
        enter: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
        this.#next();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #next(): void {
    for (
      let [first] = this.#waiting;
      first && this.#hasRoom(first.bytes);
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      this.#bytes += first.bytes;
      first.enter();
    }
  }

  /** One that is larger than all may be alone. */
  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#mostBytes;
  }
}
