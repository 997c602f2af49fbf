import type { Credits } from '../core/credits.ts';
import { ChitError } from '../core/errors.ts';
import type { Audited } from '../core/ledger.ts';
import type { Context } from './context.ts';
import { newId } from './ids.ts';

/**
 * Gives back what a charge took, once.
 * @param refund `chargeId` is the id of the charge, which is that of its message
 * @throws ChitError `transfer_not_found`, `not_refundable`, `refunded_already`, `balance_limit`
 */
export async function refundCharge(
  context: Context,
  refund: {
    readonly chargeId: string;
    readonly actor: string;
    readonly reason: string;
    readonly audit?: Audited;
  },
): Promise<{ accountId: number; credits: Credits; balanceCredits: Credits }> {
  const ids = { kind: 'refund', transferId: newId(), atMs: context.now() } as const;
  const result = await context.ledger.submit({ ...ids, ...refund });
  switch (result.outcome) {
    case 'refunded':
      return result;
    case 'transfer_unknown':
      throw new ChitError('transfer_not_found', undefined);
    case 'not_refundable':
      throw new ChitError('not_refundable', undefined);
    case 'refunded_already':
      throw new ChitError('refunded_already', undefined);
    case 'balance_limit':
      throw new ChitError('balance_limit', undefined);
    case 'id_taken':
      throw new Error(`The new transfer id ${ids.transferId} was taken.`);
  }
}
