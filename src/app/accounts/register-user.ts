import { hashPassword, verifyPassword } from '../../auth/passwords.ts';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { requireLongEnough } from './password-policy.ts';

/** How often another id is tried when a new one is taken already; see `newUserId`. */
const ID_TRIES = 5;

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly openingCredits: Credits;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

/**
 * Signs a person up: an account with the opening balance.
 * @param request `address` is where it came from, for the limit on sign-ups
 * @returns whether this is the answer to an earlier request with the same key
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
  requireLongEnough(context.policy, { password });
  await context.signupLimit.count(address);
  const openingCredits = context.policy.signupCredits;
  const account = { username, password, openingCredits, isStaff: false, isSuperuser: false };
  const { isReplayed, userId } = await openAccount(context, account, { idempotency });
  // The hash of a key's body leaves the password out, so the same body is found out here.
  if (isReplayed && !(await isPasswordOf(context, userId, password))) {
    throw new ChitError('idempotency_key_reused', undefined);
  }
  return { isReplayed };
}

/**
 * Makes an account, whoever asks.
 * @param how `audit` gives the entry for the audit log, with the id that the account will have
 * @throws ChitError `username_taken`, `idempotency_key_reused`
 */
export async function openAccount(
  context: Context,
  account: NewAccount,
  how: {
    readonly idempotency?: IdempotencyKey | undefined;
    readonly audit?: (userId: number) => AuditEntry;
  },
): Promise<{ userId: number; isReplayed: boolean }> {
  const { username, password, openingCredits, isStaff, isSuperuser } = account;
  const passwordHash = await hashPassword(password);
  for (let tries = 0; tries < ID_TRIES; tries += 1) {
    const accountId = newUserId();
    const result = await context.ledger.submit({
      kind: 'open',
      accountId,
      user: { username, passwordHash, isStaff, isSuperuser },
      openingTransferId: newId(),
      openingCredits,
      idempotency: how.idempotency,
      ...(how.audit ? { audit: [how.audit(accountId)] } : {}),
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

async function isPasswordOf(context: Context, userId: number, password: string): Promise<boolean> {
  const hash = await context.users.passwordHashOf(userId);
  return hash !== undefined && verifyPassword(password, hash);
}
