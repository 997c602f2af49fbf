/**
 * Sums of usage are derived from the ledger with a delay: everything that started before the oldest
 * running generation has ended and will not change. So ledger transactions do nothing but book, and
 * servers do not contend for the rows of sums.
 */
import { type CompletedUsage, UsageSums } from '../../core/usage-sums.ts';
import type { CompletedGeneration } from '../../store/usage/completed-generations.ts';
import type { Context } from '../context.ts';
import { idFrom, periodsOf, timeOfId } from './periods.ts';

/** Allows for clock skew between servers, and for holds that wait to be written. */
const MARGIN_MS = 60_000;
/** Generations per transaction, since messages wait for it. */
const BATCH = 1_000;

/**
 * Adds everything that has ended to the sums.
 * @param options `untilMs`: only what started before; `isStopping` is checked between transactions
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
  // What ends while this runs is left for the next call.
  const goalMs = Math.min(untilMs, (await usage.progress()).nowMs - marginMs);
  while (!isStopping()) {
    const { summedUntilMs: fromMs, nowMs } = await usage.progress();
    // Clock skew produced future sums, which would miss what ends until then; rebuild them.
    if (fromMs > nowMs) {
      await usage.beginAnew();
      continue;
    }
    const oldestMs = (await completedGenerations.oldestOpenMs()) ?? Infinity;
    const endMs = Math.min(goalMs, oldestMs - marginMs);
    if (endMs <= fromMs) return;
    const range = { from: idFrom(fromMs), to: idFrom(endMs) };
    const batch = await completedGenerations.ended({ ...range, limit: BATCH });
    // Generations of one millisecond are never split: all of them now, or all next time.
    const isPart = batch.length === BATCH;
    const lastMs = isPart ? timeOfId(batch.at(-1)?.id ?? '') : endMs;
    const toMs = lastMs > fromMs ? lastMs : endMs;
    const ended = isPart && toMs === endMs ? await completedGenerations.ended(range) : batch;
    const sums = new UsageSums();
    for (const it of ended) if (timeOfId(it.id) < toMs) sums.add(usageOf(it));
    for (const it of await completedGenerations.refunds({ from: range.from, to: idFrom(toMs) })) {
      sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
    }
    await usage.add(sums, { fromMs, toMs });
  }
}

/** Usage that is in no stored sum yet, and the time up to which it is complete. */
export interface RecentUsage {
  readonly sums: UsageSums;
  readonly asOfMs: number;
}

/**
 * Reads stored sums together with the usage that is in none yet, consistently: what is summed up in
 * between would be counted twice or not at all, so then both are read again.
 */
export async function readingSums<T>(
  { usage, recentGenerations }: Context,
  read: (recentUsage: RecentUsage) => Promise<T>,
): Promise<T> {
  for (;;) {
    const before = await usage.progress();
    const result = await read(await recentUsage(recentGenerations, before));
    const after = await usage.progress();
    if (after.summedUntilMs === before.summedUntilMs) return result;
  }
}

async function recentUsage(
  recentGenerations: Context['recentGenerations'],
  { summedUntilMs, nowMs }: { readonly summedUntilMs: number; readonly nowMs: number },
): Promise<RecentUsage> {
  const from = idFrom(summedUntilMs);
  const ended = await recentGenerations.ended({ from, to: END, limit: MAX_RECENT });
  const isAll = ended.length < MAX_RECENT;
  const to = isAll ? END : (ended.at(-1)?.id ?? END);
  const sums = new UsageSums();
  for (const [index, it] of ended.entries()) {
    sums.add(usageOf(it));
    // Lets others have the event loop; the sums take microseconds per generation.
    if (index % SLICE === SLICE - 1) await new Promise(setImmediate);
  }
  for (const it of await recentGenerations.refunds({ from, to })) {
    sums.addRefund({ model: it.model, credits: it.credits, periods: periodsOf(it.atMs) });
  }
  return { sums, asOfMs: isAll ? nowMs : timeOfId(to) };
}

/** Sorts after every id. */
const END = 'g';
/** While a large ledger is still being summed up, reports end at the time that is reached. */
const MAX_RECENT = 20_000;
const SLICE = 1_000;

function usageOf(it: CompletedGeneration): CompletedUsage {
  const durationMs = it.isAnswered ? it.endedAtMs - it.beganAtMs : undefined;
  return { ...it, durationMs, periods: periodsOf(it.beganAtMs) };
}
