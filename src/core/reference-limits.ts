/** The part of the reference ledger about plans, vouchers, and which account and budgets pay. */
import {
  changeOfPlan,
  extensionOf,
  isDue,
  type Plan,
  type PlanStep,
  renewalOf,
  renewalTransferId,
} from './allowance.ts';
import {
  BUDGET_KINDS,
  counterAt,
  isTighter,
  leftOf,
  type Room,
  UNUSED,
  windowEndOf,
} from './budget.ts';
import { type Credits, MAX_CREDITS } from './credits.ts';
import {
  type AccountId,
  type AssignPlanCommand,
  type AssignPlanResult,
  availableOf,
  type HoldCommand,
  isNearer,
  type Payer,
  type RedeemCommand,
  type RedeemResult,
  type RenewCommand,
  type RenewResult,
  type Shortage,
} from './ledger.ts';
import {
  counterKey,
  type HeldBudget,
  type ReferenceAccount,
  type ReferenceBudget,
  ReferenceState,
  type ReferenceTransfer,
} from './reference-state.ts';

/** Where a hold finds room. */
export interface FoundRoom {
  readonly payerId: AccountId;
  /** The most that can be held. */
  readonly credits: Credits;
  readonly budgets: readonly HeldBudget[];
}

/** One of the limits that a hold must keep. */
interface Limit extends Room {
  readonly budget: Shortage['budget'];
  readonly renewsAtMs: number | undefined;
}

/** The ledger in memory, as far as plans, vouchers and limits go. */
export class ReferenceLimits extends ReferenceState {
  renew({ accountIds, atMs }: RenewCommand): RenewResult {
    const due = accountIds.filter((id) => this.accounts.has(id) && this.renewIfDue(id, atMs));
    return { outcome: 'renewed', accounts: due.length };
  }

  /** Books the renewal of an account if it is due. */
  renewIfDue(accountId: AccountId, atMs: number): boolean {
    const plan = this.planOf(accountId);
    const { renewsAtMs } = plan;
    if (renewsAtMs === undefined || !isDue(plan, atMs)) return false;
    const balance = this.accounts.get(accountId) as ReferenceAccount;
    const planOf = (id: string) => this.plans.get(id) as Plan;
    this.#take(accountId, renewalOf({ ...plan, renewsAtMs }, balance, planOf, atMs), {
      expiryId: renewalTransferId('expiry', accountId, renewsAtMs),
      allowanceId: renewalTransferId('allowance', accountId, renewsAtMs),
    });
    return true;
  }

  #take(
    accountId: AccountId,
    { expiredCredits, allowedCredits, account }: PlanStep,
    { expiryId, allowanceId }: { readonly expiryId: string; readonly allowanceId: string },
  ): void {
    if (expiredCredits > 0) {
      this.book({ id: expiryId, accountId, kind: 'expiry', credits: 0 - expiredCredits });
    }
    if (allowedCredits > 0) {
      this.book({ id: allowanceId, accountId, kind: 'allowance', credits: allowedCredits });
    }
    this.accountPlans.set(accountId, account);
  }

  assignPlan(command: AssignPlanCommand): AssignPlanResult {
    const { accountId, planId, allowanceId, expiryId, endsAtMs, atMs } = command;
    const earlier = [this.transfers.get(expiryId), this.transfers.get(allowanceId)];
    if (earlier.some((it) => it !== undefined)) {
      const [expiry, allowance] = earlier;
      const isSame =
        isOf(expiry, accountId, 'expiry') &&
        isOf(allowance, accountId, 'allowance') &&
        !this.holds.has(expiryId) &&
        !this.holds.has(allowanceId);
      if (!isSame) return { outcome: 'id_taken' };
      return this.#assigned(accountId, 0 - (expiry?.credits ?? 0), allowance?.credits ?? 0);
    }
    if (this.isIdTaken(expiryId) || this.isIdTaken(allowanceId)) return { outcome: 'id_taken' };
    if (!this.accounts.has(accountId)) return { outcome: 'account_unknown' };
    const plan = planId === undefined ? undefined : this.plans.get(planId);
    if (planId !== undefined && !plan) return { outcome: 'plan_unknown' };
    this.renewIfDue(accountId, atMs);
    const present = this.planOf(accountId);
    if (command.from === 'renewal' && present.renewsAtMs !== undefined) {
      const planEndsAtMs = present.renewsAtMs;
      this.accountPlans.set(accountId, { ...present, nextPlanId: planId, planEndsAtMs });
      return this.#assigned(accountId, 0, 0);
    }
    const change = { plan, endsAtMs, nextPlanId: undefined, atMs };
    const step = changeOfPlan(present, this.accounts.get(accountId) as ReferenceAccount, change);
    this.#take(accountId, step, { expiryId, allowanceId });
    return this.#assigned(accountId, step.expiredCredits, step.allowedCredits);
  }

  #assigned(
    accountId: AccountId,
    expiredCredits: Credits,
    allowedCredits: Credits,
  ): AssignPlanResult {
    const { renewsAtMs } = this.planOf(accountId);
    return { outcome: 'assigned', expiredCredits, allowedCredits, renewsAtMs };
  }

  redeem(command: RedeemCommand): RedeemResult {
    const { codeHash, accountId, redemptionId, expiryId, atMs } = command;
    const earlier = this.redemptions.get(redemptionId);
    if (earlier) {
      const isSame = earlier.codeHash === codeHash && earlier.accountId === accountId;
      return isSame ? this.#redeemed(earlier.batchId) : { outcome: 'id_taken' };
    }
    if (this.isIdTaken(redemptionId) || this.isIdTaken(expiryId)) return { outcome: 'id_taken' };
    const account = this.accounts.get(accountId);
    if (!account || this.disabled.has(accountId)) return { outcome: 'account_unknown' };
    const batchId = this.vouchers.get(codeHash);
    const batch = batchId === undefined ? undefined : this.voucherBatches.get(batchId);
    if (batchId === undefined || !batch) return { outcome: 'voucher_unknown' };
    if (batch.expiresAtMs !== undefined && batch.expiresAtMs <= atMs) {
      return { outcome: 'voucher_expired' };
    }
    const all = [...this.redemptions.values()];
    const ofUser = all.filter((it) => it.batchId === batchId && it.accountId === accountId);
    if (ofUser.length >= batch.usesPerUser) return { outcome: 'voucher_limit' };
    const ofCode = all.filter((it) => it.codeHash === codeHash);
    if (ofCode.length >= batch.usesPerCode) return { outcome: 'voucher_used_up' };
    if (account.postedCredits + batch.credits > MAX_CREDITS) return { outcome: 'balance_limit' };
    if (batch.credits > 0) {
      this.book({ id: redemptionId, accountId, kind: 'voucher', credits: batch.credits });
    }
    if (batch.planId !== undefined) {
      const ids = { expiryId, allowanceId: redemptionId };
      this.#givePlan(accountId, batch.planId, { forMs: batch.planForMs, atMs }, ids);
    }
    this.redemptions.set(redemptionId, { codeHash, batchId, accountId });
    return this.#redeemed(batchId);
  }

  /** Gives a plan for some time; the present plan goes on afterwards. */
  #givePlan(
    accountId: AccountId,
    planId: string,
    { forMs, atMs }: { readonly forMs: number; readonly atMs: number },
    ids: { readonly expiryId: string; readonly allowanceId: string },
  ): void {
    this.renewIfDue(accountId, atMs);
    const plan = this.plans.get(planId) as Plan;
    const present = this.planOf(accountId);
    const { planEndsAtMs } = present;
    if (present.planId === planId && planEndsAtMs !== undefined) {
      const longer = extensionOf({ ...present, planEndsAtMs }, plan, { byMs: forMs, atMs });
      this.accountPlans.set(accountId, longer);
      return;
    }
    const nextPlanId = planEndsAtMs === undefined ? present.planId : present.nextPlanId;
    const change = { plan, endsAtMs: atMs + forMs, nextPlanId, atMs };
    const balance = this.accounts.get(accountId) as ReferenceAccount;
    this.#take(accountId, changeOfPlan(present, balance, change), ids);
  }

  #redeemed(batchId: string): RedeemResult {
    const batch = this.voucherBatches.get(batchId);
    return { outcome: 'redeemed', credits: batch?.credits ?? 0, planId: batch?.planId };
  }

  /**
   * The first account that has room for a hold, in itself and in the budgets that belong to it;
   * else what is short where the least is missing; undefined if none of the accounts may pay.
   */
  roomFor(command: HoldCommand): FoundRoom | Shortage | undefined {
    const shortages: Shortage[] = [];
    for (const payer of command.payers ?? [{ accountId: command.accountId }]) {
      if (!this.#mayPay(payer, command)) continue;
      this.renewIfDue(payer.accountId, command.atMs);
      const budgets = this.#budgetsOf(payer, command);
      const limits = [
        this.#limitOfAccount(payer.accountId),
        ...budgets.flatMap((it) => this.#limitOf(it, payer.accountId, command)),
      ];
      const { mostCredits, leastCredits } = command;
      const availableCredits = Math.min(...limits.map((it) => it.availableCredits));
      if (availableCredits >= leastCredits) {
        return {
          payerId: payer.accountId,
          credits: Math.min(mostCredits, availableCredits),
          budgets: budgets.map((it) => this.#heldIn(it, payer.accountId, command)),
        };
      }
      const tightest = limits.reduce((a, b) => (isTighter(b, a, leastCredits) ? b : a));
      shortages.push({
        outcome: tightest.budget ? 'budget_exceeded' : 'insufficient_credits',
        availableCredits: tightest.availableCredits,
        isHeldByOthers: tightest.unspentCredits >= leastCredits,
        payerId: payer.accountId,
        budget: tightest.budget,
        renewsAtMs: tightest.renewsAtMs,
      });
    }
    if (shortages.length === 0) return undefined;
    return shortages.reduce((a, b) => (isNearer(b, a) ? b : a));
  }

  #mayPay({ accountId, groupId }: Payer, command: HoldCommand): boolean {
    if (groupId === undefined) return accountId === command.accountId;
    const group = this.groups.get(groupId);
    return group?.poolId === accountId && group.members.has(command.accountId);
  }

  /** The ids of the budgets in which a hold takes room, in the order in which they are named. */
  #budgetsOf({ accountId: payerId, groupId }: Payer, command: HoldCommand): string[] {
    const { planId } = this.planOf(payerId);
    const scopes: Record<ReferenceBudget['kind'], string | undefined> = {
      key: command.apiKeyId,
      member: groupId,
      plan: planId,
      user: String(command.accountId),
      own: String(command.accountId),
    };
    return [...this.budgets]
      .filter(([, { kind, scope }]) => scopes[kind] === scope)
      .sort(([a, { kind: kindOfA }], [b, { kind: kindOfB }]) => {
        const order = BUDGET_KINDS.indexOf(kindOfA) - BUDGET_KINDS.indexOf(kindOfB);
        return order === 0 ? (a < b ? -1 : 1) : order;
      })
      .map(([id]) => id);
  }

  #limitOfAccount(accountId: AccountId): Limit {
    const account = this.accounts.get(accountId) as ReferenceAccount;
    const { renewsAtMs } = this.planOf(accountId);
    return {
      budget: undefined,
      availableCredits: availableOf(account),
      unspentCredits: account.postedCredits,
      renewsAtMs,
    };
  }

  #limitOf(id: string, payerId: AccountId, command: HoldCommand): Limit[] {
    const budget = this.budgets.get(id) as ReferenceBudget;
    const { kind, window } = budget;
    const counter = this.counters.get(counterKey(id, subjectOf(kind, payerId, command)));
    const limitCredits = counter?.limitCredits ?? budget.limitCredits;
    if (limitCredits === undefined) return [];
    const present = counterAt(window, counter ?? UNUSED, command.atMs);
    return [
      {
        budget: { id, kind },
        availableCredits: leftOf(limitCredits, present),
        unspentCredits: limitCredits - present.spentCredits,
        renewsAtMs: windowEndOf(window, present.windowStartMs),
      },
    ];
  }

  #heldIn(budgetId: string, payerId: AccountId, command: HoldCommand): HeldBudget {
    const { kind, window } = this.budgets.get(budgetId) as ReferenceBudget;
    const subject = subjectOf(kind, payerId, command);
    const counter = this.counters.get(counterKey(budgetId, subject)) ?? UNUSED;
    const { windowStartMs } = counterAt(window, counter, command.atMs);
    return { budgetId, subject, windowStartMs };
  }

  /** Takes room in a budget; the first use of a window empties the counter. */
  takeRoom({ budgetId, subject, windowStartMs }: HeldBudget, credits: Credits): void {
    const key = counterKey(budgetId, subject);
    const counter = this.counters.get(key);
    const isPresent = counter?.windowStartMs === windowStartMs;
    const { spentCredits, heldCredits } = counter && isPresent ? counter : UNUSED;
    this.counters.set(key, {
      limitCredits: counter?.limitCredits,
      spentCredits,
      heldCredits: heldCredits + credits,
      windowStartMs,
    });
  }

  /** Gives room back, and counts a charge, unless another window has begun since. */
  giveBack(held: HeldBudget, heldCredits: Credits, chargedCredits: Credits): void {
    const key = counterKey(held.budgetId, held.subject);
    const counter = this.counters.get(key);
    if (counter?.windowStartMs !== held.windowStartMs) return;
    this.counters.set(key, {
      ...counter,
      heldCredits: counter.heldCredits - heldCredits,
      spentCredits: counter.spentCredits + chargedCredits,
    });
  }
}

function subjectOf(
  kind: ReferenceBudget['kind'],
  payerId: AccountId,
  { accountId }: HoldCommand,
): AccountId {
  return kind === 'plan' ? payerId : accountId;
}

function isOf(
  transfer: ReferenceTransfer | undefined,
  accountId: AccountId,
  kind: ReferenceTransfer['kind'],
): boolean {
  return !transfer || (transfer.accountId === accountId && transfer.kind === kind);
}
