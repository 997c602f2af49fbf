import type { RateLimits } from '../../core/deployment.ts';
import type { AccountId } from '../../core/ledger.ts';
import type { AccountPlanStore } from '../../store/credits/account-plans.ts';
import type { PlanRules, PlanStore } from '../../store/credits/plans.ts';

/** The plan of an account is cached this long. */
const CACHE_MS = 1_000;
const MAX_CACHED = 10_000;

interface CachedPlan {
  readonly planId: string | undefined;
  /** By the monotonic clock: the other one can be set back. */
  readonly readAtMs: number;
}

/**
 * What plans limit, in memory: where there is no plan at all, or none with limits on speed, no
 * request reads anything for it. `BackgroundJobs` refreshes it every second.
 */
export class PlansInForce {
  readonly #plans: PlanStore;
  readonly #accounts: AccountPlanStore;
  readonly #now: () => number;
  #speeds: ReadonlyMap<string, RateLimits> = new Map();
  #hasPlans = true;
  readonly #cache = new Map<AccountId, CachedPlan>();

  constructor(plans: PlanStore, accounts: AccountPlanStore, now: () => number) {
    this.#plans = plans;
    this.#accounts = accounts;
    this.#now = now;
  }

  /** Whether there are plans, so that an account may be due to be renewed. */
  get hasPlans(): boolean {
    return this.#hasPlans;
  }

  /** Reads the plans again. */
  async refresh(): Promise<void> {
    const rules = await this.#plans.rules();
    this.#hasPlans = rules.length > 0 || (await this.#plans.exists());
    this.#speeds = new Map(rules.flatMap(speedOf));
  }

  /** Forgets which plans accounts have, since they were changed. */
  forget(): void {
    this.#cache.clear();
  }

  /** The limits on speed by the plan of an account; not a promise if no plan has such limits. */
  speedOf(accountId: AccountId): RateLimits | undefined | Promise<RateLimits | undefined> {
    if (this.#speeds.size === 0) return undefined;
    const cached = this.#cache.get(accountId);
    if (cached && performance.now() - cached.readAtMs < CACHE_MS) {
      return cached.planId === undefined ? undefined : this.#speeds.get(cached.planId);
    }
    return this.#readSpeed(accountId);
  }

  async #readSpeed(accountId: AccountId): Promise<RateLimits | undefined> {
    const readAtMs = performance.now();
    const account = await this.#accounts.find(accountId);
    const hasEnded = (account?.planEndsAtMs ?? Infinity) <= this.#now();
    const planId = hasEnded ? account?.nextPlanId : account?.planId;
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(accountId, { planId, readAtMs });
    return planId === undefined ? undefined : this.#speeds.get(planId);
  }
}

function speedOf({ id, requestsPerMinute, usagePerMinute }: PlanRules): [string, RateLimits][] {
  if (requestsPerMinute === undefined && usagePerMinute === undefined) return [];
  const limits = {
    requestsPerMinute: requestsPerMinute ?? 0,
    concurrentGenerations: 0,
    usageTokensPerMinute: usagePerMinute ?? 0,
  };
  return [[id, limits]];
}
