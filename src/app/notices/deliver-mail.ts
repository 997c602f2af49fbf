/** Sends the mail that is due. */
import type { ClaimedMail } from '../../store/notices/deliveries.ts';
import type { Context } from '../context.ts';
import { nextAttemptMs } from './attempts.ts';
import type { MailResult } from './mail/mailer.ts';
import { writeMail } from './mail/write-mail.ts';

/** Few enough that they are sent long before somebody else may take them. */
const AT_ONCE = 10;
/** How long nobody else takes a mail that was taken. At most one is sent twice after a crash. */
export const TAKEN_FOR_MS = 600_000;
/** How long nothing is tried where the server does not answer. */
const REST_MS = 30_000;

/** Sends mail, a limited number at each run, and rests while the server does not answer. */
export class MailDelivery {
  readonly #context: Context;
  #restsUntilMs = 0;
  /** Told once whenever the server stops answering. */
  onUnreachable: (reason: string) => void = () => undefined;
  #isUnreachable = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** @returns how many were sent; nothing happens without a server for mail */
  async run(isStopping: () => boolean = () => false): Promise<number> {
    const { mail, deliveries, now } = this.#context;
    if (!mail || now() < this.#restsUntilMs) return 0;
    const lease = { limit: AT_ONCE, nowMs: now(), forMs: TAKEN_FOR_MS };
    const claimed = await deliveries.claimMail(lease);
    let sent = 0;
    for (const [index, it] of claimed.entries()) {
      const isLate = now() > lease.nowMs + TAKEN_FOR_MS / 2;
      if (isStopping() || isLate) {
        await this.#giveBack(claimed.slice(index), now());
        return sent;
      }
      const result = await this.#send(it);
      await this.#end(it, result);
      if (result.outcome === 'sent') sent += 1;
      if (result.outcome === 'unreachable') {
        this.#rest(result.reason);
        await this.#giveBack(claimed.slice(index + 1), this.#restsUntilMs);
        return sent;
      }
      this.#isUnreachable = false;
    }
    return sent;
  }

  async #send(claimed: ClaimedMail): Promise<MailResult> {
    const { look, mail, outboxSeal, policy, unsubscribeTokens } = this.#context;
    if (!mail) return { outcome: 'failed', reason: 'Mail was turned off.' };
    const written = writeMail(claimed, {
      publicUrl: mail.publicUrl,
      timeZone: policy.timeZone,
      siteName: look.ownName,
      open: (sealed) => outboxSeal.open(sealed),
      unsubscribeToken: (userId, kind) => unsubscribeTokens.tokenFor({ userId, kind }),
    });
    if (written) return mail.mailer.send(written);
    const reason = 'Its link cannot be read: the secret key is another one than when it was made.';
    return { outcome: 'refused', reason };
  }

  async #end(claimed: ClaimedMail, result: MailResult): Promise<void> {
    const { deliveries, now } = this.#context;
    const atMs = now();
    if (result.outcome === 'sent') {
      const sent = { state: 'sent', nextAtMs: undefined, status: undefined, error: undefined };
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
    for (const it of left.filter(isOver)) {
      await this.#end(it, { outcome: 'refused', reason: 'The server for mail did not answer.' });
    }
  }
}
