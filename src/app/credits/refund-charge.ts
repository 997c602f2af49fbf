import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, canManage, type Principal } from '../principal.ts';

/**
 * Refunds a charge. A charge can be refunded once.
 * @param refund `chargeId` is the id of the charge, which is also that of its message
 * @throws ChitError `transfer_not_found`, `not_refundable`, `refunded_already`, `balance_limit`,
 *   `permission_denied` for the charge of a superuser if the principal is not one
 */
export async function refundCharge(
  context: Context,
  principal: Principal,
  { chargeId, reason }: { readonly chargeId: string; readonly reason: string },
): Promise<{
  accountId: number;
  /** The group whose pool was charged and is given it back; undefined for a user's own account. */
  groupId: string | undefined;
  credits: Credits;
  balanceCredits: Credits;
}> {
  const accountId = await context.transfers.accountOf(chargeId);
  if (accountId === undefined) throw new ChitError('transfer_not_found', undefined);
  const group = await context.groups.ofPool(accountId);
  const user = await context.users.byId(accountId);
  if (user && !canManage(principal, user)) throw new ChitError('permission_denied', undefined);
  const transferId = newId();
  const result = await context.ledger.submit({
    kind: 'refund',
    transferId,
    chargeId,
    actor: principal.actor,
    reason,
    atMs: context.now(),
    audit: [
      auditEntry(principal, {
        action: 'credits.refund',
        target: group ? `group:${group.id}` : `user:${accountId}`,
        reason,
        after: { charge: chargeId, transfer: transferId },
      }),
    ],
  });
  switch (result.outcome) {
    case 'refunded':
      return { ...result, groupId: group?.id };
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
