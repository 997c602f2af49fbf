import type { Account, AccountId, Command, Result } from '../core/ledger.ts';

/** A durable ledger on one database. */
export interface LedgerEngine {
  /**
   * Carries out a batch as one transaction and resolves once it is durable, with one result for
   * each command, in order. Rejects if the transaction failed; then nothing of it is booked.
   * @param commands in booking order (`inBookingOrder`)
   * @throws BatchRefused if the database answered and found fault with what it was given
   * @throws OutcomeUnknown if the connection was lost before the answer came; sending the same
   *   commands again is safe
   */
  apply(commands: readonly Command[]): Promise<Result[]>;
  /** What an account has, or undefined if there is none. */
  account(id: AccountId): Promise<Account | undefined>;
}

/** The batch was sent, but no answer came: it may be booked or not. */
export class OutcomeUnknown extends Error {}

/**
 * The database is there and refuses the batch for something that is in it: without the command
 * that is to blame the others would pass. Nothing is booked.
 */
export class BatchRefused extends Error {}
