/** Lines of statements as JSON. */
import type { StatementLine } from '../../store/credits/transfers.ts';
import { isoTime } from '../framework/iso-time.ts';

/** What the three counts tell. */
const TEXT_UNITS: ReadonlySet<string> = new Set(['input', 'cached_input', 'output']);

/** What every statement says of a line. */
export function shownLine(line: StatementLine) {
  const isOpeningBalance = line.kind === 'grant' && line.actor === 'system';
  return {
    id: line.id,
    kind: line.kind,
    amount: line.credits,
    balance_after: line.balanceCredits,
    model: line.model,
    reason: line.reason,
    reason_code: isOpeningBalance ? ('opening_balance' as const) : null,
    usage: line.usage && shownUsage(line.usage),
    timestamp: isoTime(line.atMs),
  };
}

function shownUsage(usage: NonNullable<StatementLine['usage']>) {
  const { input, cachedInput, output, source, units, tier, answers, unpriced } = usage;
  const isText = Object.keys(units).every((unit) => TEXT_UNITS.has(unit));
  return {
    input,
    cached_input: cachedInput,
    output,
    source,
    ...(isText ? {} : { units: { ...units } }),
    ...(tier === null ? {} : { tier }),
    ...(answers === 1 ? {} : { answers }),
    ...(unpriced === null ? {} : { unpriced: { ...unpriced } }),
  };
}
