import { OPTIONAL_KINDS } from '../../core/notices.ts';
import type { Flag } from '../database/schema-chat.ts';

/** What users have chosen; null for those who have chosen nothing. */
export interface StoredChoice {
  readonly tells_low: Flag | null;
  readonly tells_renewal: Flag | null;
}

/** The column of `mail_settings` with the choice, by the kinds that users may do without. */
export const CHOICE_OF = {
  'balance.low': 'tells_low',
  'pool.low': 'tells_low',
  'allowance.renewed': 'tells_renewal',
} as const satisfies Record<(typeof OPTIONAL_KINDS)[number], keyof StoredChoice>;

/** Whether a user wants to have a kind by mail: renewals only if they say so. */
export function isWanted(kind: string, { tells_low, tells_renewal }: StoredChoice): boolean {
  const optional = OPTIONAL_KINDS.find((it) => it === kind);
  if (optional === undefined) return true;
  return CHOICE_OF[optional] === 'tells_low' ? tells_low !== 0 : tells_renewal === 1;
}
