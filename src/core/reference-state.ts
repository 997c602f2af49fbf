/** The state of the reference ledger, and how it is read and changed. */
import { type AccountPlan, NO_PLAN, type Plan } from './allowance.ts';
import type { BudgetCounter, BudgetKind, BudgetWindow } from './budget.ts';
import type { Credits } from './credits.ts';
import type { Account, AccountId, IdempotentResponse, Thinking, TransferKind } from './ledger.ts';
import { type KeyedCommand, keyScope } from './ledger-order.ts';
import type { ReplyFailure } from './reply-failure.ts';

export interface ReferenceTransfer {
  readonly accountId: AccountId;
  readonly kind: TransferKind;
  readonly credits: Credits;
  /** Counts the transfers of one account, from 1, in the order in which they were booked. */
  readonly number: number;
  readonly balanceCredits: Credits;
  /** What is left of the allowance after it. */
  readonly expiringCredits: Credits;
  readonly shortfallCredits: Credits;
  readonly refundOf: string | null;
  /** Who used it, for a charge to a pool. */
  readonly userId: AccountId | null;
}

/** A budget in which a hold took room: whose counter, and in which window. */
export interface HeldBudget {
  readonly budgetId: string;
  /** The user of the hold; for a budget of a plan the account that pays. */
  readonly subject: AccountId;
  readonly windowStartMs: number;
}

export interface ReferenceHold {
  /** The account that pays. */
  readonly accountId: AccountId;
  /** The personal account of the user who asked. */
  readonly userId: AccountId;
  readonly credits: Credits;
  readonly state: 'open' | 'settled' | 'released';
  readonly key: string | undefined;
  readonly apiKeyId: string | undefined;
  readonly budgets: readonly HeldBudget[];
}

/** A budget. The ledger does not create budgets; it keeps spending within them. */
export interface ReferenceBudget {
  readonly kind: BudgetKind;
  /** The id of the API key, group, plan or user that it is about. */
  readonly scope: string;
  /** undefined if spending is only counted. */
  readonly limitCredits: Credits | undefined;
  readonly window: BudgetWindow;
}

/** The spending of a subject, and its own limit if it has another one than the budget. */
export interface ReferenceCounter extends BudgetCounter {
  readonly limitCredits: Credits | undefined;
}

export interface ReferenceGroup {
  readonly poolId: AccountId | undefined;
  readonly members: ReadonlySet<AccountId>;
}

/** What the codes of a batch of vouchers give: credits, or a plan for some time. */
export interface ReferenceVoucherBatch {
  readonly credits: Credits;
  readonly planId: string | undefined;
  readonly planForMs: number;
  readonly expiresAtMs: number | undefined;
  readonly usesPerCode: number;
  readonly usesPerUser: number;
}

export interface ReferenceRedemption {
  readonly codeHash: string;
  readonly batchId: string;
  readonly accountId: AccountId;
}

export interface ReferenceMessage {
  readonly conversationId: string | undefined;
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  readonly reply: string | null;
  readonly failure: ReplyFailure | undefined;
  readonly thinking?: Thinking | undefined;
}

export interface ReferenceAccount extends Account {
  /** The part of `postedCredits` that ends with its allowance. */
  readonly expiringCredits: Credits;
}

/** A transfer to book. */
export interface Booking {
  readonly id: string;
  readonly accountId: AccountId;
  readonly kind: ReferenceTransfer['kind'];
  readonly credits: Credits;
  readonly shortfallCredits?: Credits;
  readonly refundOf?: string;
  readonly userId?: AccountId;
}

/** The whole state of a ledger; tests compare it with the database. */
export class ReferenceState {
  readonly accounts = new Map<AccountId, ReferenceAccount>();
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
  /** The owner of each API key that is not revoked. */
  readonly apiKeys = new Map<string, AccountId>();
  readonly plans = new Map<string, Plan>();
  readonly accountPlans = new Map<AccountId, AccountPlan>();
  readonly budgets = new Map<string, ReferenceBudget>();
  /** By budget and subject, as `counterKey` has it. */
  readonly counters = new Map<string, ReferenceCounter>();
  readonly groups = new Map<string, ReferenceGroup>();
  readonly voucherBatches = new Map<string, ReferenceVoucherBatch>();
  /** The batch of each code, by its hash. */
  readonly vouchers = new Map<string, string>();
  readonly redemptions = new Map<string, ReferenceRedemption>();
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

  book({ id, accountId, kind, credits, shortfallCredits = 0, refundOf, userId }: Booking): void {
    const account = this.accounts.get(accountId) as ReferenceAccount;
    const balanceCredits = account.postedCredits + credits;
    const expiringCredits = expiringAfter(kind, credits, account.expiringCredits, balanceCredits);
    const number = [...this.transfers.values()].filter((it) => it.accountId === accountId).length;
    this.accounts.set(accountId, { ...account, postedCredits: balanceCredits, expiringCredits });
    this.transfers.set(id, {
      accountId,
      kind,
      credits,
      number: number + 1,
      balanceCredits,
      expiringCredits,
      shortfallCredits,
      refundOf: refundOf ?? null,
      userId: userId ?? null,
    });
  }

  planOf(accountId: AccountId): AccountPlan {
    return this.accountPlans.get(accountId) ?? NO_PLAN;
  }
}

/** The key of a counter in `ReferenceState`. */
export function counterKey(budgetId: string, subject: AccountId): string {
  return `${budgetId} ${subject}`;
}

/**
 * What of a balance ends with its allowance after a transfer: an allowance adds to it, an expiry
 * takes from it, a charge takes from it first, and all else leaves it unless the balance gets
 * smaller than that.
 * @param credits what the transfer books
 * @param expiringCredits before it
 * @param balanceCredits after it
 */
export function expiringAfter(
  kind: TransferKind,
  credits: Credits,
  expiringCredits: Credits,
  balanceCredits: Credits,
): Credits {
  switch (kind) {
    case 'allowance':
    case 'expiry':
    case 'charge':
      return Math.max(0, expiringCredits + credits);
    default:
      return Math.min(expiringCredits, balanceCredits);
  }
}
