import type { Account, AccountId, Command, Result } from '../core/ledger.ts';

/** A durable ledger on one database. */
export interface LedgerEngine {
  /**
   * Carries out a batch as one transaction and resolves once it is durable, with one result for
   * each command, in order. Rejects if the transaction failed; then nothing of it is booked.
   * @param commands in booking order (`inBookingOrder`)
   * @throws BatchRefused if the database refused the batch because of a command in it
   * @throws OutcomeUnknown if the connection was lost before the reply came; sending the same
   *   commands again is safe
   */
  apply(commands: readonly Command[]): Promise<Result[]>;
  /** The balance of an account; undefined if there is no such account. */
  account(id: AccountId): Promise<Account | undefined>;
}

/** The batch was sent and no reply came: it may or may not be booked. */
export class OutcomeUnknown extends Error {}

/**
 * The database is available and refuses the batch because of a command in it; without that command
 * the others would succeed. Nothing is booked.
 */
export class BatchRefused extends Error {}
