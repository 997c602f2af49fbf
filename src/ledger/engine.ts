import type { Account, AccountId, Command, Result } from '../core/ledger.ts';

/** A durable ledger on one database. */
export interface LedgerEngine {
  /**
   * Carries out a batch as one transaction and resolves once it is durable, with one result for
   * each command, in order. Rejects if the transaction failed; then nothing of it is booked.
   */
  apply(commands: readonly Command[]): Promise<Result[]>;
  /** What an account has, or undefined if there is none. */
  account(id: AccountId): Promise<Account | undefined>;
  /** Recomputes every account from its transfers and open holds; returns where they differ. */
  verify(): Promise<VerifyReport>;
}

export interface VerifyReport {
  readonly accounts: number;
  readonly transfers: number;
  readonly openHolds: number;
  /** One sentence for each thing that is not as it must be. */
  readonly differences: readonly string[];
}
