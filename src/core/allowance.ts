/**
 * How an account with a plan is renewed: what is left of its allowance expires, and the allowance
 * of the period that has begun is booked.
 */
import { type Period, periodAt } from './calendar.ts';
import { type Credits, MAX_CREDITS } from './credits.ts';

/** What a plan gives again and again. */
export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly allowanceCredits: Credits;
  /** The periods of its calendar, in order, from some time ago to some time ahead. */
  readonly periods: readonly Period[];
}

/** The plan of an account. All times are in milliseconds since 1970 UTC. */
export interface AccountPlan {
  readonly planId: string | undefined;
  /** The plan that follows at `planEndsAtMs`, if there is one. */
  readonly nextPlanId: string | undefined;
  readonly planEndsAtMs: number | undefined;
  /** When the rest of the allowance expires and the next one is due; undefined for never. */
  readonly renewsAtMs: number | undefined;
  /**
   * The latest moment at which a period was begun or ended. Never goes back: a server whose clock
   * is behind sees a renewal of another one as done.
   */
  readonly renewedAtMs: number;
}

export const NO_PLAN: AccountPlan = {
  planId: undefined,
  nextPlanId: undefined,
  planEndsAtMs: undefined,
  renewsAtMs: undefined,
  renewedAtMs: 0,
};

/** What a renewal or the beginning of a plan books and changes. */
export interface PlanStep {
  /** What is left of the old allowance and expires; 0 for nothing. */
  readonly expiredCredits: Credits;
  /** The plan that the new allowance is from. */
  readonly plan: Plan | undefined;
  /** The new allowance; 0 for none, as in a gap between terms. */
  readonly allowedCredits: Credits;
  readonly account: AccountPlan;
}

/** The balance of an account, as far as a renewal needs it. */
export interface RenewableBalance {
  readonly postedCredits: Credits;
  readonly heldCredits: Credits;
  readonly expiringCredits: Credits;
}

/** Whether an account is to be renewed at a time. */
export function isDue({ renewsAtMs }: AccountPlan, atMs: number): boolean {
  return renewsAtMs !== undefined && renewsAtMs <= atMs;
}

/**
 * The renewal of an account that is due. Periods that nobody used are skipped, not made up for.
 * @param planOf the plan of an id
 */
export function renewalOf(
  account: AccountPlan & { readonly renewsAtMs: number },
  balance: RenewableBalance,
  planOf: (id: string) => Plan,
  atMs: number,
): PlanStep {
  const { planEndsAtMs, renewsAtMs } = account;
  const hasEnded = planEndsAtMs !== undefined && planEndsAtMs <= atMs;
  const planId = hasEnded ? account.nextPlanId : account.planId;
  return begin(planId === undefined ? undefined : planOf(planId), balance, {
    endsAtMs: hasEnded ? undefined : planEndsAtMs,
    nextPlanId: hasEnded ? undefined : account.nextPlanId,
    renewedAtMs: Math.max(account.renewedAtMs, renewsAtMs),
    atMs: Math.max(atMs, account.renewedAtMs),
  });
}

/** When another plan begins, and what follows it. */
export interface PlanChange {
  readonly plan: Plan | undefined;
  /** When the plan ends; undefined for never. */
  readonly endsAtMs: number | undefined;
  /** The plan that follows then, if one does. */
  readonly nextPlanId: string | undefined;
  readonly atMs: number;
}

/** The change of an account to another plan, or to none, at once. */
export function changeOfPlan(
  account: AccountPlan,
  balance: RenewableBalance,
  { plan, endsAtMs, nextPlanId, atMs }: PlanChange,
): PlanStep {
  return begin(plan, balance, {
    endsAtMs,
    nextPlanId,
    renewedAtMs: account.renewedAtMs,
    atMs: Math.max(atMs, account.renewedAtMs),
  });
}

/** A plan that goes on longer; it must end at some time. Nothing is booked. */
export function extensionOf(
  account: AccountPlan & { readonly planEndsAtMs: number },
  plan: Plan,
  { byMs, atMs }: { readonly byMs: number; readonly atMs: number },
): AccountPlan {
  const planEndsAtMs = account.planEndsAtMs + byMs;
  const { begun, nextStartMs } = periodAt(plan.periods, Math.max(atMs, account.renewedAtMs));
  const isIn = begun !== undefined && begun.endMs > Math.max(atMs, account.renewedAtMs);
  return {
    ...account,
    planEndsAtMs,
    renewsAtMs: earliest(isIn ? begun.endMs : nextStartMs, planEndsAtMs),
  };
}

interface Beginning {
  readonly endsAtMs: number | undefined;
  readonly nextPlanId: string | undefined;
  readonly renewedAtMs: number;
  readonly atMs: number;
}

function begin(plan: Plan | undefined, balance: RenewableBalance, at: Beginning): PlanStep {
  const { postedCredits, heldCredits, expiringCredits } = balance;
  const expiredCredits = Math.min(expiringCredits, postedCredits - heldCredits);
  const { renewedAtMs, atMs } = at;
  if (!plan) {
    const account = { ...NO_PLAN, renewedAtMs };
    return { expiredCredits, plan, allowedCredits: 0, account };
  }
  const { begun, nextStartMs } = periodAt(plan.periods, atMs);
  const period = begun && begun.endMs > atMs ? begun : undefined;
  const room = MAX_CREDITS - (postedCredits - expiredCredits);
  const begunAtMs = Math.max(renewedAtMs, period?.startMs ?? 0);
  // Each renewal is later than the one before, also where a slow clock says when the plan ends.
  const endsAtMs = at.endsAtMs === undefined ? undefined : Math.max(at.endsAtMs, begunAtMs + 1);
  return {
    expiredCredits,
    plan,
    allowedCredits: period ? Math.min(plan.allowanceCredits, room) : 0,
    account: {
      planId: plan.id,
      nextPlanId: at.nextPlanId,
      planEndsAtMs: endsAtMs,
      renewsAtMs: earliest(period ? period.endMs : nextStartMs, endsAtMs),
      renewedAtMs: begunAtMs,
    },
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const RENEWAL_KINDS = { expiry: '001', allowance: '002' };

/**
 * The id of a transfer that a renewal books: a UUID version 7 (RFC 9562) of the moment at which it
 * was due, with the account in place of random bits. So no renewal can be booked twice, whichever
 * server does it.
 */
export function renewalTransferId(
  kind: keyof typeof RENEWAL_KINDS,
  accountId: number,
  renewsAtMs: number,
): string {
  const time = renewsAtMs.toString(16).padStart(12, '0');
  const account = accountId.toString(16).padStart(15, '0');
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${RENEWAL_KINDS[kind]}`,
    `8${account.slice(0, 3)}`,
    account.slice(3),
  ].join('-');
}
