/**
 * The language of the ledger: commands in, results out, all plain data. `reference-ledger.ts`
 * gives the meaning; every engine must answer exactly as it does. Commands are idempotent by the
 * ids in them: carrying one out again returns what it returned first and changes nothing, so a
 * batch whose answer was lost can be sent again.
 */
import type { AuditEntry } from './audit-log.ts';
import type { Credits } from './credits.ts';
import type { Price } from './pricing.ts';
import type { ReplyFailure } from './reply-failure.ts';
import type { Usage, UsageSource } from './usage.ts';

/** Accounts are one per user and share the user's id. */
export type AccountId = number;

/** The person an account is opened for. Stored with the account, in one transaction. */
export interface NewUser {
  readonly username: string;
  readonly passwordHash: string;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/** A client's key for a request that must not be carried out twice, with a hash of its body. */
export interface IdempotencyKey {
  readonly key: string;
  readonly bodyHash: string;
}

/** What is written into the audit log in the same transaction, if the command does something. */
export type Audited = readonly AuditEntry[] | undefined;

/** Opens an account and the user it belongs to, with an opening grant (none when it is 0). */
export interface OpenCommand {
  readonly kind: 'open';
  readonly accountId: AccountId;
  readonly user: NewUser;
  readonly openingTransferId: string;
  readonly openingCredits: Credits;
  readonly idempotency: IdempotencyKey | undefined;
  readonly audit?: Audited;
  readonly atMs: number;
}

/** Books credits to an account: a grant if they are positive, an adjustment if negative. */
export interface GrantCommand {
  readonly kind: 'grant';
  readonly transferId: string;
  readonly accountId: AccountId;
  readonly credits: Credits;
  readonly actor: string;
  readonly reason: string;
  readonly idempotency: IdempotencyKey | undefined;
  readonly audit?: Audited;
  readonly atMs: number;
}

/** What one account gets, or loses, of a distribution. */
export interface DistributionEntry {
  readonly transferId: string;
  readonly accountId: AccountId;
  readonly credits: Credits;
}

/** Books grants and adjustments to many accounts, each at most once: all of them or none. */
export interface DistributeCommand {
  readonly kind: 'distribute';
  /** At least one. */
  readonly entries: readonly DistributionEntry[];
  readonly actor: string;
  readonly reason: string;
  readonly idempotency: IdempotencyKey | undefined;
  readonly audit?: Audited;
  readonly atMs: number;
}

/** Gives back what a charge took. A charge can be refunded once. */
export interface RefundCommand {
  readonly kind: 'refund';
  readonly transferId: string;
  readonly chargeId: string;
  readonly actor: string;
  readonly reason: string;
  readonly audit?: Audited;
  readonly atMs: number;
}

/**
 * Puts credits aside for one generation and stores the user's words, before the model is called.
 * The id of the generation names the hold, the message and, if there is one, the charge.
 */
export interface HoldCommand {
  readonly kind: 'hold';
  readonly generationId: string;
  readonly accountId: AccountId;
  /** The most that the reply can cost; less is held if the account has less. */
  readonly mostCredits: Credits;
  /** Below this the reply would be of no use, so nothing is held. At most `mostCredits`. */
  readonly leastCredits: Credits;
  /** The server that answers for the hold; see `store/leases.ts`. */
  readonly leaseId: string;
  /** The API key that asks, whose budget must have room for the hold as well. */
  readonly apiKeyId?: string | undefined;
  readonly model: string;
  /** The price as it is now: the charge will be computed from it, whenever that is. */
  readonly price: Price;
  /** Counted before the call, in case the provider never says. */
  readonly inputTokens: number;
  readonly content: string;
  /** Where the message belongs, and the message before it there. */
  readonly conversationId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
  readonly atMs: number;
}

/** Notes a piece of a reply as delivered, in case the server dies before it can settle. */
export interface JournalCommand {
  readonly kind: 'journal';
  readonly generationId: string;
  readonly accountId: AccountId;
  /** Counts the pieces of one generation, from 0. */
  readonly piece: number;
  readonly text: string;
  /** What was written besides, such as thoughts: it is charged for, and no part of the reply. */
  readonly nonReplyOutput: string;
}

/** Ends a hold with a charge, never more than was held, and stores the reply. */
export interface SettleCommand {
  readonly kind: 'settle';
  readonly generationId: string;
  readonly accountId: AccountId;
  readonly costCredits: Credits;
  readonly usage: Usage;
  readonly usageSource: UsageSource;
  /** The model that answered and its price, if it is another than the one that was held for. */
  readonly charged?: { readonly model: string; readonly price: Price } | undefined;
  readonly reply: string;
  readonly status: 'complete' | 'incomplete';
  /** Why the reply is incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
  readonly atMs: number;
}

/**
 * Ends a hold without a charge; the message is kept as failed, with the reason. If
 * there is no such hold, sees to it that there never will be one: the command that would open it
 * may still be on its way, its answer having been lost.
 */
export interface ReleaseCommand {
  readonly kind: 'release';
  readonly generationId: string;
  readonly accountId: AccountId;
  readonly reason: ReplyFailure;
  readonly atMs: number;
}

export type Command =
  | OpenCommand
  | GrantCommand
  | DistributeCommand
  | RefundCommand
  | HoldCommand
  | JournalCommand
  | SettleCommand
  | ReleaseCommand;

/** The key was used with another body, so this is another request. */
export interface KeyReused {
  readonly outcome: 'key_reused';
}

export type OpenResult =
  /** `accountId` is another than asked for if the key had opened one before. */
  | { readonly outcome: 'opened'; readonly accountId: AccountId }
  | { readonly outcome: 'username_taken' }
  | { readonly outcome: 'id_taken' }
  | KeyReused;

export type GrantResult =
  /** `transferId` is another than asked for if the key had booked one before. */
  | {
      readonly outcome: 'granted';
      readonly transferId: string;
      readonly balanceCredits: Credits;
    }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'balance_limit' }
  /** An adjustment would take more than is there and not held. */
  | { readonly outcome: 'insufficient_credits'; readonly availableCredits: Credits }
  | { readonly outcome: 'id_taken' }
  | KeyReused;

/** Why an account cannot have its share. */
export interface RefusedEntry {
  readonly accountId: AccountId;
  readonly outcome: 'account_unknown' | 'balance_limit' | 'insufficient_credits';
}

export type DistributeResult =
  /** `transferId` is that of the first share: another than asked for if the key had booked it. */
  | { readonly outcome: 'distributed'; readonly transferId: string }
  /** Nothing was booked. */
  | { readonly outcome: 'refused'; readonly refusals: readonly RefusedEntry[] }
  | { readonly outcome: 'id_taken' }
  | KeyReused;

export type RefundResult =
  | {
      readonly outcome: 'refunded';
      readonly accountId: AccountId;
      readonly credits: Credits;
      readonly balanceCredits: Credits;
    }
  | { readonly outcome: 'transfer_unknown' }
  /** It is no charge, or one of nothing. */
  | { readonly outcome: 'not_refundable' }
  | { readonly outcome: 'refunded_already' }
  | { readonly outcome: 'balance_limit' }
  | { readonly outcome: 'id_taken' };

export type HoldResult =
  | { readonly outcome: 'held'; readonly heldCredits: Credits }
  | { readonly outcome: 'insufficient_credits'; readonly availableCredits: Credits }
  /** The account has enough, but the budget of the API key has not. */
  | { readonly outcome: 'api_key_budget_exceeded'; readonly availableCredits: Credits }
  /** There is no such account, or its user is let in no more. */
  | { readonly outcome: 'account_unknown' }
  /** The account has no such conversation, or has it no more. */
  | { readonly outcome: 'conversation_unknown' }
  /** The account has no such API key, or it was ended. */
  | { readonly outcome: 'api_key_unknown' }
  | { readonly outcome: 'id_taken' }
  /** The request with this key is still being answered. */
  | { readonly outcome: 'key_running' }
  /** The request with this key was answered, by this generation. */
  | { readonly outcome: 'key_done'; readonly generationId: string }
  | KeyReused;

export type JournalResult =
  | { readonly outcome: 'journaled' }
  /** The hold has ended meanwhile, so nothing more can be charged. */
  | { readonly outcome: 'hold_ended' };

/** Ending a hold again returns the first result and changes nothing. */
export type EndResult =
  | {
      readonly outcome: 'settled';
      readonly chargedCredits: Credits;
      readonly shortfallCredits: Credits;
      readonly balanceCredits: Credits;
    }
  | { readonly outcome: 'released' }
  | { readonly outcome: 'hold_unknown' };

export interface Results {
  open: OpenResult;
  grant: GrantResult;
  distribute: DistributeResult;
  refund: RefundResult;
  hold: HoldResult;
  journal: JournalResult;
  settle: EndResult;
  release: EndResult;
}

export type Result = Results[keyof Results];

/** What an account has: `availableCredits = postedCredits − heldCredits`. */
export interface Account {
  readonly postedCredits: Credits;
  readonly heldCredits: Credits;
}

/** What a user can spend now. */
export function availableOf(account: Account): Credits {
  return account.postedCredits - account.heldCredits;
}
