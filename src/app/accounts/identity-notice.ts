/** Tells users that somebody elsewhere gets into their account, or manages it. */
import {
  MAIL_LANGUAGES,
  type MailLanguage,
  type Notice,
  type UserNotices,
} from '../../core/notices.ts';
import type { SignInProvider } from '../../core/sign-in-provider.ts';
import type { Context } from '../context.ts';
import { userNotice } from '../notices/new-notice.ts';

/**
 * The notice for the user of an account that was there before an identity is tied to it. Its mail
 * is for the address as it is now: what is tied may bring another one.
 */
export async function identityNotice(
  context: Context,
  userId: number,
  data: UserNotices['identity.new'],
): Promise<Notice> {
  const before = await context.emails.of(userId);
  const email = before?.verifiedAtMs === undefined ? undefined : before.email;
  const mailTo =
    email === undefined ? undefined : { email, language: undefined, sealedPath: undefined };
  return userNotice('identity.new', userId, data, { mailTo });
}

/** What a provider is called on its button, in each language of notices. */
export function namesOfProvider({
  name,
  button = {},
}: Pick<SignInProvider, 'name' | 'button'>): Record<MailLanguage, string> {
  const called = (language: MailLanguage) => button[language] ?? button[''] ?? button.en ?? name;
  return Object.fromEntries(MAIL_LANGUAGES.map((it) => [it, called(it)])) as Record<
    MailLanguage,
    string
  >;
}
