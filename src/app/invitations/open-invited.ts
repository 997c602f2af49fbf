import type { AuditedFacts } from '../../core/audit-log.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import { openAccount } from '../accounts/register-user.ts';
import type { Context } from '../context.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { auditEntry, type Principal } from '../principal.ts';

/**
 * Opens the account of an invitation that was claimed for it. The ledger opens one account for an
 * invitation, also for somebody who was stopped for long between the claim and this.
 * @param opening `facts`: more for the entry of the account in the audit log
 * @returns the id of the account
 * @throws ChitError `username_taken`, `invalid_fields`; `idempotency_key_reused` if it was opened
 *   before with another name
 */
export async function openInvited(
  context: Context,
  principal: Principal,
  opening: {
    readonly invitation: Invitation;
    readonly userId: number;
    readonly username: string;
    readonly passwordHash: string;
    readonly facts?: AuditedFacts;
  },
): Promise<number> {
  const { invitation, userId, username, passwordHash, facts } = opening;
  const { credits: openingCredits } = invitation;
  const account = { username, password: '', openingCredits, isStaff: false, isSuperuser: false };
  const target = `invitation:${invitation.id}`;
  const { userId: opened } = await openAccount(context, account, {
    passwordHash,
    invitation: { id: invitation.id, userId },
    idempotency: idempotencyOf(target, [invitation.id]),
    audit: () => [
      auditEntry(principal, { action: 'invitation.accept', target, after: { user: userId } }),
      auditEntry(principal, {
        action: 'user.create',
        target: `user:${userId}`,
        after: {
          is_staff: false,
          is_superuser: false,
          tokens: openingCredits,
          invitation: invitation.id,
          invited_by: invitation.invitedBy,
          ...facts,
        },
      }),
    ],
  });
  return opened;
}
