/** Changes the plan of many accounts, in batches. */
import { createHash } from 'node:crypto';
import type { Credits } from '../../core/credits.ts';
import type { AccountId, AssignPlanResult, Audited } from '../../core/ledger.ts';
import type { PlannedAccount } from '../../store/credits/account-plans.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/** Accounts per batch: the ledger writes them in one transaction. */
export const BATCH = 200;

/** When a plan begins or ends: now, or when the present period of an account ends. */
export type From = 'now' | 'renewal';

/** What an action on plans does or did, in numbers. */
export interface PlanEffect {
  /** How many accounts it is about. */
  readonly accounts: number;
  /** How many accounts with the plan stay as they are, since it ends for them at a time anyway. */
  readonly untouched: number;
  /** What expires and what is given, at once. */
  readonly expiredCredits: Credits;
  readonly givenCredits: Credits;
  /** The earliest and the latest of the next renewals, in milliseconds since 1970 UTC. */
  readonly firstRenewalMs: number | undefined;
  readonly lastRenewalMs: number | undefined;
}

export const NO_EFFECT: PlanEffect = {
  accounts: 0,
  untouched: 0,
  expiredCredits: 0,
  givenCredits: 0,
  firstRenewalMs: undefined,
  lastRenewalMs: undefined,
};

/** An effect with one account more. */
export function withAccount(
  effect: PlanEffect,
  account: {
    readonly expiredCredits: Credits;
    readonly allowedCredits: Credits;
    readonly renewsAtMs: number | undefined;
  },
): PlanEffect {
  const { renewsAtMs = Infinity } = account;
  const first = Math.min(effect.firstRenewalMs ?? Infinity, renewsAtMs);
  const last = Math.max(effect.lastRenewalMs ?? 0, account.renewsAtMs ?? 0);
  return {
    ...effect,
    accounts: effect.accounts + 1,
    expiredCredits: effect.expiredCredits + account.expiredCredits,
    givenCredits: effect.givenCredits + account.allowedCredits,
    firstRenewalMs: first === Infinity ? undefined : first,
    lastRenewalMs: last === 0 ? undefined : last,
  };
}

/** How the plan of an account is changed. */
export interface AccountChange {
  /** Undefined for none. */
  readonly planId: string | undefined;
  readonly from: From;
  readonly endsAtMs?: number | undefined;
  readonly audit?: Audited;
}

/** Who changes the plans of accounts; an operation with an id can be carried out again. */
export interface ChangeOrder {
  readonly actor: string;
  /** Null for one that nobody repeats. */
  readonly operation: string | null;
}

/**
 * Carries a change out for a few accounts.
 * @returns the results, in the order of the accounts
 */
export function changePlanOf(
  context: Context,
  accounts: readonly PlannedAccount[],
  { actor, operation }: ChangeOrder,
  changeOf: (account: PlannedAccount) => AccountChange,
): Promise<AssignPlanResult[]> {
  const atMs = context.now();
  return Promise.all(
    accounts.map((account) =>
      context.ledger.submitUntilKnown({
        kind: 'assign_plan',
        accountId: account.id,
        ...changeOf(account),
        allowanceId: transferIdOf(operation, 'allowance', account.id),
        expiryId: transferIdOf(operation, 'expiry', account.id),
        actor,
        atMs,
      }),
    ),
  );
}

/** Ends the plan of a few accounts; the one that follows it, if there is one, begins instead. */
export async function endAccountsOf(
  context: Context,
  accounts: readonly PlannedAccount[],
  order: ChangeOrder & { readonly from: From },
): Promise<void> {
  await changePlanOf(context, accounts, order, endOf(order.from));
}

/** The change of an account whose plan ends. */
export function endOf(from: From): (account: PlannedAccount) => AccountChange {
  return ({ nextPlanId }) => ({ planId: nextPlanId, from });
}

/**
 * The id of a transfer of an operation: a UUID version 7 (RFC 9562) of the operation's time, with a
 * hash in place of random bits, so that an operation that is repeated books nothing twice.
 */
function transferIdOf(
  operation: string | null,
  kind: 'allowance' | 'expiry',
  accountId: AccountId,
): string {
  if (operation === null) return newId();
  const hash = createHash('sha256').update(`${operation} ${kind} ${accountId}`).digest('hex');
  const time = operation.slice(0, 'xxxxxxxx-xxxx'.length);
  return `${time}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}
