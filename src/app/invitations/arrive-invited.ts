/** Invitations of people who come by a provider or a directory, which vouches for who they are. */
import type { AuditedFacts } from '../../core/audit-log.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import { emailKey } from '../../store/accounts/emails.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { noteAccepted } from './finish-invitations.ts';
import { openInvited } from './open-invited.ts';

/** What a provider or a directory says of somebody, as far as it counts for invitations. */
export interface Arrival {
  /** An address that is known to be the person's: an invitation for it is theirs. */
  readonly email: string | undefined;
  /** The name by which the directory knows them: an invitation that keeps it is theirs. */
  readonly username?: string | undefined;
  /** Any address that is said to be theirs: with another one, a name alone says nothing. */
  readonly saidEmail?: string | undefined;
  /** The invitation that they came with; then no other one counts. */
  readonly invitation?: CarriedInvitation | undefined;
}

/** An invitation with whose code or mailed link somebody has left for a provider. */
export interface CarriedInvitation {
  readonly id: string;
  readonly cameBy: 'code' | 'mail';
}

/**
 * Opens the account of somebody who was invited, with all that the invitation gives. However often
 * they come at once, on however many servers, and also by the code at the same time, that is given
 * once.
 * @param wanted `opening`: the same whenever this person comes, and for nobody else; `usernames`:
 *   tried in this order after the name that the invitation has
 * @returns the id of the account; undefined if there is no invitation for them, or somebody has
 *   just come by it with its code
 * @throws ChitError `invitation_used` if the one that they came with is not open any more
 */
export async function openByInvitation(
  context: Context,
  principal: Principal,
  arrival: Arrival,
  wanted: {
    readonly opening: string;
    readonly passwordHash: string;
    readonly usernames: readonly string[];
    readonly facts?: AuditedFacts;
  },
): Promise<number | undefined> {
  const { opening, usernames } = wanted;
  const opened = await context.invitationClaims.openedFor(opening);
  if (opened !== undefined) return opened;
  const invitation = await invitationOf(context, arrival);
  if (!invitation) return lost(context, arrival, opening);
  const userId = await context.invitationClaims.claim(invitation.id, {
    userId: newUserId(),
    cameBy: arrival.invitation?.cameBy,
    opening,
    atMs: context.now(),
  });
  if (userId === undefined) return lost(context, arrival, opening);
  const names = [...(invitation.username === undefined ? [] : [invitation.username]), ...usernames];
  for (const username of names) {
    try {
      const account = { ...wanted, invitation, userId, username };
      await noteAccepted(context, invitation, await openInvited(context, principal, account));
      return userId;
    } catch (error) {
      // The same person has just opened it, perhaps with another of the names.
      if (hasCode(error, 'idempotency_key_reused')) return lost(context, arrival, opening);
      if (!hasCode(error, 'username_taken') && !hasCode(error, 'invalid_fields')) throw error;
    }
  }
  await context.invitationClaims.release(invitation.id, userId);
  return undefined;
}

/** Whether there is an invitation for somebody, or they came with one. */
export async function isInvited(context: Context, arrival: Arrival): Promise<boolean> {
  return arrival.invitation !== undefined || (await invitationOf(context, arrival)) !== undefined;
}

/** @returns the account, if it was this person who was faster */
async function lost(
  { invitationClaims }: Context,
  arrival: Arrival,
  opening: string,
): Promise<number | undefined> {
  const opened = await invitationClaims.openedFor(opening);
  if (opened === undefined && arrival.invitation) throw new ChitError('invitation_used', undefined);
  return opened;
}

/**
 * Takes the invitation of somebody who has an account already, which gets its groups and its plan,
 * and what its tokens are above the opening balance that the account has had.
 */
export async function takeInvitation(
  context: Context,
  principal: Principal,
  userId: number,
  arrival: Arrival,
): Promise<void> {
  const invitation = await invitationOf(context, arrival);
  if (!invitation) return;
  const taken = await context.invitationClaims.claim(invitation.id, {
    userId,
    cameBy: arrival.invitation?.cameBy,
    grantId: newId(),
    atMs: context.now(),
    entry: auditEntry(principal, {
      action: 'invitation.accept',
      target: `invitation:${invitation.id}`,
      after: { user: userId },
    }),
  });
  if (taken === undefined) return;
  const present = await context.invitationClaims.byId(invitation.id);
  if (present) await noteAccepted(context, present, userId);
}

/** The invitation that is theirs, if somebody can still come by it. */
async function invitationOf(context: Context, arrival: Arrival): Promise<Invitation | undefined> {
  const { email, username, saidEmail = email, invitation: carried } = arrival;
  const atMs = context.now();
  if (carried) return context.invitationClaims.openById(carried.id, atMs);
  const byEmail =
    email === undefined ? undefined : await context.invitationClaims.openForEmail(email, atMs);
  if (byEmail || username === undefined) return byEmail;
  const [kept] = (await context.usernameClaims.keptAmong([username])).values();
  // Directories do not tell names apart by case; what only looks alike is another name.
  if (kept?.username.toLowerCase() !== username.toLowerCase()) return undefined;
  const byName = await context.invitationClaims.openById(kept.invitationId, atMs);
  const isOfOther =
    byName?.email !== undefined &&
    saidEmail !== undefined &&
    emailKey(byName.email) !== emailKey(saidEmail);
  return isOfOther ? undefined : byName;
}
