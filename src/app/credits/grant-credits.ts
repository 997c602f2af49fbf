import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/**
 * Books credits to an account: a grant or, with negative credits, an adjustment.
 * @param grant `credits` is not 0; `actor` says who did it, as the statement will show
 * @returns the balance after it, and whether an earlier request with the same key booked it
 * @throws ChitError `user_not_found`, `balance_limit`, `insufficient_credits`,
 *   `idempotency_key_reused`
 */
export async function grantCredits(
  context: Context,
  grant: {
    readonly accountId: number;
    readonly credits: Credits;
    readonly actor: string;
    readonly reason: string;
    readonly idempotency: IdempotencyKey | undefined;
    /** What is logged of the transfer. */
    readonly audit?: (transferId: string) => AuditEntry;
  },
): Promise<{ balanceCredits: Credits; isReplayed: boolean }> {
  const { audit, ...about } = grant;
  const command = { kind: 'grant', transferId: newId(), ...about, atMs: context.now() } as const;
  const entries = audit ? { audit: [audit(command.transferId)] } : {};
  const result = await context.ledger.submit({ ...command, ...entries });
  switch (result.outcome) {
    case 'granted': {
      const { balanceCredits, transferId } = result;
      return { balanceCredits, isReplayed: transferId !== command.transferId };
    }
    case 'account_unknown':
      throw new ChitError('user_not_found', undefined);
    case 'balance_limit':
      throw new ChitError('balance_limit', undefined);
    case 'insufficient_credits': {
      const { availableCredits } = result;
      const neededCredits = 0 - grant.credits;
      throw new ChitError('insufficient_credits', { neededCredits, availableCredits });
    }
    case 'key_reused':
      throw new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      throw new Error(`The new transfer id ${command.transferId} was taken.`);
  }
}
