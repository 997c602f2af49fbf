import { textUsage, type Unpriced, type Usage } from '../../core/usage.ts';
import type { TransferRow } from '../database/schema.ts';

type UsageColumns = Pick<
  TransferRow,
  'usage' | 'usage_input' | 'usage_cached_input' | 'usage_output'
>;

/** The usage of a charge from its columns: JSON if there is any, else three counts of text. */
export function usageFrom(row: UsageColumns): Usage {
  if (row.usage !== null) return JSON.parse(row.usage) as Usage;
  return textUsage({
    input: row.usage_input ?? undefined,
    cachedInput: row.usage_cached_input ?? undefined,
    output: row.usage_output ?? undefined,
  });
}

/** What of a usage had no price; undefined if all had one. */
export function unpricedFrom({ unpriced }: Pick<TransferRow, 'unpriced'>): Unpriced | undefined {
  return unpriced === null ? undefined : (JSON.parse(unpriced) as Unpriced);
}
