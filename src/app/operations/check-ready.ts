import type { Context } from '../context.ts';

/**
 * Checks that bookings get through, by the way that they take.
 * @throws ChitError `ledger_unavailable` within seconds if they do not
 */
export async function checkReady(context: Context): Promise<void> {
  await context.ledger.check();
}
