import { textUsage, type Usage } from '../../core/usage.ts';

/** The columns of a charge that have its usage. */
export interface StoredUsage {
  readonly usage_input: number | null;
  readonly usage_cached_input: number | null;
  readonly usage_output: number | null;
  readonly usage: string | null;
}

/** The usage of a charge as it was booked. */
export function storedUsage(row: StoredUsage): Usage {
  if (row.usage !== null) return JSON.parse(row.usage) as Usage;
  return textUsage({
    input: row.usage_input ?? undefined,
    cachedInput: row.usage_cached_input ?? undefined,
    output: row.usage_output ?? undefined,
  });
}
