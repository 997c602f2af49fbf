import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import { availableOf } from '../../core/ledger.ts';
import type { Context } from '../context.ts';
import { renewIfDue } from './renewals.ts';

/**
 * What an account can spend; it is renewed first if that is due.
 * @throws ChitError `user_not_found`, `ledger_unavailable`
 */
export async function readBalance(context: Context, accountId: number): Promise<Credits> {
  await renewIfDue(context, accountId);
  const account = await context.ledger.account(accountId);
  if (!account) throw new ChitError('user_not_found', undefined);
  return availableOf(account);
}
