/** Sends the mail that is due. */
import type { ClaimedMail } from '../../store/notices/deliveries.ts';
import type { Context } from '../context.ts';
import { nextAttemptMs } from './attempts.ts';
import { CONNECTIONS, type MailResult } from './mail/mailer.ts';
import { type Unwritten, writeMail } from './mail/write-mail.ts';

/** Few enough that they are sent long before somebody else may take them. */
const AT_ONCE = 10;
/** How long nobody else takes a mail that was taken. At most one is sent twice after a crash. */
export const TAKEN_FOR_MS = 600_000;
/** How long nothing is tried where the server does not answer. */
const REST_MS = 30_000;
/** What was not sent for so long may be sent at once; more of it would be a flood. */
const SAVED_MS = 6_000;
const MINUTE_MS = 60_000;

/** Sends mail, as fast as it may, and rests while the server does not answer. */
export class MailDelivery {
  readonly #context: Context;
  #restsUntilMs = 0;
  /** How many may be sent now, and since when that is so. */
  #allowed: number;
  #countedAtMs: number;
  /** Told once whenever the server stops answering. */
  onUnreachable: (reason: string) => void = () => undefined;
  #isUnreachable = false;

  constructor(context: Context) {
    this.#context = context;
    this.#allowed = this.#most;
    this.#countedAtMs = context.now();
  }

  /** @returns how many were sent; nothing happens without a server for mail */
  async run(isStopping: () => boolean = () => false): Promise<number> {
    const { mail, deliveries, now } = this.#context;
    let sent = 0;
    while (mail && now() >= this.#restsUntilMs && !isStopping()) {
      const limit = Math.min(AT_ONCE, this.#mayNow());
      if (limit === 0) break;
      const lease = { limit, nowMs: now(), forMs: TAKEN_FOR_MS };
      const claimed = await deliveries.claimMail(lease);
      if (claimed.length === 0) break;
      sent += await this.#sendAll(claimed, isStopping);
    }
    return sent;
  }

  /** Sends as many at a time as there are connections; gives back what it does not come to. */
  async #sendAll(claimed: readonly ClaimedMail[], isStopping: () => boolean): Promise<number> {
    const { now } = this.#context;
    const lateMs = now() + TAKEN_FOR_MS / 2;
    let next = 0;
    let sent = 0;
    const isOver = () => isStopping() || now() > lateMs || now() < this.#restsUntilMs;
    const sendOnOne = async () => {
      while (!isOver()) {
        const it = claimed[next];
        if (!it) return;
        next += 1;
        this.#allowed -= 1;
        const result = await this.#send(it);
        await this.#end(it, result);
        if (result.outcome === 'sent') sent += 1;
        if (result.outcome === 'unreachable') this.#rest(result.reason);
        else this.#isUnreachable = false;
      }
    };
    // Each to its end, so that none is still at work when others are given back.
    const ends = await Promise.allSettled(Array.from({ length: CONNECTIONS }, sendOnOne));
    const left = claimed.slice(next);
    if (left.length > 0) await this.#giveBack(left, Math.max(now(), this.#restsUntilMs));
    const failed = ends.find((it) => it.status === 'rejected');
    if (failed) throw failed.reason;
    return sent;
  }

  get #most(): number {
    const perMinute = this.#context.mail?.perMinute ?? 0;
    return Math.max(1, (perMinute * SAVED_MS) / MINUTE_MS);
  }

  /** How many may be sent now: as many as came free since the last, up to what may be saved. */
  #mayNow(): number {
    const { mail, now } = this.#context;
    const atMs = now();
    const free = (Math.max(0, atMs - this.#countedAtMs) / MINUTE_MS) * (mail?.perMinute ?? 0);
    this.#countedAtMs = atMs;
    this.#allowed = Math.min(this.#most, this.#allowed + free);
    return Math.max(0, Math.floor(this.#allowed));
  }

  async #send(claimed: ClaimedMail): Promise<MailResult> {
    const { look, mail, now, outboxSeal, policy, unsubscribeTokens } = this.#context;
    if (!mail) return { outcome: 'failed', reason: 'Mail was turned off.', problem: 'other' };
    if (isLinkOver(claimed, now())) {
      const reason = 'Its link was over before the server for mail took it.';
      return { outcome: 'refused', reason, problem: 'other' };
    }
    const written = writeMail(claimed, {
      publicUrl: mail.publicUrl,
      timeZone: policy.timeZone,
      siteName: look.ownName,
      open: (sealed) => outboxSeal.open(sealed),
      unsubscribeToken: (userId, kind) => unsubscribeTokens.tokenFor({ userId, kind }),
    });
    return typeof written === 'string' ? UNWRITTEN[written] : mail.mailer.send(written);
  }

  async #end(claimed: ClaimedMail, result: MailResult): Promise<void> {
    const { deliveries, now } = this.#context;
    const atMs = now();
    if (result.outcome === 'sent') {
      const sent = { nextAtMs: undefined, status: undefined, error: undefined };
      await deliveries.end(claimed, { ...sent, state: 'sent' }, atMs);
      return;
    }
    const isOver = result.outcome === 'refused';
    const nextAtMs = isOver ? undefined : nextAttemptMs(claimed, atMs);
    const state = nextAtMs === undefined ? 'failed' : 'waiting';
    await deliveries.end(
      claimed,
      { state, nextAtMs, status: undefined, error: result.reason },
      atMs,
    );
  }

  #rest(reason: string): void {
    this.#restsUntilMs = this.#context.now() + REST_MS;
    if (!this.#isUnreachable) this.onUnreachable(reason);
    this.#isUnreachable = true;
  }

  /** What is older than a day is not kept waiting for its turn. */
  async #giveBack(left: readonly ClaimedMail[], nextAtMs: number): Promise<void> {
    const { deliveries, now } = this.#context;
    const isOver = (it: ClaimedMail) => nextAttemptMs(it, now()) === undefined;
    await deliveries.giveBack(
      left.filter((it) => !isOver(it)).map(({ id }) => id),
      nextAtMs,
    );
    const reason = 'The server for mail did not answer.';
    for (const it of left.filter(isOver)) {
      await this.#end(it, { outcome: 'refused', reason, problem: 'no_answer' });
    }
  }
}

/** What becomes of mail that cannot be written. Another server may know a kind that is unknown. */
const UNWRITTEN: Readonly<Record<Unwritten, MailResult>> = {
  link_unreadable: {
    outcome: 'refused',
    reason: 'Its link cannot be read: the secret key is another one than when it was made.',
    problem: 'other',
  },
  kind_unknown: {
    outcome: 'failed',
    reason: 'This version of the server has no words for mail of this kind.',
    problem: 'other',
  },
};

/** Whether it leads only to a page that says that it came too late. */
function isLinkOver({ sealedPath, data }: ClaimedMail, atMs: number): boolean {
  const { until_ms: untilMs } = data as { readonly until_ms?: number };
  return sealedPath !== undefined && untilMs !== undefined && untilMs <= atMs;
}
