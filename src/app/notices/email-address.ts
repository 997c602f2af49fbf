/** The address for mail of a user: given, confirmed by a link, changed and removed. */
import { randomBytes } from 'node:crypto';
import { ChitError, invalidField } from '../../core/errors.ts';
import { isMailAddress } from '../../core/mail.ts';
import type { MailTo } from '../../core/notices.ts';
import { emailKey, type TellEarlier } from '../../store/accounts/emails.ts';
import { hashOf } from '../accounts/api-keys.ts';
import type { Context, OutgoingMail } from '../context.ts';
import { mailLanguage } from './mail/write-mail.ts';
import { countMail } from './mail-limits.ts';
import { userNotice } from './new-notice.ts';

const LINK_MS = 24 * 3_600_000;
const TOKEN_BYTES = 32;

/**
 * Sends a link to an address, with which whoever has it confirms that it is the user's. Until then
 * an earlier address stays in use.
 * @throws ChitError `mail_off`, `invalid_fields`, `throttled`
 */
export async function giveAddress(
  context: Context,
  userId: number,
  given: { readonly email: string; readonly language: string | undefined },
): Promise<void> {
  requireMail(context);
  const email = given.email.trim();
  if (!isMailAddress(email)) {
    const message = 'This is not an address for mail, such as anna@example.org.';
    throw invalidField('email', message, { code: 'invalid' });
  }
  await countMail(context, [
    { key: `mail:user:${userId}`, most: 5 },
    { key: `mail:to:${hashOf(emailKey(email))}`, most: 5 },
  ]);
  const token = newToken();
  const atMs = context.now();
  const expiresAtMs = atMs + LINK_MS;
  const language = mailLanguage(given.language);
  const sealedPath = context.outboxSeal.seal(`/confirm#${token}`);
  const mailTo: MailTo = { email, language, sealedPath };
  const notice = userNotice('email.verify', userId, { until_ms: expiresAtMs }, { mailTo });
  const link = { userId, email, tokenHash: hashOf(token), expiresAtMs, language };
  await context.mailSettings.addLink(link, [notice], atMs);
}

/**
 * Confirms an address with the token of its link. Only its user can: a link alone shows that
 * somebody, or a program that looks into mail, reads what is sent to the address, but not that it
 * is the address of whoever has the account.
 * @throws ChitError `link_invalid`, `email_taken`, `link_of_another` if another user gave the
 *   address
 */
export async function confirmAddress(
  context: Context,
  userId: number,
  token: string,
): Promise<{ readonly email: string }> {
  const confirmed = await context.mailSettings.confirm(
    { tokenHash: hashOf(token), userId },
    (email) => tellEarlier(userId, email),
    context.now(),
  );
  if (confirmed === 'of_another') throw new ChitError('link_of_another', undefined);
  if (confirmed === 'link_invalid') throw new ChitError('link_invalid', undefined);
  if (confirmed === 'taken') throw new ChitError('email_taken', undefined);
  return confirmed;
}

/** Removes the address of a user; it is told so. */
export async function removeAddress(context: Context, userId: number): Promise<void> {
  await context.mailSettings.remove(userId, tellEarlier(userId, null));
}

/** @throws ChitError `mail_off` */
export function requireMail({ mail }: Context): OutgoingMail {
  if (!mail) throw new ChitError('mail_off', undefined);
  return mail;
}

/** A token for a link: nobody guesses it, and only its hash is stored. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/**
 * The address before is told, in the language that its user has chosen.
 * @param email the one in its place; null if there is none
 */
export function tellEarlier(userId: number, email: string | null): TellEarlier {
  return (earlier) =>
    userNotice('email.changed', userId, { email }, { mailTo: mailToEarlier(earlier) });
}

function mailToEarlier(email: string): MailTo {
  return { email, language: undefined, sealedPath: undefined };
}
