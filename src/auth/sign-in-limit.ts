import { addressGroup } from './address-group.ts';
import { type AttemptCounts, throttled } from './attempt-limits.ts';

const WINDOW_MS = 10 * 60_000;
/** A school comes in from one address at eight o'clock. */
const PER_ADDRESS = 5_000;

/** Bounds how many sign-ins by providers begin, each of which is stored for ten minutes. */
export class SignInLimit {
  readonly #counts: AttemptCounts;

  constructor(counts: AttemptCounts) {
    this.#counts = counts;
  }

  /** @throws ChitError `throttled` */
  async count(address: string): Promise<void> {
    const limit = { key: `provider ${addressGroup(address)}`, most: PER_ADDRESS };
    const refusedForMs = await this.#counts.take([limit], WINDOW_MS);
    if (refusedForMs !== undefined) throw throttled(refusedForMs);
  }
}
