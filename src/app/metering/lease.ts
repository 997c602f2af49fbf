import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseState, LeaseStore } from '../../store/metering/leases.ts';
import { newId } from '../ids.ts';
import type { GenerationRegistry } from './generation-registry.ts';

/** How often a lease is renewed in its lifetime, so that one failure does not end it. */
const RENEWALS_PER_LEASE = 4;
/** A renewal that failed is tried again after this time. */
const RETRY_MS = 250;

/**
 * The lease of this process, and what it may do by it. Once the lease may have expired, another
 * server may have ended the holds here, so nothing more is delivered until a renewal has shown
 * whose they are; whoever cannot renew for another lease ends what it was generating.
 *
 * Whoever ends holds of an expired lease deletes the lease first. So a renewal that still finds it
 * has all of its holds; one that finds it gone has lost them all, and takes another lease, with
 * another id, for what comes next.
 *
 * The lease certainly lasts until its duration after the renewal was sent, by the monotonic clock,
 * which goes on while a process is stopped (SIGSTOP). On Linux it pauses while the machine sleeps,
 * so the wall clock is asked as well; if that is set, the worst is one more renewal. The database
 * itself says at each renewal whether the lease had expired by its own clock.
 */
export class Lease {
  readonly #forMs: number;
  readonly #leases: LeaseStore;
  readonly #generations: GenerationRegistry;
  #id = newId();
  #isTaken = false;
  /** Infinite until the first is taken: a program that takes none has none to lose. */
  #certainUntilMs = Number.POSITIVE_INFINITY;
  #certainUntilWallMs = Number.POSITIVE_INFINITY;
  #lostAtMs = Number.POSITIVE_INFINITY;
  #canRecoverFromMs = 0;
  #losses = 0;
  #isEnded = false;
  #renewal: Promise<void> | undefined;
  #certainty: Promise<void> | undefined;
  #renewTimer: NodeJS.Timeout | undefined;
  #lossTimer: NodeJS.Timeout | undefined;

  /** @param forMs how long a renewal lasts */
  constructor(
    forMs: number,
    on: { readonly leases: LeaseStore; readonly generations: GenerationRegistry },
  ) {
    this.#forMs = forMs;
    this.#leases = on.leases;
    this.#generations = on.generations;
  }

  /** What new holds are to name. It changes when the lease is lost. */
  get id(): string {
    return this.#id;
  }

  /** Whether nobody else can have ended a hold of this process. Asked before every delivery. */
  get isCertain(): boolean {
    return performance.now() < this.#certainUntilMs && Date.now() < this.#certainUntilWallMs;
  }

  /** How often it was lost. A hold that was being made the last time may have ended. */
  get losses(): number {
    return this.#losses;
  }

  /**
   * Takes the lease and keeps renewing it. Limits the leases of others as `canRecover` does.
   * @param onError receives errors of renewals, which are tried again
   * @throws if it cannot be taken
   */
  async start(onError: (error: unknown) => void): Promise<void> {
    await this.renew();
    await this.#leases.limitToDuration();
    this.#renewAfter(this.#forMs / RENEWALS_PER_LEASE, onError);
  }

  /** Gives the lease back. To be called once all generations have ended. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#renewTimer);
    await this.#renewal?.catch(() => undefined);
    clearTimeout(this.#lossTimer);
    await this.#leases.end(this.#id);
  }

  /**
   * Renews the lease now, or joins a renewal that is under way. If another server has taken it
   * over, all generations are stopped and a new lease is taken.
   * @throws what the database throws
   */
  renew(): Promise<void> {
    this.#renewal ??= this.#renewNow().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Resolves once the lease is certain. A generation that is lost meanwhile is stopped. */
  untilCertain(): Promise<void> {
    this.#certainty ??= this.#regain().finally(() => {
      this.#certainty = undefined;
    });
    return this.#certainty;
  }

  /**
   * Whether holds of expired leases may be ended. Renews first: if this server's own lease had
   * expired, it slept or the clock of the database was set, and then the leases of the others may
   * have expired by that alone. They get the time of a lease to renew them. If the clock was set
   * back, leases that it made longer are limited to their duration from now.
   * @throws what the database throws
   */
  async canRecover(): Promise<boolean> {
    await this.renew();
    await this.#leases.limitToDuration();
    return performance.now() >= this.#canRecoverFromMs;
  }

  async #regain(): Promise<void> {
    while (!this.isCertain && !this.#isEnded) {
      await this.renew().catch(() => sleep(RETRY_MS));
    }
  }

  #renewAfter(delayMs: number, onError: (error: unknown) => void): void {
    this.#renewTimer = setTimeout(async () => {
      let nextMs = this.#forMs / RENEWALS_PER_LEASE;
      await this.renew().catch((error: unknown) => {
        nextMs = Math.min(nextMs, RETRY_MS);
        onError(error);
      });
      // One that took longer than it lasts is counted from its start, and over already.
      if (!this.isCertain) nextMs = Math.min(nextMs, RETRY_MS);
      if (!this.#isEnded) this.#renewAfter(nextMs, onError);
    }, delayMs);
  }

  async #renewNow(): Promise<void> {
    this.#loseIfDue();
    // Counted from before the renewal is sent: the database counts from later.
    let sentMs = performance.now();
    let sentWallMs = Date.now();
    if (this.#isTaken) {
      const state = await this.#leases.renew(this.#id, this.#forMs);
      this.#loseIfDue();
      if (state !== 'valid') this.#expired(state);
    }
    if (!this.#isTaken) {
      sentMs = performance.now();
      sentWallMs = Date.now();
      await this.#leases.take(this.#id, this.#forMs);
      this.#isTaken = true;
    }
    this.#certainUntilMs = sentMs + this.#forMs;
    this.#certainUntilWallMs = sentWallMs + this.#forMs;
    this.#lostAtMs = this.#certainUntilMs + this.#forMs;
    clearTimeout(this.#lossTimer);
    // A timer of Node may fire up to a millisecond early, and would find that it is not due.
    const lossMs = Math.ceil(this.#lostAtMs - performance.now()) + 1;
    this.#lossTimer = setTimeout(() => this.#loseIfDue(), lossMs).unref();
  }

  /** The lease had expired. While it is still there, nobody has ended a hold of it. */
  #expired(state: Exclude<LeaseState, 'valid'>): void {
    this.#canRecoverFromMs = performance.now() + this.#forMs;
    if (state !== 'gone') return;
    this.#certainUntilMs = 0;
    this.#isTaken = false;
    this.#id = newId();
    this.#lose();
  }

  /** Once the lease has been over for as long as it lasts. */
  #loseIfDue(): void {
    if (performance.now() < this.#lostAtMs) return;
    this.#lostAtMs = Number.POSITIVE_INFINITY;
    this.#lose();
  }

  /** Stops all generations, and by `losses` those that are just being held. */
  #lose(): void {
    this.#losses += 1;
    this.#generations.stopMany(this.#generations.ids, 'server_lost');
  }
}
