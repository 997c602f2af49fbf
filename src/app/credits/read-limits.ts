/** What a user can spend, and everything that limits it, as a hold would find it. */
import {
  type BudgetCounter,
  type BudgetKind,
  counterAt,
  leftOf,
  renewalOf,
} from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { PayingAccount } from '../../core/paying-account.ts';
import type { AccountState, BudgetState, LimitState } from '../../store/credits/limits.ts';
import type { Context } from '../context.ts';
import { permitsOf } from '../metering/models-for.ts';

/** A limit on what is spent, at a moment. */
export interface Limit extends BudgetCounter {
  readonly id: string;
  readonly kind: BudgetKind;
  /** The account that it is about; undefined if it counts whichever account pays. */
  readonly accountId: number | undefined;
  /** The API key that it is about. */
  readonly key: { readonly id: string; readonly name: string } | undefined;
  readonly limitCredits: Credits;
  readonly leftCredits: Credits;
  readonly window: BudgetState['window'];
  readonly calendar: string | undefined;
  /** When it renews; undefined for never, and while a window of hours has not begun. */
  readonly renewsAtMs: number | undefined;
}

/** An account that may pay. */
export interface AccountLimits extends AccountState {
  readonly availableCredits: Credits;
  /** What can be spent of it now: what is available, and not more than the limits leave. */
  readonly spendableCredits: Credits;
  /** The models that it pays for; undefined for all. */
  readonly models: readonly string[] | undefined;
}

export interface Limits {
  /** In the order in which they pay. */
  readonly accounts: readonly AccountLimits[];
  /** The first account that has something left, else the first. */
  readonly paying: AccountLimits;
  readonly limits: readonly Limit[];
}

/**
 * Everything that limits a user. Accounts whose renewal is due are renewed first; what is read is
 * one moment in the ledger.
 * @throws ChitError `user_not_found`, `ledger_unavailable`
 */
export async function readLimits(context: Context, userId: number): Promise<Limits> {
  const atMs = context.now();
  let state = await context.limits.read(userId, atMs);
  const due = state.accounts.filter(({ renewsAtMs = Infinity }) => renewsAtMs <= atMs);
  if (due.length > 0) {
    const accountIds = due.map(({ accountId }) => accountId);
    await context.ledger.submit({ kind: 'renew', accountIds, atMs });
    state = await context.limits.read(userId, atMs);
  }
  return limitsOf(context, state, atMs);
}

function limitsOf(
  context: Context,
  { accounts, budgets, keyNames }: LimitState,
  atMs: number,
): Limits {
  const limits = budgets.map((it): Limit => {
    const { id, kind, scope, subject, limitCredits, window, calendar } = it;
    const counter = counterAt(window, it.counter, atMs);
    const ofGroup = accounts.find(({ group }) => group?.id === scope);
    const keyName = keyNames.get(id);
    return {
      ...counter,
      id,
      kind,
      accountId: kind === 'plan' ? subject : kind === 'member' ? ofGroup?.accountId : undefined,
      key: keyName === undefined ? undefined : { id, name: keyName },
      limitCredits,
      leftCredits: leftOf(limitCredits, counter),
      window,
      calendar,
      renewsAtMs: renewalOf(window, it.counter, atMs),
    };
  });
  const shown = accounts.map((account): AccountLimits => {
    const availableCredits = account.postedCredits - account.heldCredits;
    const left = limits
      .filter((it) => it.kind !== 'key')
      .filter((it) => it.accountId === undefined || it.accountId === account.accountId)
      .map(({ leftCredits }) => leftCredits);
    return {
      ...account,
      availableCredits,
      spendableCredits: Math.min(availableCredits, ...left),
      models: account.modelLists.length === 0 ? undefined : modelsOf(context, account),
    };
  });
  const paying = shown.find(({ spendableCredits }) => spendableCredits > 0) ?? shown[0];
  if (!paying) throw new ChitError('user_not_found', undefined);
  return { accounts: shown, paying, limits };
}

function modelsOf(context: Context, account: AccountState): string[] {
  const permits = permitsOf(context, account);
  return context.catalogue.all.map(({ name }) => name).filter(permits);
}

/**
 * What a user can spend now with the account that would pay: the first that has something left.
 * One query where neither a group nor a plan nor a limit is concerned.
 * @throws ChitError `user_not_found`, `ledger_unavailable`
 */
export async function readSpendable(
  context: Context,
  { id, payers }: { readonly id: number; readonly payers: readonly PayingAccount[] | undefined },
): Promise<Credits> {
  const plain = payers ? undefined : await context.limits.plainBalance(id);
  if (plain && !plain.hasLimits) return plain.availableCredits;
  return (await readLimits(context, id)).paying.spendableCredits;
}
