/** Mails invitations: the link in the mail shows that its reader has the address. */
import type { MailLanguage, UserNotice } from '../../core/notices.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import type { Context } from '../context.ts';
import { requireMail } from '../notices/email-address.ts';
import { userNotice } from '../notices/new-notice.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { type SomeInvitations, targetOf, waitingInvitations } from './manage-invitations.ts';

/** What the mail of an invitation says and leads to. */
export type MailedInvitation = Pick<Invitation, 'id' | 'email' | 'username' | 'expiresAtMs'>;

/** The mail of an invitation, to be written in the transaction of the deed. */
export function invitationMail(
  context: Context,
  principal: Principal,
  { id, email, username, expiresAtMs }: MailedInvitation & { readonly email: string },
  language: MailLanguage,
): UserNotice {
  const path = `/invited#${context.invitationCodes.mailTokenOf(id)}`;
  const from = principal.user?.username ?? null;
  return userNotice(
    'invitation',
    undefined,
    { username: username ?? null, from, until_ms: expiresAtMs },
    { mailTo: { email, language, sealedPath: context.outboxSeal.seal(path) } },
  );
}

/**
 * Mails invitations that are open to those who have an address.
 * @returns how many mails will be sent
 * @throws ChitError `mail_off`, `invitation_not_found` if none is open
 */
export async function sendInvitations(
  context: Context,
  principal: Principal,
  { some, language }: { readonly some: SomeInvitations; readonly language: MailLanguage },
): Promise<number> {
  requireMail(context);
  const found = await waitingInvitations(context, { ...some, state: 'open' });
  const mailed = found.filter((it) => it.email !== undefined);
  if (mailed.length === 0) return 0;
  return context.invitations.send(mailed, {
    mailOf: (it) => invitationMail(context, principal, { ...it, email: it.email ?? '' }, language),
    entryOf: (sent) =>
      auditEntry(principal, {
        action: 'invitation.send',
        target: targetOf(mailed),
        after: { people: sent },
      }),
  });
}
