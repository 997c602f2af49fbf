import { countTokensApart } from '../../models/counting/count-tokens.ts';
import type { Spread } from '../../models/input-measure/text-tokens.ts';

/** For tokens that are cut at the borders of what is counted, and for names of tools. */
const MARGIN_TOKENS = 16;
/** Less is not worth counting. */
const LEAST_BYTES = 256;
/** A provider that sends faster than this is counted has to wait. */
const MOST_BYTES = 1_048_576;

/**
 * Watches whether a stream passes its limit, since some servers ignore it. No token is shorter than
 * a byte, so nothing is counted before there are more bytes than the limit has tokens; then what
 * came is counted in a thread of its own, and again whenever the bytes since could pass the limit.
 */
export class OutputWatch {
  readonly #most: number;
  readonly #onPassed: (countedTokens: number) => void;
  #uncounted = '';
  #bytes = 0;
  #tokens = 0;
  #counting: Promise<void> | undefined;
  #isOver = false;
  readonly #stop = new AbortController();

  /**
   * @param limit by the tokenizer of the model; `spread` says how far that is from ours, so that
   *   only what surely is over the limit counts as such
   * @param onPassed called once, with our count
   */
  constructor(
    limit: { readonly tokens: number; readonly spread: Spread },
    onPassed: (countedTokens: number) => void,
  ) {
    this.#most = limit.tokens / limit.spread.least + MARGIN_TOKENS;
    this.#onPassed = onPassed;
  }

  /** @returns what to wait for before more is read, if anything */
  add(output: string): Promise<void> | undefined {
    if (output === '' || this.#isOver) return undefined;
    this.#uncounted += output;
    this.#bytes += Buffer.byteLength(output);
    const bytes = this.#bytes;
    if (this.#tokens + bytes <= this.#most || bytes < LEAST_BYTES) return undefined;
    this.#counting ??= this.#count();
    return bytes > MOST_BYTES ? this.#counting : undefined;
  }

  /** To be called when the reply has ended. */
  end(): void {
    this.#isOver = true;
    if (this.#counting) this.#stop.abort();
  }

  async #count(): Promise<void> {
    const text = this.#uncounted;
    this.#uncounted = '';
    this.#bytes = 0;
    const tokens = await countTokensApart(text, this.#stop.signal).catch(() => undefined);
    this.#counting = undefined;
    if (this.#isOver || tokens === undefined) return;
    this.#tokens += tokens;
    if (this.#tokens <= this.#most) return;
    this.#isOver = true;
    this.#onPassed(this.#tokens);
  }
}
