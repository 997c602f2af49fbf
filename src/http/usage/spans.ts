/** The span of time that a report is about. */
import type { Context } from '../../app/context.ts';
import { invalidField } from '../../core/errors.ts';
import type { Granularity } from '../../core/usage-sums.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long a span is by default, and at most. */
const SPANS_MS: Record<Granularity, { readonly usual: number; readonly most: number }> = {
  hour: { usual: DAY_MS - HOUR_MS, most: 14 * DAY_MS },
  day: { usual: 29 * DAY_MS, most: 400 * DAY_MS },
  month: { usual: 334 * DAY_MS, most: 10 * 366 * DAY_MS },
};

/**
 * The span that a query asks for.
 * @throws ChitError `invalid_fields` for a span that ends before it starts, or is too long
 */
export function spanIn(
  { now }: Context,
  { from, to }: { readonly from?: string; readonly to?: string },
  step: Granularity,
): { fromMs: number; toMs: number } {
  const toMs = to === undefined ? now() : Math.min(Date.parse(to), now());
  const fromMs = from === undefined ? toMs - SPANS_MS[step].usual : Date.parse(from);
  if (!(fromMs <= toMs)) {
    const message = 'The start must be before the end, and not in the future.';
    throw invalidField('from', message, { code: 'start_after_end' });
  }
  const mostMs = SPANS_MS[step].most;
  if (toMs - fromMs > mostMs) {
    const mostDays = mostMs / DAY_MS;
    const message = `At most ${mostDays} days by ${step}. Start later, or use a longer step.`;
    throw invalidField('from', message, { code: 'span_too_long', max_days: mostDays, step });
  }
  return { fromMs, toMs };
}
