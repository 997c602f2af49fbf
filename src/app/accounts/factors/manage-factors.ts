/** Adding and removing second factors. All of it needs a fresh proof, which routes ask for. */
import { sourceOf } from '../../../auth/attempt-limits.ts';
import { ChitError } from '../../../core/errors.ts';
import type { UserNotices } from '../../../core/notices.ts';
import { readTotpCode } from '../../../core/recovery-codes.ts';
import type { FactorChange, FactorOutcome } from '../../../store/accounts/factors.ts';
import type { User } from '../../../store/accounts/users.ts';
import type { WaysIn } from '../../../store/accounts/ways-in.ts';
import type { Context } from '../../context.ts';
import { userNotice } from '../../notices/new-notice.ts';
import { auditEntry, type Principal } from '../../principal.ts';
import { requireOtherUser } from '../manage-users.ts';
import { hasWayIn } from '../sign-in/ways-in.ts';
import {
  type NewRecoveryCodes,
  newRecoveryCodes,
  newTotpSecret,
  openSecret,
  sealSecret,
  stepOfCode,
} from './codes.ts';
import { checkNewPasskey, type RegistrationResponseJSON, type RelyingParty } from './passkeys.ts';

export const MAX_PASSKEYS = 20;

/** The user who changes their own factors, and where. */
export interface FactorOwner {
  readonly user: User;
  readonly address: string;
}

type Changed = UserNotices['factor.changed'];

/**
 * Begins adding an authenticator app: nothing is stored before `confirmTotp`.
 * @param issuer what the app calls the site
 * @returns the secret as base 32, the same as the address for a QR code, and a ticket
 */
export async function beginTotp(
  context: Context,
  user: User,
  issuer: string,
): Promise<{ readonly secret: string; readonly uri: string; readonly ticket: string }> {
  const { secret, uri } = await newTotpSecret(issuer, user.username);
  const { id: userId, passwordVersion } = user;
  const extra = sealSecret(context, userId, secret);
  const facts = { userId, passwordVersion, extra };
  return { secret, uri, ticket: context.tickets.make('totp', facts, context.now()) };
}

/**
 * Keeps the authenticator app that shows the right code, in place of an earlier one.
 * @returns recovery codes, which are shown this once, if the user had none
 * @throws ChitError `ticket_invalid`, `code_wrong`, `throttled`, `access_token_invalid`
 */
export async function confirmTotp(
  context: Context,
  owner: FactorOwner,
  given: { readonly ticket: string; readonly code: string },
): Promise<readonly string[] | undefined> {
  const { user, address } = owner;
  const ticket = context.tickets.read('totp', given.ticket, context.now());
  const secret =
    ticket?.userId === user.id ? openSecret(context, user.id, ticket.extra ?? '') : undefined;
  if (!ticket || secret === undefined) throw new ChitError('ticket_invalid', undefined);
  const code = readTotpCode(given.code);
  const giver = { userId: user.id, address, isSignedIn: true };
  const step = await context.factorLimit.attempt(giver, async () =>
    code === undefined ? undefined : stepOfCode(secret, code, context.now()),
  );
  if (step === undefined) throw new ChitError('code_wrong', undefined);
  if (!(await context.factors.spend(ticket))) throw new ChitError('ticket_invalid', undefined);
  const codes = await firstCodes(context, owner);
  const change = changeBy(context, owner, { factor: 'totp', change: 'added', name: null });
  const kept = { sealedSecret: sealSecret(context, user.id, secret), step };
  const { outcome, hasNewCodes } = await context.factors.setTotp(change, kept, codes.stored);
  requireDone(outcome);
  return hasNewCodes ? codes.shown : undefined;
}

/**
 * Adds a passkey.
 * @returns its id, and recovery codes, which are shown this once, if the user had none
 * @throws ChitError `passkey_refused`, `ticket_invalid`, `too_many_passkeys`,
 *   `access_token_invalid`
 */
export async function addPasskey(
  context: Context,
  owner: FactorOwner,
  given: { readonly response: RegistrationResponseJSON; readonly name: string },
  party: RelyingParty,
): Promise<{ readonly id: string; readonly codes: readonly string[] | undefined }> {
  const passkey = await checkNewPasskey(context, owner.user, given, party);
  const codes = await firstCodes(context, owner);
  const { name } = given;
  const change = changeBy(context, owner, { factor: 'passkey', change: 'added', name });
  const more = { firstCodes: codes.stored, most: MAX_PASSKEYS };
  const { outcome, hasNewCodes } = await context.factors.addPasskey(change, passkey, more);
  requireDone(outcome);
  return { id: passkey.id, codes: hasNewCodes ? codes.shown : undefined };
}

/** @throws ChitError `passkey_not_found` */
export async function renamePasskey(
  context: Context,
  userId: number,
  id: string,
  name: string,
): Promise<void> {
  const isRenamed = await context.factors.renamePasskey(userId, id, name);
  if (!isRenamed) throw new ChitError('passkey_not_found', undefined);
}

/**
 * Makes all recovery codes anew; the earlier ones are void.
 * @throws ChitError `passkey_not_found` without a factor, `access_token_invalid`
 */
export async function renewRecoveryCodes(
  context: Context,
  owner: FactorOwner,
): Promise<readonly string[]> {
  const codes = await newRecoveryCodes(sourceOf(owner.address));
  const renewed = { factor: 'recovery_codes', change: 'renewed', name: null } as const;
  const change = changeBy(context, owner, renewed);
  requireDone(await context.factors.setRecoveryCodes(change, codes.stored));
  return codes.shown;
}

/**
 * Removes a factor of one's own.
 * @throws ChitError `passkey_not_found`, `last_factor` if staff must have one, `only_way_in` if the
 *   user could not sign in any more, `access_token_invalid`
 */
export async function removeFactor(
  context: Context,
  owner: FactorOwner,
  which: { readonly passkey: string } | 'totp',
): Promise<void> {
  const { user } = owner;
  const { passkeys } = await context.factors.of(user.id);
  const isTotp = which === 'totp';
  const name = isTotp ? null : (passkeys.find(({ id }) => id === which.passkey)?.name ?? null);
  const removed = { factor: isTotp ? 'totp' : 'passkey', change: 'removed', name } as const;
  const mustKeepOne = user.isStaff && context.policy.staffSecondFactor !== 'optional';
  const change = changeBy(context, owner, removed);
  const suffices = (left: WaysIn) => hasWayIn(context, left);
  requireDone(await context.factors.remove(change, which, { mustKeepOne, suffices }));
}

/**
 * Removes all factors of a user who has lost them, and signs the user out everywhere.
 * @returns false if there are none
 * @throws ChitError `user_unknown`, `permission_denied` for staff unless the principal is a
 *   superuser, `own_account`
 */
export async function resetFactors(
  context: Context,
  principal: Principal,
  id: number,
  reason: string | undefined,
): Promise<boolean> {
  await requireOtherUser(context, principal, id);
  const { totp, passkeys } = await context.factors.of(id);
  const entry = auditEntry(principal, {
    action: 'user.reset_factors',
    target: `user:${id}`,
    reason,
    before: { totp: totp !== undefined, passkeys: passkeys.length },
  });
  const notices = [
    ...(totp ? [noticeOf(id, { factor: 'totp', change: 'removed', name: null })] : []),
    ...passkeys.map(({ name }) => noticeOf(id, { factor: 'passkey', change: 'removed', name })),
  ];
  return context.factors.removeAll(id, { entry, notices }, context.now);
}

function noticeOf(userId: number, changed: Changed) {
  return userNotice('factor.changed', userId, changed);
}

function changeBy(context: Context, owner: FactorOwner, changed: Changed): FactorChange {
  const { user, address } = owner;
  const actor = `user:${user.id}` as const;
  const entry = auditEntry(
    { actor, address, user },
    { action: 'user.factor', target: actor, after: { ...changed } },
  );
  const { id: userId, passwordVersion } = user;
  const notices = [noticeOf(userId, changed)];
  return { userId, passwordVersion, entry, notices, atMs: context.now() };
}

/** Codes for a user who has none; none for others. */
async function firstCodes(context: Context, { user, address }: FactorOwner) {
  const { recoveryCodes } = await context.factors.of(user.id);
  const none: NewRecoveryCodes = { shown: [], stored: [] };
  return recoveryCodes > 0 ? none : newRecoveryCodes(sourceOf(address));
}

function requireDone(outcome: FactorOutcome): void {
  switch (outcome) {
    case 'done':
      return;
    case 'not_found':
      throw new ChitError('passkey_not_found', undefined);
    case 'too_many':
      throw new ChitError('too_many_passkeys', { most: MAX_PASSKEYS });
    case 'last_one':
      throw new ChitError('last_factor', undefined);
    case 'only_way':
      throw new ChitError('only_way_in', undefined);
    case 'known':
      throw new ChitError('passkey_refused', undefined);
    case 'refused':
      throw new ChitError('access_token_invalid', { message: 'Token is invalid or expired' });
  }
}
