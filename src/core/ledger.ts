/**
 * The commands and results of the ledger, all plain data. `reference-ledger.ts` specifies them:
 * every engine must give exactly its results. Commands are idempotent by the ids in them: sending
 * one again returns the first result and changes nothing, so a batch can be sent again if its reply
 * was lost.
 */
import type { AuditEntry } from './audit-log.ts';
import type { BudgetKind } from './budget.ts';
import type { Credits } from './credits.ts';
import type { Price } from './pricing.ts';
import type { ReplyFailure } from './reply-failure.ts';
import type { Unpriced, Usage, UsageSource } from './usage.ts';

/** An account is personal, with the id of its user, or the pool of a group. */
export type AccountId = number;

/** What a transfer books. */
export type TransferKind =
  | 'grant'
  | 'adjustment'
  | 'charge'
  | 'refund'
  | 'allowance'
  | 'expiry'
  | 'voucher';

/** The person an account is opened for. Stored with the account, in one transaction. */
export interface NewUser {
  readonly username: string;
  readonly passwordHash: string;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/** The idempotency key of a request, with a hash of its body. */
export interface IdempotencyKey {
  readonly key: string;
  readonly bodyHash: string;
}

/** A whole response under `/v1/`, as its client received it. */
export interface IdempotentResponse {
  readonly contentType: string;
  /** JSON or server-sent events. */
  readonly body: string;
}

/** Audit events, written in the same transaction if the command changes something. */
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

/** One grant or adjustment of a distribution. */
export interface DistributionEntry {
  readonly transferId: string;
  readonly accountId: AccountId;
  readonly credits: Credits;
  /** Of what is taken, nothing may be what ends with an allowance. */
  readonly takesOnlyLasting?: boolean;
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

/** Refunds a charge. A charge can be refunded once. */
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
 * Gives an account a plan, or none. At once, what is left of its present allowance expires and the
 * allowance of the new plan is booked; or at the next renewal, where nothing is booked now.
 */
export interface AssignPlanCommand {
  readonly kind: 'assign_plan';
  readonly accountId: AccountId;
  /** Undefined ends the present plan. */
  readonly planId: string | undefined;
  /** `renewal` is the same as `now` for an account that has no renewal before it. */
  readonly from: 'now' | 'renewal';
  /** When the plan ends, in milliseconds since 1970 UTC; only for one that begins now. */
  readonly endsAtMs?: number | undefined;
  readonly allowanceId: string;
  readonly expiryId: string;
  readonly actor: string;
  readonly audit?: Audited;
  readonly atMs: number;
}

/** Renews those of these accounts whose renewal is due. */
export interface RenewCommand {
  readonly kind: 'renew';
  readonly accountIds: readonly AccountId[];
  readonly atMs: number;
}

/** Redeems a voucher for the user of an account: credits, or a plan for some time. */
export interface RedeemCommand {
  readonly kind: 'redeem';
  readonly codeHash: string;
  readonly accountId: AccountId;
  /** Names the redemption and, if it books credits, their transfer. */
  readonly redemptionId: string;
  readonly expiryId: string;
  readonly actor: string;
  readonly audit?: Audited;
  readonly atMs: number;
}

/** An account that may pay for a generation. */
export interface Payer {
  readonly accountId: AccountId;
  /** The group whose pool it is; undefined for the user's personal account. */
  readonly groupId?: string | undefined;
}

/**
 * Puts credits aside for one generation and stores the user's message, before the model is called.
 * The id of the generation names the hold, the message and, if there is one, the charge.
 */
export interface HoldCommand {
  readonly kind: 'hold';
  readonly generationId: string;
  /** The personal account of the user who asks. */
  readonly accountId: AccountId;
  /**
   * The accounts that may pay, in order, at least one; the personal account if not given. The first
   * that has room, in itself and in the budgets that belong to it, pays the whole.
   */
  readonly payers?: readonly Payer[] | undefined;
  /** The most that the reply can cost. Less is held if the account has less. */
  readonly mostCredits: Credits;
  /** The least that makes a useful reply; with less, the hold is refused. At most `mostCredits`. */
  readonly leastCredits: Credits;
  /** The lease of the server that generates the reply; see `store/metering/leases.ts`. */
  readonly leaseId: string;
  /** The API key of the request, whose budget must have room for the hold as well. */
  readonly apiKeyId?: string | undefined;
  readonly model: string;
  /** The present price, from which the charge will be computed. */
  readonly price: Price;
  /** Counted before the call, in case the provider reports no usage. */
  readonly inputTokens: number;
  readonly content: string;
  /** The conversation of the message, and the message before it there. */
  readonly conversationId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
  readonly atMs: number;
}

/** Records a piece of a reply as delivered, in case the server dies before it settles. */
export interface JournalCommand {
  readonly kind: 'journal';
  readonly generationId: string;
  /** The personal account of the user who asked, as in the hold. */
  readonly accountId: AccountId;
  /** Counts the pieces of one generation, from 0. */
  readonly piece: number;
  readonly text: string;
  /** Output that is charged but not part of the reply, as `joinedOutput` writes it. */
  readonly nonReplyOutput: string;
}

/** What a model thought before its reply, which is kept with a message of a chat. */
export interface Thinking {
  /** Empty if the provider told only how much it was. */
  readonly text: string;
  /** From the sending of the message to the first word of the reply; undefined if not known. */
  readonly ms: number | undefined;
  /** How much of the output it was, if the provider said; undefined if not. */
  readonly tokens: number | undefined;
}

/** Ends a hold with a charge, never more than was held, and stores the reply. */
export interface SettleCommand {
  readonly kind: 'settle';
  readonly generationId: string;
  /** The personal account of the user who asked, as in the hold. */
  readonly accountId: AccountId;
  /** The account that pays, as the hold told it; undefined if it is the personal one. */
  readonly payerId?: AccountId | undefined;
  readonly costCredits: Credits;
  readonly usage: Usage;
  readonly usageSource: UsageSource;
  /** What of the usage had no price, so that it cost nothing; undefined if all had one. */
  readonly unpriced?: Unpriced | undefined;
  /** The model that answered and its price, if it is not that of the hold. */
  readonly charged?: { readonly model: string; readonly price: Price } | undefined;
  readonly reply: string;
  /** Kept with the reply; undefined if there was none, or it is not to be kept. */
  readonly thinking?: Thinking | undefined;
  readonly status: 'complete' | 'incomplete';
  /** Why the reply is incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
  /** The response to send again to a retry with the same idempotency key, if it is to be kept. */
  readonly response?: IdempotentResponse | undefined;
  readonly atMs: number;
}

/**
 * Ends a hold without a charge, and marks its message as failed. If there is no such hold, it can
 * never be opened afterwards: the command that opens it may still be on its way.
 */
export interface ReleaseCommand {
  readonly kind: 'release';
  readonly generationId: string;
  /** The personal account of the user who asked, as in the hold. */
  readonly accountId: AccountId;
  /** As in `SettleCommand`; undefined also where nobody knows yet which one pays. */
  readonly payerId?: AccountId | undefined;
  readonly reason: ReplyFailure;
  readonly atMs: number;
}

export type Command =
  | OpenCommand
  | GrantCommand
  | DistributeCommand
  | RefundCommand
  | AssignPlanCommand
  | RenewCommand
  | RedeemCommand
  | HoldCommand
  | JournalCommand
  | SettleCommand
  | ReleaseCommand;

/** The idempotency key was used with another body. */
export interface KeyReused {
  readonly outcome: 'key_reused';
}

export type OpenResult =
  /** `accountId` is the earlier account if the key has already opened one. */
  | { readonly outcome: 'opened'; readonly accountId: AccountId }
  | { readonly outcome: 'username_taken' }
  | { readonly outcome: 'id_taken' }
  | KeyReused;

export type GrantResult =
  /** `transferId` is the earlier transfer if the key has already booked one. */
  | {
      readonly outcome: 'granted';
      readonly transferId: string;
      readonly balanceCredits: Credits;
    }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'balance_limit' }
  /** An adjustment would take more than is available. */
  | { readonly outcome: 'insufficient_credits'; readonly availableCredits: Credits }
  | { readonly outcome: 'id_taken' }
  | KeyReused;

/** Why an entry of a distribution cannot be booked. */
export interface RefusedEntry {
  readonly accountId: AccountId;
  readonly outcome: 'account_unknown' | 'balance_limit' | 'insufficient_credits';
}

export type DistributeResult =
  /** `transferId` is that of the first entry; of the earlier distribution if the key made one. */
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
  /** It is not a charge, or a charge of 0. */
  | { readonly outcome: 'not_refundable' }
  | { readonly outcome: 'refunded_already' }
  | { readonly outcome: 'balance_limit' }
  | { readonly outcome: 'id_taken' };

export type AssignPlanResult =
  | {
      readonly outcome: 'assigned';
      /** What expired and what was given, now; 0 if the plan begins later. */
      readonly expiredCredits: Credits;
      readonly allowedCredits: Credits;
      /** When it begins, or when it is renewed, in milliseconds since 1970 UTC. */
      readonly renewsAtMs: number | undefined;
    }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'plan_unknown' }
  | { readonly outcome: 'id_taken' };

export interface RenewResult {
  readonly outcome: 'renewed';
  /** How many accounts were due. */
  readonly accounts: number;
}

export type RedeemResult =
  | { readonly outcome: 'redeemed'; readonly credits: Credits; readonly planId: string | undefined }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'voucher_unknown' }
  | { readonly outcome: 'voucher_expired' }
  | { readonly outcome: 'voucher_used_up' }
  /** This user has redeemed as many of its batch as one may. */
  | { readonly outcome: 'voucher_limit' }
  | { readonly outcome: 'balance_limit' }
  | { readonly outcome: 'id_taken' };

/** What was short when a hold was refused. */
export interface Shortage {
  readonly outcome: 'insufficient_credits' | 'budget_exceeded';
  readonly availableCredits: Credits;
  /** Whether there would be room if nothing else were running. */
  readonly isHeldByOthers: boolean;
  /** The account that would have paid. */
  readonly payerId: AccountId;
  /** Which budget it was; undefined for the account itself. */
  readonly budget: { readonly id: string; readonly kind: BudgetKind } | undefined;
  /** When it renews, in milliseconds since 1970 UTC; undefined for never. */
  readonly renewsAtMs: number | undefined;
}

/**
 * Whether the shortage of one account that may pay is told rather than that of another: one that
 * ends when others have ended, and else the one with more left.
 */
export function isNearer(a: Shortage, b: Shortage): boolean {
  if (a.isHeldByOthers !== b.isHeldByOthers) return a.isHeldByOthers;
  return a.availableCredits > b.availableCredits;
}

export type HoldResult =
  | {
      readonly outcome: 'held';
      readonly heldCredits: Credits;
      /** The account that pays, if it is not the personal one. */
      readonly payerId?: AccountId;
    }
  | Shortage
  /** No such account may pay, or its user is disabled. */
  | { readonly outcome: 'account_unknown' }
  /** The account has no such conversation. */
  | { readonly outcome: 'conversation_unknown' }
  /** The account has no such API key, or it was revoked. */
  | { readonly outcome: 'api_key_unknown' }
  | { readonly outcome: 'id_taken' }
  /** The request with this idempotency key is still running. */
  | { readonly outcome: 'key_running' }
  /** The request with this idempotency key was answered by this generation. */
  | { readonly outcome: 'key_done'; readonly generationId: string }
  | KeyReused;

export type JournalResult =
  | { readonly outcome: 'journaled' }
  /** The hold has ended, so nothing more can be charged. */
  | { readonly outcome: 'hold_ended' };

/**
 * Ending a hold again returns the first result and changes nothing. `status` and `failure` are
 * those of the stored message, by which a server learns that another one has ended its hold.
 */
export type EndResult =
  | {
      readonly outcome: 'settled';
      readonly chargedCredits: Credits;
      readonly shortfallCredits: Credits;
      readonly balanceCredits: Credits;
      readonly status: 'complete' | 'incomplete';
      readonly failure: ReplyFailure | undefined;
    }
  /** `failure` is undefined if the hold was never opened. */
  | { readonly outcome: 'released'; readonly failure: ReplyFailure | undefined }
  | { readonly outcome: 'hold_unknown' };

export interface Results {
  open: OpenResult;
  grant: GrantResult;
  distribute: DistributeResult;
  refund: RefundResult;
  assign_plan: AssignPlanResult;
  renew: RenewResult;
  redeem: RedeemResult;
  hold: HoldResult;
  journal: JournalResult;
  settle: EndResult;
  release: EndResult;
}

export type Result = Results[keyof Results];

/** The balance of an account: `availableCredits = postedCredits − heldCredits`. */
export interface Account {
  readonly postedCredits: Credits;
  readonly heldCredits: Credits;
}

/** What the account can spend now. */
export function availableOf(account: Account): Credits {
  return account.postedCredits - account.heldCredits;
}

/**
 * What can be taken of an account and does not end with its allowance. What is held takes of what
 * ends first, as its charge will.
 */
export function lastingOf(account: Account & { readonly expiringCredits: Credits }): Credits {
  const { postedCredits, heldCredits, expiringCredits } = account;
  return postedCredits - Math.max(heldCredits, expiringCredits);
}
