import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { requireMail } from './email-address.ts';
import { testMail } from './mail/write-mail.ts';

/** A mail that the server has taken. */
export interface TestedMail {
  readonly email: string;
  /** What the server answered. */
  readonly answer: string;
}

/**
 * Sends a mail to the member of staff who asks, at once, and says what came of it.
 * @throws ChitError `mail_off`, `email_missing`, `mail_failed`
 */
export async function sendTestMail(context: Context, principal: Principal): Promise<TestedMail> {
  requireMail(context);
  const userId = principal.user?.id ?? 0;
  const email = await context.emails.of(userId);
  if (email?.verifiedAtMs === undefined) throw new ChitError('email_missing', undefined);
  const { language } = await context.mailSettings.of(userId);
  const to = { email: email.email, language };
  return testMailTo(context, principal, { ...to, target: `user:${userId}` });
}

/**
 * Sends a mail to any address, at once.
 * @param to with what it is about, for the audit log
 * @throws ChitError `mail_off`, `mail_failed`
 */
export async function testMailTo(
  context: Context,
  principal: Principal,
  to: {
    readonly email: string;
    readonly language: string | undefined;
    readonly target: string;
  },
): Promise<TestedMail> {
  const { mailer, publicUrl } = requireMail(context);
  const { email, language, target } = to;
  const mail = testMail(
    { address: email, id: newId(), language },
    { publicUrl, siteName: context.look.ownName },
  );
  const result = await mailer.send(mail);
  if (result.outcome !== 'sent') {
    const { reason, problem } = result;
    throw new ChitError('mail_failed', { reason, problem });
  }
  await context.auditLog.add(auditEntry(principal, { action: 'mail.test', target }));
  return { email, answer: result.answer };
}
