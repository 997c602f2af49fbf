import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { requireMail } from './email-address.ts';
import { testMail } from './mail/write-mail.ts';

/**
 * Sends a mail to the member of staff who asks, at once, and says what came of it.
 * @throws ChitError `mail_off`, `email_missing`, `mail_failed`
 */
export async function sendTestMail(context: Context, principal: Principal): Promise<string> {
  const { mailer, publicUrl } = requireMail(context);
  const userId = principal.user?.id ?? 0;
  const email = await context.emails.of(userId);
  if (email?.verifiedAtMs === undefined) throw new ChitError('email_missing', undefined);
  const { language } = await context.mailSettings.of(userId);
  const mail = testMail(
    { address: email.email, id: newId(), language },
    {
      publicUrl,
      siteName: context.look.ownName,
    },
  );
  const result = await mailer.send(mail);
  if (result.outcome !== 'sent') throw new ChitError('mail_failed', { reason: result.reason });
  await context.auditLog.add(
    auditEntry(principal, { action: 'mail.test', target: `user:${userId}` }),
  );
  return email.email;
}
