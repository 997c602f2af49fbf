/** Accounts that may pay for a request of a user, with what the user calls them. */
import type { Payer } from './ledger.ts';

/** How a user's own account is named where accounts are named: groups have ids. */
export const PERSONAL = 'personal';

/** An account that may pay, and the name of its group if it is the pool of one. */
export interface NamedPayer extends Payer {
  readonly groupName?: string | undefined;
}

export interface PayingAccount extends NamedPayer {
  /**
   * Of the group and of the account's plan, as far as they have one: names or aliases of models,
   * each list of which must have the model that it pays for.
   */
  readonly modelLists: readonly (readonly string[])[];
}

/** Whether it is an account that every user has, with nothing that limits its models. */
export function isPlain({ groupId, modelLists }: PayingAccount): boolean {
  return groupId === undefined && modelLists.length === 0;
}
