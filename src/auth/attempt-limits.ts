/**
 * Limits on failed logins, on sign-ups and on wrong codes. The counts are in the
 * database, so that all servers share them, and they are forgotten after a while.
 */
import { createHash } from 'node:crypto';
import { ChitError } from '../core/errors.ts';
import { addressGroup } from './address-group.ts';
import type { QueueSource } from './fair-queue.ts';
import type { HashSource } from './passwords.ts';

const WINDOW_MS = 15 * 60_000;
/** For one name from one address, or from one known device. */
const PER_NAME_AND_ADDRESS = 10;
/** For all names from one address: a password that is tried on many names. */
const PER_ADDRESS = 60;
/** For one name from all addresses that it was never used from. */
const PER_NAME = 50;
const KNOWN_ADDRESS_MS = 30 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** Each reads all that is stored of an account. */
const EXPORTS_PER_HOUR = 10;
/**
 * Different codes that do not exist, typed by one user, and from one address. A school is behind
 * one address: thirty children make twenty different mistakes each. Guessing is hopeless all the
 * same: of the 2^50 codes of invitations, of which 2,000 may be open, one address finds one in
 * 27,000 years.
 */
const WRONG_CODES_PER_USER = 10;
const WRONG_CODES_PER_ADDRESS = 600;

/** At most so many attempts under a key until it is forgotten. */
export interface AttemptLimit {
  readonly key: string;
  readonly most: number;
}

/** Counts attempts, for all servers; `store/accounts/attempts.ts`. */
export interface AttemptCounts {
  /**
   * Counts an attempt under all of the keys, or under none if one of them has no more.
   * @returns undefined if it was counted; otherwise for how many milliseconds it is refused
   */
  take(limits: readonly AttemptLimit[], windowMs: number): Promise<number | undefined>;
  /** For how many milliseconds an attempt would be refused; undefined if it would not be. */
  refusedFor(limits: readonly AttemptLimit[], windowMs: number): Promise<number | undefined>;
  /** Takes back attempts that were counted, and remembers a key for a while. */
  succeed(taken: readonly AttemptLimit[], known: string | undefined, forMs: number): Promise<void>;
  isKnown(key: string): Promise<boolean>;
}

/** Who wants to sign in, or gives a current password. */
export interface Attempter {
  readonly username: string;
  readonly address: string;
  /** The id of a device that this user has signed in with before; see `KnownDevices`. */
  readonly device?: string | undefined;
  /** Whether it is somebody who is signed in already. */
  readonly isSignedIn?: boolean;
}

/**
 * Failed logins, counted per username and address, per address and per username. A device that the
 * user has signed in with has a count of its own, so that nobody else can use it up, and the count
 * per username does not bind an address that the user has signed in from.
 *
 * An attempt is counted before its password is checked and taken back if the password was right, so
 * parallel guesses get no more tries than sequential ones, on however many servers. Attempts with
 * the same name and address are checked one after the other, so that right ones are never refused
 * because of each other.
 */
export class LoginLimit {
  readonly #counts: AttemptCounts;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(counts: AttemptCounts) {
    this.#counts = counts;
  }

  /**
   * Runs a password check, unless there were too many failures.
   * @param check resolves to undefined if the password was wrong; hashes for the given source
   * @throws ChitError `throttled`, `overloaded`
   */
  async attempt<T>(
    who: Attempter,
    check: (source: HashSource) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    // A device does not wait behind the guesses of others either.
    const key = who.device === undefined ? keysOf(who).pair : deviceKey(who.device);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#check(who, check));
    const settled = turn.catch(() => undefined);
    this.#turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    }
  }

  async #check<T>(
    who: Attempter,
    check: (source: HashSource) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { from, known } = keysOf(who);
    const isKnown =
      who.isSignedIn || who.device !== undefined || (await this.#counts.isKnown(known));
    const limits = limitsFor(who, isKnown);
    // A refused attempt does not even wait for its turn.
    const refusedForMs = await this.#counts.refusedFor(limits, WINDOW_MS);
    if (refusedForMs !== undefined) throw throttled(refusedForMs);
    let isTaken = false;
    const admit = async () => {
      const waitMs = isTaken ? undefined : await this.#counts.take(limits, WINDOW_MS);
      if (waitMs !== undefined) throw throttled(waitMs);
      isTaken = true;
    };
    let isWrong = false;
    let result: T | undefined;
    try {
      result = await check({ key: from, isKnown, admit });
      isWrong = result === undefined;
    } finally {
      if (isTaken && !isWrong) {
        const remembered = result === undefined ? undefined : known;
        await this.#counts.succeed(limits, remembered, KNOWN_ADDRESS_MS);
      }
    }
    return result;
  }
}

/** Counts sign-ups per address. */
export class SignupLimit {
  readonly #counts: AttemptCounts;
  readonly #perHour: number;

  /** @param perHour 0 for no limit */
  constructor(counts: AttemptCounts, perHour: number) {
    this.#counts = counts;
    this.#perHour = perHour;
  }

  /** @throws ChitError `throttled` */
  async count(address: string): Promise<void> {
    if (this.#perHour === 0) return;
    const limit = { key: `signup:${addressGroup(address)}`, most: this.#perHour };
    const waitMs = await this.#counts.take([limit], HOUR_MS);
    if (waitMs !== undefined) throw throttled(waitMs);
  }
}

/**
 * Codes of vouchers or invitations that do not exist, counted per user, if somebody is signed in,
 * and per address. As with passwords, a code is counted before it is looked up; the same wrong one
 * from the same address counts once, however often it is typed. Those from one address are looked
 * up one after the other, so that a class whose codes all exist is never refused.
 */
export class CodeLimit {
  readonly #counts: AttemptCounts;
  readonly #subject: 'voucher' | 'invitation';
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(counts: AttemptCounts, subject: 'voucher' | 'invitation') {
    this.#counts = counts;
    this.#subject = subject;
  }

  /**
   * Looks a code up, unless there were too many that do not exist.
   * @param who `code` is the code, or a hash of it
   * @param look resolves to undefined if there is no such code
   * @throws ChitError `throttled`
   */
  async attempt<T>(
    who: { readonly userId?: number; readonly address: string; readonly code: string },
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const from = addressGroup(who.address);
    const limits = [
      ...(who.userId === undefined
        ? []
        : [{ key: `${this.#subject}:user:${who.userId}`, most: WRONG_CODES_PER_USER }]),
      { key: `${this.#subject}:address:${from}`, most: WRONG_CODES_PER_ADDRESS },
    ];
    // A refused attempt does not even wait for its turn.
    const refusedForMs = await this.#counts.refusedFor(limits, WINDOW_MS);
    if (refusedForMs !== undefined) throw throttled(refusedForMs);
    const code = createHash('sha256').update(`${from} ${who.code}`).digest('base64url');
    const tried = `${this.#subject}:tried:${code}`;
    const turn = (this.#turns.get(from) ?? Promise.resolve()).then(() =>
      this.#look({ limits, tried }, look),
    );
    const settled = turn.catch(() => undefined);
    this.#turns.set(from, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(from) === settled) this.#turns.delete(from);
    }
  }

  async #look<T>(
    { limits, tried }: { readonly limits: readonly AttemptLimit[]; readonly tried: string },
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const waitMs = await this.#counts.take(limits, WINDOW_MS);
    if (waitMs !== undefined) throw throttled(waitMs);
    let isNewGuess = false;
    try {
      const found = await look();
      isNewGuess = found === undefined && !(await this.#counts.isKnown(tried));
      return found;
    } finally {
      if (isNewGuess) await this.#counts.succeed([], tried, WINDOW_MS);
      else await this.#counts.succeed(limits, undefined, 0);
    }
  }
}

/** Counts exports of whole accounts. */
export class ExportLimit {
  readonly #counts: AttemptCounts;

  constructor(counts: AttemptCounts) {
    this.#counts = counts;
  }

  /** @throws ChitError `throttled` */
  async count(userId: number): Promise<void> {
    const limit = { key: `export:user:${userId}`, most: EXPORTS_PER_HOUR };
    const waitMs = await this.#counts.take([limit], HOUR_MS);
    if (waitMs !== undefined) throw throttled(waitMs);
  }
}

/** The queue's source of an address that nothing else is known of. */
export function sourceOf(address: string): QueueSource {
  return { key: addressGroup(address), isKnown: false };
}

function limitsFor(who: Attempter, isKnown: boolean): AttemptLimit[] {
  const { pair, address, name } = keysOf(who);
  if (who.device !== undefined) {
    return [{ key: deviceKey(who.device), most: PER_NAME_AND_ADDRESS }];
  }
  const ofPair = { key: pair, most: PER_NAME_AND_ADDRESS };
  if (who.isSignedIn) return [ofPair];
  const ofAddress = { key: address, most: PER_ADDRESS };
  return isKnown ? [ofPair, ofAddress] : [ofPair, ofAddress, { key: name, most: PER_NAME }];
}

function deviceKey(device: string): string {
  return `login:device:${device}`;
}

/** Keys have a bounded length, and no names of users. */
function keysOf({ username, address }: Attempter) {
  const from = addressGroup(address);
  const name = createHash('sha256').update(foldedName(username)).digest('base64url');
  return {
    from,
    pair: `login:both:${name}:${from}`,
    address: `login:address:${from}`,
    name: `login:name:${name}`,
    known: `known:${name}:${from}`,
  };
}

/**
 * A name without what LDAP directories pass over when they look for it (RFC 4518, section 2), so
 * that guesses are not counted anew for each way to write the name of somebody.
 */
function foldedName(username: string): string {
  const visible = username.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** The error for who has to wait so long. */
export function throttled(waitMs: number): ChitError<'throttled'> {
  return new ChitError('throttled', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
