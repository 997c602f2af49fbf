import type { Context } from '../context.ts';

/** No account has this id, but reading it still queries the database. */
const NO_ACCOUNT = 0;

/**
 * Queries the database.
 * @throws ChitError `ledger_unavailable` if it does not answer
 */
export async function checkReady(context: Context): Promise<void> {
  await context.ledger.account(NO_ACCOUNT);
}
