/** What the reference ledger keeps, and how it is looked up and added to. */
import type { Account, AccountId } from './ledger.ts';
import { type KeyedCommand, keyScope } from './ledger-order.ts';
import type {
  Booking,
  ReferenceApiKey,
  ReferenceHold,
  ReferenceMessage,
  ReferenceTransfer,
} from './reference-rows.ts';

/** The whole state of a ledger, open to be looked at. */
export class ReferenceState {
  readonly accounts = new Map<AccountId, Account>();
  readonly usernames = new Map<string, AccountId>();
  readonly transfers = new Map<string, ReferenceTransfer>();
  readonly holds = new Map<string, ReferenceHold>();
  readonly messages = new Map<string, ReferenceMessage>();
  readonly journal = new Map<
    string,
    { readonly text: string; readonly nonReplyOutput: string }[]
  >();
  readonly apiKeys = new Map<string, ReferenceApiKey>();
  /** By scope and key: the hash of the body, and the id of what the request made. */
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
