import type { Context } from '../context.ts';
import { recoverHolds } from '../metering/recover-holds.ts';
import { stopUnwanted } from '../metering/stop-unwanted.ts';
import { periodsOf } from '../usage/periods.ts';
import { rollUp } from '../usage/roll-up.ts';

const RECOVER_EVERY_MS = 2_000;
/** Who is shut out is to be so within a second, and what is to stop stops as soon. */
const STOP_EVERY_MS = 500;
const ROLL_UP_EVERY_MS = 10_000;
const SIGHTINGS_EVERY_MS = 15_000;
const SWEEP_EVERY_MS = 3_600_000;
const KEEP_KEYS_MS = 24 * 3_600_000;
/** Who was active in an hour is asked for until the next day has begun everywhere. */
const KEEP_HOURS_MS = 48 * 3_600_000;
/** A lease is renewed this often in its time, so that a single failure does not end it. */
const RENEWALS_PER_LEASE = 4;

/**
 * What a server does besides answering requests: it renews its lease, ends the holds of servers
 * that are gone, and sweeps out what has been kept long enough.
 */
export class BackgroundJobs {
  readonly #context: Context;
  readonly #onError: (error: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  #isStopping = false;

  /** @param onError told of what failed; it will be tried again at the next turn */
  constructor(context: Context, onError: (error: unknown) => void) {
    this.#context = context;
    this.#onError = onError;
  }

  /** Takes the lease and recovers once, then goes on in the background. */
  async start(): Promise<void> {
    const { leases, leaseId, policy } = this.#context;
    const { leaseMs } = policy;
    await leases.renew(leaseId, leaseMs);
    await recoverHolds(this.#context).catch(this.#onError);
    this.#every(leaseMs / RENEWALS_PER_LEASE, () => leases.renew(leaseId, leaseMs));
    this.#every(RECOVER_EVERY_MS, async () => void (await recoverHolds(this.#context)));
    this.#every(STOP_EVERY_MS, () => stopUnwanted(this.#context));
    this.#every(ROLL_UP_EVERY_MS, () =>
      rollUp(this.#context, { isStopping: () => this.#isStopping }),
    );
    this.#every(SIGHTINGS_EVERY_MS, () => this.#keepSightings());
    this.#every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  /** Stops, and gives the lease back: the server has ended all that it was doing. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
    await this.#keepSightings().catch(this.#onError);
    await this.#context.leases.end(this.#context.leaseId);
  }

  async #keepSightings(): Promise<void> {
    const { lastSeen, users } = this.#context;
    await users.noteSeen(lastSeen.take());
  }

  async #sweep(): Promise<void> {
    const { idempotencyKeys, idempotentResponses, leases, usage, now } = this.#context;
    const beforeMs = now() - KEEP_KEYS_MS;
    await idempotencyKeys.sweep(beforeMs);
    await idempotentResponses.sweep(beforeMs);
    await leases.sweep();
    await usage.sweepHours(periodsOf(now() - KEEP_HOURS_MS).hour);
  }

  /** Runs a task now and then, never twice at the same time. */
  #every(intervalMs: number, task: () => Promise<void>): void {
    let current: Promise<void> | undefined;
    const run = () => {
      if (current) return;
      current = task()
        .catch(this.#onError)
        .finally(() => {
          if (current) this.#running.delete(current);
          current = undefined;
        });
      this.#running.add(current);
    };
    this.#timers.push(setInterval(run, intervalMs));
  }
}
