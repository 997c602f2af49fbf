import type { Account, AccountId, Command, Result } from '../core/ledger.ts';

/** A durable ledger on one database. */
export interface LedgerEngine {
  /** How many batches it can carry out at the same time; 1 if not given. */
  readonly batchesAtOnce?: number;
  /**
   * Carries out a batch as one transaction and resolves once it is durable, with one result for
   * each command, in order. Rejects if the transaction failed; then nothing of it is booked.
   * @param commands in booking order (`inBookingOrder`); none at all shows whether it can book, by
   *   writing as much as a command would and removing it again
   * @param lockWait `briefly` if locks are known to be held, so that waiting does not help
   * @throws BatchRefused if the database refused the batch because of a command in it
   * @throws RowsLocked if somebody else holds a lock on something that the batch needs
   * @throws OutcomeUnknown if the connection was lost before the reply came; sending the same
   *   commands again is safe
   */
  apply(commands: readonly Command[], lockWait?: 'as configured' | 'briefly'): Promise<Result[]>;
  /** The balance of an account; undefined if there is no such account. */
  account(id: AccountId): Promise<Account | undefined>;
  /** Which of these accounts somebody else has locked now. Only where `apply` can throw that. */
  lockedAmong?(ids: readonly AccountId[]): Promise<AccountId[]>;
}

/** The batch was sent and no reply came: it may or may not be booked. */
export class OutcomeUnknown extends Error {}

/**
 * The database is available and refuses the batch because of a command in it; without that command
 * the others would succeed. Nothing is booked.
 */
export class BatchRefused extends Error {}

/** Something that the batch changes is locked for longer than it may wait. Nothing is booked. */
export class RowsLocked extends Error {}
