import type { Credits } from '../core/credits.ts';
import { ChitError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { newId } from './ids.ts';

/**
 * Books credits to an account.
 * @param grant `credits` is positive; `actor` says who did it, as the statement will show
 * @returns the balance after it
 * @throws ChitError `user_not_found`, `balance_limit`
 */
export async function grantCredits(
  context: Context,
  grant: {
    readonly accountId: number;
    readonly credits: Credits;
    readonly actor: string;
    readonly reason: string;
  },
): Promise<Credits> {
  const command = { kind: 'grant', transferId: newId(), ...grant, atMs: context.now() } as const;
  const result = await context.ledger.submit(command);
  switch (result.outcome) {
    case 'granted':
      return result.balanceCredits;
    case 'account_unknown':
      throw new ChitError('user_not_found', undefined);
    case 'balance_limit':
      throw new ChitError('balance_limit', undefined);
    case 'id_taken':
      throw new Error(`The new transfer id ${command.transferId} was taken.`);
  }
}
