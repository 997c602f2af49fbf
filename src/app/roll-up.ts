/**
 * Sums of usage are derived from the book, behind its end: what began before the oldest generation
 * that is still running is over and will not change. So the ledger's transactions do no more than
 * book, and servers do not wait for each other over one row of sums.
 */
import { type EndedUse, UsageSums } from '../core/usage-sums.ts';
import type { BookedUse } from '../store/usage.ts';
import type { Context } from './context.ts';
import { idFrom, periodsOf, timeOfId } from './periods.ts';

/** Clocks of servers differ, and a hold may wait a little before it is written. */
const MARGIN_MS = 60_000;
/** So many at a time, since messages wait for the transaction that adds them. */
const AT_ONCE = 1_000;

/**
 * Adds to the sums what is over, until that is all.
 * @param isStopping looked at between the parts
 */
export async function rollUp(context: Context, isStopping = () => false): Promise<void> {
  const { usage, now } = context;
  for (;;) {
    const fromMs = await usage.summedUntilMs();
    const oldestMs = (await usage.oldestOpenMs()) ?? Infinity;
    const untilMs = Math.min(now(), oldestMs) - MARGIN_MS;
    if (untilMs <= fromMs || isStopping()) return;
    const range = { from: idFrom(fromMs), to: idFrom(untilMs), limit: AT_ONCE };
    const ended = await usage.ended(range);
    // What was made in one millisecond is taken as a whole, now or next time.
    const isPart = ended.length === AT_ONCE;
    const lastMs = timeOfId(ended.at(-1)?.id ?? '');
    const toMs = isPart && lastMs > fromMs ? lastMs : untilMs;
    const all =
      isPart && toMs === untilMs ? await usage.ended({ from: range.from, to: range.to }) : ended;
    const sums = new UsageSums();
    for (const it of all) if (timeOfId(it.id) < toMs) sums.add(useOf(it));
    for (const it of await usage.refunds({ from: range.from, to: idFrom(toMs) })) {
      sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
    }
    await usage.add(sums, { fromMs, toMs });
  }
}

/** What is not in the sums yet. */
export async function notSummed({ usage }: Context): Promise<UsageSums> {
  const range = { from: idFrom(await usage.summedUntilMs()), to: 'g' };
  const sums = new UsageSums();
  for (const it of await usage.ended({ ...range, limit: MOST_NOT_SUMMED })) sums.add(useOf(it));
  for (const it of await usage.refunds(range)) {
    sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
  }
  return sums;
}

/** A server that was just put on a large book has not summed it up yet; it is shown in part. */
const MOST_NOT_SUMMED = 50_000;

function useOf(it: BookedUse): EndedUse {
  const durationMs = it.isAnswered ? it.endedAtMs - it.beganAtMs : undefined;
  return { ...it, durationMs, periods: periodsOf(it.beganAtMs) };
}
