import { hashPassword } from '../auth/passwords.ts';
import { ChitError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { newId, newUserId } from './ids.ts';
import { requireLongEnough } from './password-policy.ts';

/** How often another id is tried when a new one is taken already; see `newUserId`. */
const ID_TRIES = 5;

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/**
 * Signs a person up: an account with the opening balance.
 * @param address where the request came from, for the limit on sign-ups
 * @throws ChitError `signup_closed`, `throttled`, `invalid_fields`, `username_taken`
 */
export async function registerUser(
  context: Context,
  request: { readonly username: string; readonly password: string; readonly address: string },
): Promise<void> {
  if (!context.policy.isSignupOpen) throw new ChitError('signup_closed', undefined);
  const { username, password, address } = request;
  requireLongEnough(context.policy, { password });
  await context.signupLimit.count(address);
  await createAccount(context, { username, password, isStaff: false, isSuperuser: false });
}

/**
 * Makes an account with the opening balance, whoever asks.
 * @returns the id of the new user
 * @throws ChitError `username_taken`
 */
export async function createAccount(context: Context, account: NewAccount): Promise<number> {
  const { username, password, isStaff, isSuperuser } = account;
  const passwordHash = await hashPassword(password);
  for (let tries = 0; tries < ID_TRIES; tries += 1) {
    const accountId = newUserId();
    const result = await context.ledger.submit({
      kind: 'open',
      accountId,
      user: { username, passwordHash, isStaff, isSuperuser },
      openingTransferId: newId(),
      openingCredits: context.policy.signupCredits,
      atMs: context.now(),
    });
    if (result.outcome === 'opened') return accountId;
    if (result.outcome === 'username_taken') throw new ChitError('username_taken', undefined);
  }
  throw new Error('No free id was found for a new user.');
}
