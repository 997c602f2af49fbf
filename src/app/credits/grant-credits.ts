import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { DistributionEntry, IdempotencyKey } from '../../core/ledger.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';

/**
 * Books credits to one account: a grant or, if negative, an adjustment.
 * @param grant `credits` is not 0; `reason` appears in the user's statement
 * @returns the new balance, and whether an earlier request with the same key booked it
 * @throws ChitError `user_not_found`, `balance_limit`, `insufficient_credits`,
 *   `idempotency_key_reused`
 */
export async function grantCredits(
  context: Context,
  principal: Principal,
  grant: {
    readonly accountId: number;
    readonly credits: Credits;
    readonly reason: string;
    readonly idempotency: IdempotencyKey | undefined;
    /** The account in the audit log, if it is not that of a user. */
    readonly target?: string | undefined;
  },
): Promise<{ balanceCredits: Credits; isReplayed: boolean }> {
  const { accountId, credits, reason, idempotency, target } = grant;
  const transferId = newId();
  const result = await context.ledger.submit({
    kind: 'grant',
    transferId,
    accountId,
    credits,
    actor: principal.actor,
    reason,
    idempotency,
    atMs: context.now(),
    audit: [grantAuditEntry(principal, { transferId, accountId, credits }, { reason, target })],
  });
  switch (result.outcome) {
    case 'granted': {
      const { balanceCredits } = result;
      return { balanceCredits, isReplayed: result.transferId !== transferId };
    }
    case 'account_unknown':
      throw new ChitError('user_not_found', undefined);
    case 'balance_limit':
      throw new ChitError('balance_limit', undefined);
    case 'insufficient_credits': {
      const { availableCredits } = result;
      throw new ChitError('insufficient_credits', { neededCredits: 0 - credits, availableCredits });
    }
    case 'key_reused':
      throw new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      throw new Error(`The new transfer id ${transferId} was taken.`);
  }
}

/** The audit log's entry for a grant to one account, alone or as a part of a distribution. */
export function grantAuditEntry(
  principal: Principal,
  { transferId, accountId, credits }: DistributionEntry,
  { reason, target }: { readonly reason: string; readonly target?: string | undefined },
): AuditEntry {
  return auditEntry(principal, {
    action: 'credits.grant',
    target: target ?? `user:${accountId}`,
    reason,
    after: { tokens: credits, transfer: transferId },
  });
}
