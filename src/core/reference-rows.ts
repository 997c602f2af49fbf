/** What the reference ledger keeps, a row of each kind. */
import type { Credits } from './credits.ts';
import type { AccountId } from './ledger.ts';

export interface ReferenceTransfer {
  readonly accountId: AccountId;
  readonly kind: 'grant' | 'adjustment' | 'charge' | 'refund';
  readonly credits: Credits;
  /** Counts the transfers of one account, from 1, in the order in which they were booked. */
  readonly number: number;
  readonly balanceCredits: Credits;
  readonly shortfallCredits: Credits;
  readonly refundOf: string | null;
}

export interface ReferenceHold {
  readonly accountId: AccountId;
  readonly credits: Credits;
  readonly state: 'open' | 'settled' | 'released';
  readonly key: string | undefined;
  readonly apiKeyId: string | undefined;
}

/** An API key. Keys are made without the ledger, which keeps what they spend within budget. */
export interface ReferenceApiKey {
  readonly accountId: AccountId;
  /** undefined for a key that may spend all that its account has. */
  readonly budgetCredits: Credits | undefined;
  /** What was charged through it. A refund goes to the account and does not lower this. */
  readonly spentCredits: Credits;
  readonly heldCredits: Credits;
}

export interface ReferenceMessage {
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  readonly reply: string | null;
}

/** A transfer that is to be booked. */
export interface Booking {
  readonly id: string;
  readonly accountId: AccountId;
  readonly kind: ReferenceTransfer['kind'];
  readonly credits: Credits;
  readonly shortfallCredits?: Credits;
  readonly refundOf?: string;
}
