/** What a line of a statement is about, for users and staff. */
import type { Booking } from '../api/types.ts';
import type { Strings } from './en.ts';
import { strings } from './strings.ts';

/** Its kind, then the model, or why it was booked and by which vouchers. */
export function lineText(
  line: Pick<Booking, 'model' | 'purpose' | 'reason' | 'reason_code' | 'round' | 'voucher'> & {
    readonly kind: string;
  },
): string {
  const { kind, model, reason, reason_code: code, voucher } = line;
  const { kinds, openingBalance } = strings.value;
  const reasonText = code === 'opening_balance' ? openingBalance : reason;
  // That of tokens is named by its vouchers already.
  const by = kind === 'allowance' && voucher ? `${kinds.voucher} ${voucher}` : null;
  if (line.purpose === 'title') return [strings.value.order.titleMade, model].join(' · ');
  const name = kinds[kind as keyof Strings['kinds']] ?? kind;
  const round = line.round === null ? null : strings.value.tools.round(line.round);
  return [name, model ?? reasonText, round, by].filter(Boolean).join(' · ');
}
