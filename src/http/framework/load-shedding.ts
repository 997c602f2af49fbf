/** Refuses requests at once when the server is overloaded, so that those it takes are answered. */
import type { FastifyInstance } from 'fastify';
import { ChitError } from '../../core/errors.ts';

const TICK_MS = 100;
/** Turns of the event loop that are later than this, one after the other, mean overload. */
const LATE_MS = 250;
/** So does a single turn that has already taken this long. */
const TURN_MS = 500;
/** With fewer it is not requests that hold the loop up, and refusing some does not help. */
const MIN_RUNNING = 200;
const RETRY_SECONDS = 2;

/** Measures how late the event loop is. */
export class LoadGauge {
  readonly #nowMs: () => number;
  #tickAtMs: number;
  #lateMs = 0;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#tickAtMs = nowMs();
  }

  /** To be called every `TICK_MS`, if the event loop is free. */
  tick(): void {
    const nowMs = this.#nowMs();
    const lateMs = Math.max(0, nowMs - this.#tickAtMs - TICK_MS);
    this.#lateMs = (this.#lateMs + lateMs) / 2;
    this.#tickAtMs = nowMs;
  }

  /** @param running how many requests are being answered */
  isOverloaded(running: number): boolean {
    if (running < MIN_RUNNING) return false;
    return this.#lateMs > LATE_MS || this.#nowMs() - this.#tickAtMs > TURN_MS;
  }
}

/**
 * Answers 503 to requests of the API under overload, before who sends them is looked up and before
 * their body is read. Pages and health checks are always answered: they cost next to nothing.
 * @param running how many requests are being answered
 */
export function registerLoadShedding(
  app: FastifyInstance,
  running: () => number,
  gauge = new LoadGauge(),
): void {
  const timer = setInterval(() => gauge.tick(), TICK_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  app.addHook('onRequest', ({ url }, _reply, done) => {
    const isShed = gauge.isOverloaded(running()) && /^\/(api|v1|scim)\//i.test(url);
    if (isShed) app.counts.shed += 1;
    done(isShed ? new ChitError('server_busy', { retryAfterSeconds: RETRY_SECONDS }) : undefined);
  });
}
