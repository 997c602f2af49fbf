import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

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
    /** What is logged of the transfer that gives it back. */
    readonly audit?: (transferId: string) => AuditEntry;
  },
): Promise<{ accountId: number; credits: Credits; balanceCredits: Credits }> {
  const { audit, ...about } = refund;
  const transferId = newId();
  const result = await context.ledger.submit({
    kind: 'refund',
    transferId,
    ...about,
    atMs: context.now(),
    ...(audit ? { audit: [audit(transferId)] } : {}),
  });
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
      throw new Error(`The new transfer id ${transferId} was taken.`);
  }
}
