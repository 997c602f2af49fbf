import { sweepFiles } from '../chat/files/sweep-files.ts';
import { sweepTemporaryChats } from '../chat/temporary-chats.ts';
import { endStaleLoops } from '../chat/tools/end-stale-loops.ts';
import type { Context } from '../context.ts';
import { continueChanges } from '../credits/plan-changes.ts';
import { endLeftovers, fillCalendars, sweepRenewals } from '../credits/renewals.ts';
import { finishInvitations } from '../invitations/finish-invitations.ts';
import { forgetInvitations } from '../invitations/manage-invitations.ts';
import { ForgottenHolds } from '../metering/forgotten-holds.ts';
import { recoverHolds } from '../metering/recover-holds.ts';
import { stopUnwanted } from '../metering/stop-unwanted.ts';
import { runOutbox } from '../notices/outbox.ts';
import { periodsOf } from '../usage/periods.ts';
import { rollUp } from '../usage/roll-up.ts';
import { forgetOld } from './forget-old.ts';
import { MessageIndexer } from './index-messages.ts';

const RECOVER_EVERY_MS = 1_000;
/** Disabled users are cut off within a second, and so are stopped replies of other servers. */
const STOP_EVERY_MS = 500;
const ROLL_UP_EVERY_MS = 10_000;
const END_FORGOTTEN_EVERY_MS = 20_000;
const LAST_SEEN_EVERY_MS = 15_000;
/** Also how long a server may not know of a plan that another one has made. */
const REFRESH_PLANS_EVERY_MS = 1_000;
/** Also how long a server may show the site as it looked before. */
const REFRESH_LOOK_EVERY_MS = 1_000;
const RENEW_EVERY_MS = 3_000;
const CHANGE_PLANS_EVERY_MS = 1_000;
const FILL_CALENDARS_EVERY_MS = 3_600_000;
const FINISH_INVITATIONS_EVERY_MS = 30_000;
const SWEEP_EVERY_MS = 3_600_000;
const FORGET_ATTEMPTS_EVERY_MS = 60_000;
const SWEEP_TEMPORARY_EVERY_MS = 60_000;
const INDEX_MESSAGES_EVERY_MS = 1_000;
const FORGET_OLD_EVERY_MS = 900_000;
const SWEEP_FILES_EVERY_MS = 60_000;
const CHECK_BACKUPS_EVERY_MS = 60_000;
const KEEP_IDEMPOTENCY_KEYS_MS = 24 * 3_600_000;
/** Active users per hour are needed until the next day has begun in every time zone. */
const KEEP_HOURLY_USERS_MS = 48 * 3_600_000;

/**
 * What a server does besides answering requests: it renews its lease, ends the holds of crashed
 * servers, sums up usage, renews allowances, makes backups and deletes what has expired.
 */
export class BackgroundJobs {
  readonly #context: Context;
  readonly #onError: (error: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  #hasLease = false;
  #isStopping = false;

  /** @param onError receives errors of jobs; a failed job runs again at its next interval */
  constructor(context: Context, onError: (error: unknown) => void) {
    this.#context = context;
    this.#onError = onError;
  }

  /** Takes the lease, recovers holds and fills calendars once, then continues in the background. */
  async start(): Promise<void> {
    const { lease } = this.#context;
    await lease.start(this.#onError);
    this.#hasLease = true;
    await this.#context.servers.start(this.#onError);
    await recoverHolds(this.#context).catch(this.#onError);
    await endStaleLoops(this.#context).catch(this.#onError);
    await fillCalendars(this.#context).catch(this.#onError);
    const isStopping = () => this.#isStopping;
    this.#every(RECOVER_EVERY_MS, async () => {
      if (!(await lease.canRecover())) return;
      await recoverHolds(this.#context);
      await endStaleLoops(this.#context);
    });
    this.#every(STOP_EVERY_MS, () => stopUnwanted(this.#context));
    this.#every(ROLL_UP_EVERY_MS, () =>
      rollUp(this.#context, { isStopping: () => this.#isStopping }),
    );
    const forgotten = new ForgottenHolds(this.#context);
    this.#every(END_FORGOTTEN_EVERY_MS, async () => {
      await forgotten.end();
    });
    this.#every(LAST_SEEN_EVERY_MS, () => this.#saveLastSeen());
    this.#every(REFRESH_PLANS_EVERY_MS, () => this.#context.plansInForce.refresh());
    this.#every(REFRESH_LOOK_EVERY_MS, () => this.#context.look.refresh());
    this.#every(RENEW_EVERY_MS, async () => {
      await sweepRenewals(this.#context, { isStopping });
    });
    this.#every(CHANGE_PLANS_EVERY_MS, () => continueChanges(this.#context, { isStopping }));
    this.#every(FILL_CALENDARS_EVERY_MS, async () => {
      await fillCalendars(this.#context);
      await endLeftovers(this.#context, isStopping);
    });
    this.#every(SWEEP_EVERY_MS, () => this.#sweep());
    this.#every(FINISH_INVITATIONS_EVERY_MS, async () => {
      await finishInvitations(this.#context, isStopping);
    });
    this.#every(SWEEP_EVERY_MS, () => forgetInvitations(this.#context, isStopping));
    const indexer = new MessageIndexer(this.#context.searchIndex, this.#context.now);
    this.#every(INDEX_MESSAGES_EVERY_MS, async () => {
      await indexer.run(isStopping);
    });
    this.#every(SWEEP_TEMPORARY_EVERY_MS, async () => {
      await sweepTemporaryChats(this.#context, isStopping);
    });
    this.#every(FORGET_OLD_EVERY_MS, async () => {
      await forgetOld(this.#context, isStopping);
    });
    this.#every(SWEEP_FILES_EVERY_MS, () => sweepFiles(this.#context, isStopping));
    this.#every(CHECK_BACKUPS_EVERY_MS, () => this.#context.backups.makeIfDue());
    const every = (everyMs: number, job: () => Promise<void>) => this.#every(everyMs, job);
    runOutbox(this.#context, isStopping, { every, onError: this.#onError });
    this.#every(FORGET_ATTEMPTS_EVERY_MS, async () => {
      await this.#context.attempts.sweep();
      await this.#context.factors.sweep(this.#context.now());
      await this.#context.signInAttempts.sweep(this.#context.now());
      await this.#context.signInTrials.sweep(this.#context.now());
      await this.#context.providerSessions.sweep(this.#context.now());
      await this.#context.limitCounts?.sweep();
      await this.#context.servers.sweep();
    });
  }

  /** Stops and gives the lease back. To be called once all generations have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#context.backups.stop();
    await Promise.all(this.#running);
    if (!this.#hasLease) return;
    await this.#saveLastSeen().catch(this.#onError);
    await this.#context.servers.end().catch(this.#onError);
    await this.#context.lease.end().catch(this.#onError);
  }

  async #saveLastSeen(): Promise<void> {
    const { lastSeen, users } = this.#context;
    await users.noteSeen(lastSeen.take());
  }

  async #sweep(): Promise<void> {
    const { idempotencyKeys, idempotentResponses, usage, now } = this.#context;
    const beforeMs = now() - KEEP_IDEMPOTENCY_KEYS_MS;
    for (const expired of [idempotencyKeys, idempotentResponses]) {
      while (!this.#isStopping && (await expired.sweep(beforeMs)));
    }
    await usage.sweepHours(periodsOf(now() - KEEP_HOURLY_USERS_MS).hour);
  }

  /** Runs a job at an interval; skips a turn while the one before is still running. */
  #every(intervalMs: number, job: () => Promise<void>): void {
    let current: Promise<void> | undefined;
    const run = () => {
      if (current) return;
      current = job()
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
