/**
 * Sums of usage are derived from the book, behind its end: what began before the oldest generation
 * that is still running is over and will not change. So the ledger's transactions do no more than
 * book, and servers do not wait for each other over one row of sums.
 */
import { type CompletedUsage, UsageSums } from '../../core/usage-sums.ts';
import type { CompletedGenerations } from '../../store/usage/completed-generations.ts';
import type { Context } from '../context.ts';
import { idFrom, periodsOf, timeOfId } from './periods.ts';

/** Clocks of servers differ, and a hold may wait a little before it is written. */
const MARGIN_MS = 60_000;
/** So many at a time, since messages wait for the transaction that adds them. */
const AT_ONCE = 1_000;

/**
 * Adds to the sums what is over, until that is all.
 * @param options `untilMs`: only what began before; `isStopping` is looked at between the parts
 */
export async function rollUp(
  { usage, completedGenerations }: Context,
  options: {
    readonly untilMs?: number;
    readonly marginMs?: number;
    readonly isStopping?: () => boolean;
  } = {},
): Promise<void> {
  const { untilMs = Infinity, marginMs = MARGIN_MS, isStopping = () => false } = options;
  // Time goes on meanwhile; what it brings is for the next call.
  const goalMs = Math.min(untilMs, (await usage.progress()).nowMs - marginMs);
  while (!isStopping()) {
    const { summedUntilMs: fromMs, nowMs } = await usage.progress();
    // A clock that was ahead has sums made that will lack what comes until then.
    if (fromMs > nowMs) {
      await usage.beginAnew();
      continue;
    }
    const oldestMs = (await completedGenerations.oldestOpenMs()) ?? Infinity;
    const endMs = Math.min(goalMs, oldestMs - marginMs);
    if (endMs <= fromMs) return;
    const range = { from: idFrom(fromMs), to: idFrom(endMs) };
    const some = await completedGenerations.ended({ ...range, limit: AT_ONCE });
    // What was begun in one millisecond is taken as a whole, now or next time.
    const isPart = some.length === AT_ONCE;
    const lastMs = isPart ? timeOfId(some.at(-1)?.id ?? '') : endMs;
    const toMs = lastMs > fromMs ? lastMs : endMs;
    const ended = isPart && toMs === endMs ? await completedGenerations.ended(range) : some;
    const sums = new UsageSums();
    for (const it of ended) if (timeOfId(it.id) < toMs) sums.add(useOf(it));
    for (const it of await completedGenerations.refunds({ from: range.from, to: idFrom(toMs) })) {
      sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
    }
    await usage.add(sums, { fromMs, toMs });
  }
}

/** What is in no sum yet, and up to when it is all that there is. */
export interface NotSummed {
  readonly sums: UsageSums;
  readonly asOfMs: number;
}

/**
 * Reads sums that are kept together with what is in none yet, as they were at one moment: what is
 * summed up in between would be counted twice or not at all.
 */
export async function readingSums<T>(
  { usage, completedGenerations }: Context,
  read: (notSummed: NotSummed) => Promise<T>,
): Promise<T> {
  for (;;) {
    const before = await usage.progress();
    const result = await read(await notSummed(completedGenerations, before));
    const after = await usage.progress();
    if (after.summedUntilMs === before.summedUntilMs) return result;
  }
}

async function notSummed(
  completedGenerations: Context['completedGenerations'],
  { summedUntilMs, nowMs }: { readonly summedUntilMs: number; readonly nowMs: number },
): Promise<NotSummed> {
  const from = idFrom(summedUntilMs);
  const ended = await completedGenerations.ended({ from, to: END, limit: MOST_NOT_SUMMED });
  const isAll = ended.length < MOST_NOT_SUMMED;
  const to = isAll ? END : (ended.at(-1)?.id ?? END);
  const sums = new UsageSums();
  for (const it of ended) sums.add(useOf(it));
  for (const it of await completedGenerations.refunds({ from, to })) {
    sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
  }
  return { sums, asOfMs: isAll ? nowMs : timeOfId(to) };
}

/** Behind all ids. */
const END = 'g';
/** A server that was just put on a large book has not summed it up yet: it says how far it is. */
const MOST_NOT_SUMMED = 20_000;

function useOf(it: CompletedGenerations): CompletedUsage {
  const durationMs = it.isAnswered ? it.endedAtMs - it.beganAtMs : undefined;
  return { ...it, durationMs, periods: periodsOf(it.beganAtMs) };
}
