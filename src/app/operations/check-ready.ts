import type { Context } from '../context.ts';

/** No account has this id; reading it asks the database all the same. */
const NO_ACCOUNT = 0;

/**
 * Asks the database for something.
 * @throws ChitError `ledger_unavailable` if it does not answer
 */
export async function checkReady(context: Context): Promise<void> {
  await context.ledger.account(NO_ACCOUNT);
}
