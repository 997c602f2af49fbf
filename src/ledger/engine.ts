import type { Account, AccountId, Command, Result } from '../core/ledger.ts';

/** A durable ledger on one database. */
export interface LedgerEngine {
  /**
   * Carries out a batch as one transaction and resolves once it is durable, with one result for
   * each command, in order. Rejects if the transaction failed; then nothing of it is booked, or
   * it is not known whether it was, and sending the same commands again is safe.
   * @param commands in booking order (`inBookingOrder`)
   */
  apply(commands: readonly Command[]): Promise<Result[]>;
  /** What an account has, or undefined if there is none. */
  account(id: AccountId): Promise<Account | undefined>;
}
