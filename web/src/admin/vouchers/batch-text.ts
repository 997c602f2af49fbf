/** How a batch of vouchers is told in words. */
import type { VoucherBatch } from '../types.ts';
import { words } from '../words/words.ts';

/** What each code gives. */
export function givesText({ tokens, plan, days }: VoucherBatch): string {
  return plan === null
    ? words.value.voucherGivesTokens(tokens ?? 0)
    : words.value.voucherGivesPlan(plan, days ?? 0);
}

/** Whether its codes can be redeemed, in a word. */
export function stateText(batch: VoucherBatch): string {
  if (batch.ended_at !== null) return words.value.voucherEnded;
  return isExpired(batch) ? words.value.voucherExpired : words.value.voucherOpen;
}

/** Whether its codes can be redeemed. */
export function isOpen(batch: VoucherBatch): boolean {
  return batch.ended_at === null && !isExpired(batch);
}

function isExpired({ expires_at: expiresAt }: VoucherBatch): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}
