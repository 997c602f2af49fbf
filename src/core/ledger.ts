/**
 * The language of the ledger: commands in, results out, all plain data. `reference-ledger.ts`
 * gives the meaning; every engine must answer exactly as it does.
 */
import type { Credits } from './credits.ts';
import type { Price } from './pricing.ts';
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

/** Opens an account and the user it belongs to, with an opening grant (none when it is 0). */
export interface OpenCommand {
  readonly kind: 'open';
  readonly accountId: AccountId;
  readonly user: NewUser;
  readonly openingTransferId: string;
  readonly openingCredits: Credits;
  readonly atMs: number;
}

/** Books credits to an account. `credits` is positive. */
export interface GrantCommand {
  readonly kind: 'grant';
  readonly transferId: string;
  readonly accountId: AccountId;
  readonly credits: Credits;
  readonly actor: string;
  readonly reason: string;
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
  readonly credits: Credits;
  readonly model: string;
  readonly content: string;
  readonly atMs: number;
}

/** Ends a hold with a charge, never more than was held, and stores the reply. */
export interface SettleCommand {
  readonly kind: 'settle';
  readonly generationId: string;
  readonly accountId: AccountId;
  readonly costCredits: Credits;
  readonly price: Price;
  readonly usage: Usage;
  readonly usageSource: UsageSource;
  readonly reply: string;
  readonly status: 'complete' | 'incomplete';
  readonly atMs: number;
}

/** Ends a hold without a charge; the message is kept as failed, with a reason for its writer. */
export interface ReleaseCommand {
  readonly kind: 'release';
  readonly generationId: string;
  readonly accountId: AccountId;
  readonly reason: string;
  readonly atMs: number;
}

export type Command = OpenCommand | GrantCommand | HoldCommand | SettleCommand | ReleaseCommand;

export type OpenResult =
  | { readonly outcome: 'opened' }
  | { readonly outcome: 'username_taken' }
  | { readonly outcome: 'id_taken' };

export type GrantResult =
  | { readonly outcome: 'granted'; readonly balanceCredits: Credits }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'balance_limit' }
  | { readonly outcome: 'id_taken' };

export type HoldResult =
  | { readonly outcome: 'held' }
  | { readonly outcome: 'insufficient_credits'; readonly availableCredits: Credits }
  | { readonly outcome: 'account_unknown' }
  | { readonly outcome: 'id_taken' };

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
  hold: HoldResult;
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
