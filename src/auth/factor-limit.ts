/**
 * Limits on wrong codes of second factors. They are asked for only after the right password, so
 * whoever guesses them knows the password of the user (NIST SP 800-63B, 3.2.2, wants few guesses).
 */
import { addressGroup } from './address-group.ts';
import { type AttemptCounts, type AttemptLimit, throttled } from './attempt-limits.ts';
import type { HashSource } from './passwords.ts';

const WINDOW_MS = 15 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Of one user from one address, or from one known device. */
const PER_PLACE = 10;
/** Of one user from all places where no code of theirs was ever right; apart if signed in. */
const PER_USER_A_DAY = 50;
const KNOWN_ADDRESS_MS = 30 * 24 * 3_600_000;

/** Who gives a code. */
export interface CodeGiver {
  readonly userId: number;
  readonly address: string;
  /** The id of a device that this user has signed in with before; see `KnownDevices`. */
  readonly device?: string | undefined;
  /** Whether it is somebody who is signed in already. */
  readonly isSignedIn?: boolean;
}

/**
 * Counts wrong codes. A device that the user has signed in with has a count of its own, and so has
 * an address from which a code was right: guesses from elsewhere never lock the user out there.
 * A code is counted before it is checked and taken back if it was right, so that parallel guesses
 * get no more tries. Who is signed in is counted apart: whoever has stolen a session finds no code
 * with it by asking from many addresses, and does not use up what sign-ins have.
 */
export class FactorLimit {
  readonly #counts: AttemptCounts;

  constructor(counts: AttemptCounts) {
    this.#counts = counts;
  }

  /**
   * Checks a code, unless there were too many wrong ones.
   * @param check resolves to undefined if the code is wrong; hashes for the given source
   * @throws ChitError `throttled`, `overloaded`
   */
  async attempt<T>(
    who: CodeGiver,
    check: (source: HashSource) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { userId, address, device, isSignedIn = false } = who;
    const from = addressGroup(address);
    const known = `code:known:${userId}:${from}`;
    const isKnown = device !== undefined || (await this.#counts.isKnown(known));
    const place = device === undefined ? `${userId}:${from}` : `device:${device}`;
    const short = [{ key: `code:${place}`, most: PER_PLACE }];
    const ofUser = isSignedIn ? `code:signed-in:${userId}` : `code:user:${userId}`;
    const long = isKnown ? [] : [{ key: ofUser, most: PER_USER_A_DAY }];
    await this.#take(short, WINDOW_MS);
    if (long.length > 0) await this.#take(long, DAY_MS);
    let result: T | undefined;
    let isWrong = false;
    try {
      result = await check({ key: from, isKnown: isKnown || isSignedIn });
      isWrong = result === undefined;
      return result;
    } finally {
      if (!isWrong) {
        const remembered = result === undefined ? undefined : known;
        await this.#counts.succeed([...short, ...long], remembered, KNOWN_ADDRESS_MS);
      }
    }
  }

  async #take(limits: readonly AttemptLimit[], windowMs: number): Promise<void> {
    const waitMs = await this.#counts.take(limits, windowMs);
    if (waitMs !== undefined) throw throttled(waitMs);
  }
}
