import { sourceOf } from '../../auth/attempt-limits.ts';
import { type HashSource, hashPassword, verifyPassword } from '../../auth/passwords.ts';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { requireGoodPassword } from './password-policy.ts';
import { claimUsername, requireUsername } from './username-policy.ts';

/** How many ids are tried if a new one is taken; see `newUserId`. */
const ID_TRIES = 5;

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly openingCredits: Credits;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/**
 * Signs a user up, with the opening balance.
 * @param request `address` is the client's, for the limit on sign-ups
 * @returns whether an earlier request with the same key created the account
 * @throws ChitError `signup_closed`, `throttled`, `invalid_fields`, `username_taken`,
 *   `idempotency_key_reused`
 */
export async function registerUser(
  context: Context,
  request: {
    readonly username: string;
    readonly password: string;
    readonly address: string;
    readonly idempotency: IdempotencyKey | undefined;
  },
): Promise<{ isReplayed: boolean }> {
  if (!context.policy.isSignupOpen) throw new ChitError('signup_closed', undefined);
  const { username, password, address, idempotency } = request;
  await requireGoodPassword(context, { password, username });
  requireUsername(username);
  // Accounts with these names may use certain models, so only staff create them.
  if (context.allowedUsers.isNamed(username)) throw new ChitError('username_taken', undefined);
  await context.signupLimit.count(address);
  const account: NewAccount = {
    username,
    password,
    openingCredits: context.policy.signupCredits,
    isStaff: false,
    isSuperuser: false,
  };
  const { isReplayed, userId } = await openAccount(context, account, {
    idempotency,
    source: sourceOf(address),
  });
  // The hashed body leaves the password out, so it is compared here.
  if (isReplayed && !(await isPasswordOf(context, userId, password, sourceOf(address)))) {
    throw new ChitError('idempotency_key_reused', undefined);
  }
  return { isReplayed };
}

/**
 * Opens an account without checking who asks.
 * @param options `audit` makes the entries for the audit log, from the id of the new user
 * @throws ChitError `username_taken`, also if another name is too similar, `invalid_fields` for a
 *   name that is none, `idempotency_key_reused`
 */
export async function openAccount(
  context: Context,
  account: NewAccount,
  options: {
    readonly idempotency?: IdempotencyKey | undefined;
    readonly audit?: (userId: number) => AuditEntry | readonly AuditEntry[];
    /** Who waits for the hash; the program itself if left out. */
    readonly source?: HashSource;
    /** Stored in place of a hash of the password, which is then not looked at. */
    readonly passwordHash?: string | undefined;
    /** The invitation that the account is opened by, and the id that it has kept for it. */
    readonly invitation?: { readonly id: string; readonly userId: number };
  },
): Promise<{ userId: number; isReplayed: boolean }> {
  const { username, password, openingCredits, isStaff, isSuperuser } = account;
  requireUsername(username);
  const passwordHash = options.passwordHash ?? (await hashPassword(password, options.source));
  const { invitation } = options;
  await claimUsername(context, username, invitation?.id);
  for (let tries = 0; tries < ID_TRIES; tries += 1) {
    // Another server may open the account of an invitation at the same time, with the same id: then
    // the next attempt finds the key that it has left.
    const accountId = invitation?.userId ?? newUserId();
    const result = await context.ledger.submit({
      kind: 'open',
      accountId,
      user: { username, passwordHash, isStaff, isSuperuser },
      openingTransferId: newId(),
      openingCredits,
      idempotency: options.idempotency,
      audit: options.audit && [options.audit(accountId)].flat(),
      atMs: context.now(),
    });
    if (result.outcome === 'opened') {
      return { userId: result.accountId, isReplayed: result.accountId !== accountId };
    }
    if (result.outcome === 'username_taken') throw new ChitError('username_taken', undefined);
    if (result.outcome === 'key_reused') throw new ChitError('idempotency_key_reused', undefined);
  }
  throw new Error('No free id was found for a new user.');
}

async function isPasswordOf(
  context: Context,
  userId: number,
  password: string,
  source: HashSource,
): Promise<boolean> {
  const user = await context.users.withPassword(userId);
  return user !== undefined && verifyPassword(password, user.passwordHash, source);
}
