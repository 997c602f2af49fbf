/** The codes of a batch, for staff to hand out, and who redeemed them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hashOfCode } from '../../auth/voucher-codes.ts';
import { ChitError } from '../../core/errors.ts';
import type { Redemption, VoucherBatch } from '../../store/vouchers/vouchers.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { batchWith } from './make-vouchers.ts';

/** So many codes are made again at a time, which takes some milliseconds. */
const PAGE = 100;
/** As many redemptions of one code are listed; its number of uses tells how many there are. */
const MAX_REDEMPTIONS = 20;

/** A voucher as staff see it. */
export interface ShownVoucher {
  readonly number: number;
  /** Undefined if the secret key is another one than when the batch was made. */
  readonly code: string | undefined;
  readonly uses: number;
  /** The newest, first. */
  readonly redemptions: readonly Redemption[];
}

/** A page of the codes of a batch, in the order of their numbers. */
export async function readCodes(
  context: Context,
  batchId: string,
  page: { readonly afterNumber: number; readonly limit: number },
): Promise<ShownVoucher[]> {
  const vouchers = await context.vouchers.vouchersOf(batchId, page);
  const used = vouchers.filter(({ uses }) => uses > 0).map(({ codeHash }) => codeHash);
  const redemptions = await context.vouchers.redemptionsOf(batchId, used, MAX_REDEMPTIONS);
  const byCode = Map.groupBy(redemptions, ({ codeHash }) => codeHash);
  return vouchers.map(({ codeHash, number, uses }) => {
    const code = context.voucherCodes.codeOf(batchId, number);
    // Another key makes other codes, which nobody could redeem.
    const isSame = hashOfCode(code) === codeHash;
    return {
      number,
      code: isSame ? code : undefined,
      uses,
      redemptions: byCode.get(codeHash) ?? [],
    };
  });
}

/**
 * A batch whose codes somebody is about to print or export, which goes into the audit log.
 * @throws ChitError `voucher_batch_not_found`, `voucher_codes_lost`
 */
export async function batchToHandOut(
  context: Context,
  principal: Principal,
  id: string,
): Promise<VoucherBatch> {
  const batch = await batchWith(context, id);
  const [first] = await readCodes(context, id, { afterNumber: 0, limit: 1 });
  if (first?.code === undefined) throw new ChitError('voucher_codes_lost', undefined);
  const event = { action: 'voucher.codes', target: `voucher:${id}` } as const;
  await context.auditLog.add(auditEntry(principal, event));
  return batch;
}

/**
 * All codes of a batch.
 * @param reader in whose turn they are read
 * @throws ChitError `voucher_codes_lost` before the first one
 */
export async function* allCodes(
  context: Context,
  reader: string,
  batchId: string,
): AsyncGenerator<ShownVoucher & { readonly code: string }> {
  let afterNumber = 0;
  const next = async () => {
    const page = await readCodes(context, batchId, { afterNumber, limit: PAGE });
    afterNumber = page.at(-1)?.number ?? afterNumber;
    return page.length === 0 ? undefined : page;
  };
  for await (const page of context.heavyReads.inSlices(reader, next)) {
    // Other requests have their turn, also where the database answers at once.
    await nextTurn();
    for (const { code, ...voucher } of page) {
      if (code === undefined) throw new ChitError('voucher_codes_lost', undefined);
      yield { code, ...voucher };
    }
  }
}
