/** Coming by an invitation: an account is opened, once, with all that the invitation gives. */
import { sourceOf } from '../../auth/attempt-limits.ts';
import { hashPassword } from '../../auth/passwords.ts';
import { ChitError, hasCode, invalidField } from '../../core/errors.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import { requireGoodPassword } from '../accounts/password-policy.ts';
import { requireUsername } from '../accounts/username-policy.ts';
import type { Context } from '../context.ts';
import { newUserId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { noteAccepted } from './finish-invitations.ts';
import { openInvited } from './open-invited.ts';

/** An invitation that is open, and what it was found by. */
interface Found {
  readonly invitation: Invitation;
  readonly cameBy: 'code' | 'mail';
}

/**
 * The open invitation of a code that was typed, or of the token of a link.
 * @throws ChitError `invitation_unknown`, `invitation_used`, `invitation_ended`,
 *   `invitation_expired`, `throttled`
 */
export async function findInvitation(
  context: Context,
  { code, address }: { readonly code: string; readonly address: string },
): Promise<Found> {
  const secret = context.invitationCodes.read(code);
  // Not counted as a guess: it cannot be the code of any invitation.
  if (!secret) throw new ChitError('invitation_unknown', undefined);
  const { kind, hash } = secret;
  const look = () => context.invitations.byHash(kind, hash);
  // Nobody guesses the token of a link, so that whoever has one is never kept out.
  const isGuessable = kind === 'code';
  const invitation = isGuessable
    ? await context.invitationLimit.attempt({ address, code: hash }, look)
    : await look();
  if (!invitation) throw new ChitError('invitation_unknown', undefined);
  if (invitation.acceptedAtMs !== undefined) throw new ChitError('invitation_used', undefined);
  if (invitation.endedAtMs !== undefined) throw new ChitError('invitation_ended', undefined);
  if (invitation.expiresAtMs <= context.now()) {
    throw new ChitError('invitation_expired', undefined);
  }
  return { invitation, cameBy: secret.kind };
}

/**
 * Opens the account of somebody who was invited. Of all who try with the same invitation, one gets
 * it. A password is hashed only for who has an invitation that is open.
 * @param request `username` may be left out if the invitation has one
 * @returns the name of the account
 * @throws ChitError what `findInvitation` throws; `invalid_fields`, also for another name than the
 *   invitation has; `username_taken`; `password_login_off` where no password signs in
 */
export async function acceptInvitation(
  context: Context,
  request: {
    readonly code: string;
    readonly username: string | undefined;
    readonly password: string;
    readonly address: string;
  },
): Promise<{ readonly username: string }> {
  const { password, address } = request;
  // Otherwise the account would be there, and nobody could get into it.
  if (!context.policy.isPasswordLoginOn) throw new ChitError('password_login_off', undefined);
  const { invitation, cameBy } = await findInvitation(context, request);
  const username = chosenName(context, invitation, request.username);
  await requireGoodPassword(context, { password, username });
  const passwordHash = await hashPassword(password, sourceOf(address));
  const userId = newUserId();
  const atMs = context.now();
  const claim = { userId, cameBy, atMs };
  if ((await context.invitationClaims.claim(invitation.id, claim)) === undefined) {
    // Says why, if it has ended meanwhile. Otherwise somebody else is about to use it.
    await findInvitation(context, request);
    throw new ChitError('invitation_used', undefined);
  }
  const opened = await open(context, invitation, { userId, username, passwordHash, address });
  // From here on the account is there, whatever happens: what is missing is done in the background.
  await noteAccepted(context, invitation, opened);
  if (opened !== userId) throw new ChitError('invitation_used', undefined);
  return { username };
}

/** @throws ChitError `invalid_fields`, `username_taken` */
function chosenName(context: Context, invitation: Invitation, wanted: string | undefined): string {
  const { username: given } = invitation;
  if (given !== undefined) {
    if (wanted === undefined || wanted === given) return given;
    const message = `This invitation is for the name "${given}".`;
    throw invalidField('username', message, { code: 'not_a_choice', choices: [given] });
  }
  if (wanted === undefined) {
    throw invalidField('username', 'Choose a name.', { code: 'required' });
  }
  requireUsername(wanted);
  // Accounts with these names may use certain models, so only staff give them.
  if (context.allowedUsers.isNamed(wanted)) throw new ChitError('username_taken', undefined);
  return wanted;
}

/** @returns the id of the account that was opened by this invitation, now or before */
async function open(
  context: Context,
  invitation: Invitation,
  wanted: {
    readonly userId: number;
    readonly username: string;
    readonly passwordHash: string;
    readonly address: string;
  },
): Promise<number> {
  const { userId, username, passwordHash, address } = wanted;
  const principal: Principal = { actor: `user:${userId}`, address, user: undefined };
  try {
    return await openInvited(context, principal, { invitation, userId, username, passwordHash });
  } catch (error) {
    if (hasCode(error, 'idempotency_key_reused')) throw new ChitError('invitation_used', undefined);
    const isRefused = hasCode(error, 'username_taken') || hasCode(error, 'invalid_fields');
    // Where it is not known whether the account was opened, the claim stays until it is.
    if (isRefused) await context.invitationClaims.release(invitation.id, userId);
    throw error;
  }
}
