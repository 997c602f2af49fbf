/** The state of the reference ledger, and how it is read and changed. */
import type { Credits } from './credits.ts';
import type { Account, AccountId, IdempotentResponse } from './ledger.ts';
import { type KeyedCommand, keyScope } from './ledger-order.ts';
import type { ReplyFailure } from './reply-failure.ts';

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

/** An API key. The ledger does not create keys; it keeps their spending within the budget. */
export interface ReferenceApiKey {
  readonly accountId: AccountId;
  /** undefined if only the balance of the account limits it. */
  readonly budgetCredits: Credits | undefined;
  /** The sum of its charges; refunds do not reduce it. */
  readonly spentCredits: Credits;
  readonly heldCredits: Credits;
}

export interface ReferenceMessage {
  readonly conversationId: string | undefined;
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  readonly reply: string | null;
  readonly failure: ReplyFailure | undefined;
}

/** A transfer to book. */
export interface Booking {
  readonly id: string;
  readonly accountId: AccountId;
  readonly kind: ReferenceTransfer['kind'];
  readonly credits: Credits;
  readonly shortfallCredits?: Credits;
  readonly refundOf?: string;
}

/** The whole state of a ledger; tests compare it with the database. */
export class ReferenceState {
  readonly accounts = new Map<AccountId, Account>();
  readonly usernames = new Map<string, AccountId>();
  readonly transfers = new Map<string, ReferenceTransfer>();
  readonly holds = new Map<string, ReferenceHold>();
  readonly messages = new Map<string, ReferenceMessage>();
  /** Kept for retries with the same idempotency key. */
  readonly responses = new Map<string, IdempotentResponse>();
  readonly journal = new Map<
    string,
    { readonly text: string; readonly nonReplyOutput: string }[]
  >();
  /** Accounts of users who are disabled. */
  readonly disabled = new Set<AccountId>();
  /** The owner of each conversation. Like API keys, they are created without the ledger. */
  readonly conversations = new Map<string, AccountId>();
  readonly apiKeys = new Map<string, ReferenceApiKey>();
  /** By scope and key: the hash of the body, and the id of what the request created. */
  readonly keys = new Map<string, { bodyHash: string; madeId: string | AccountId }>();

  /** Generations and transfers share one space of ids, since a charge has its generation's. */
  isIdTaken(id: string): boolean {
    return this.transfers.has(id) || this.holds.has(id);
  }

  madeWithKey(command: KeyedCommand) {
    const { idempotency } = command;
    return idempotency && this.keys.get(`${keyScope(command)} ${idempotency.key}`);
  }

  keepKey(command: KeyedCommand, madeId: string | AccountId): void {
    const { idempotency } = command;
    if (!idempotency) return;
    const { key, bodyHash } = idempotency;
    this.keys.set(`${keyScope(command)} ${key}`, { bodyHash, madeId });
  }

  book({ id, accountId, kind, credits, shortfallCredits = 0, refundOf }: Booking): void {
    const account = this.accounts.get(accountId) as Account;
    const balanceCredits = account.postedCredits + credits;
    const number = [...this.transfers.values()].filter((it) => it.accountId === accountId).length;
    this.accounts.set(accountId, { ...account, postedCredits: balanceCredits });
    this.transfers.set(id, {
      accountId,
      kind,
      credits,
      number: number + 1,
      balanceCredits,
      shortfallCredits,
      refundOf: refundOf ?? null,
    });
  }
}
