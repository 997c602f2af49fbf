import { addressGroup } from '../../auth/address-group.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import { hashOf } from '../accounts/api-keys.ts';
import { opensAccount } from '../accounts/opens-account.ts';
import { ownWaysOf } from '../accounts/sign-in/own-ways.ts';
import type { Context } from '../context.ts';
import { isOfLdap } from '../directory/ldap-sign-in.ts';
import { newToken, requireMail } from './email-address.ts';
import { mailLanguage } from './mail/write-mail.ts';
import { countMail } from './mail-limits.ts';
import { userNotice } from './new-notice.ts';

const LINK_MS = 3_600_000;
/** A class may sit behind one address. */
const PER_ADDRESS = 60;
const PER_USER = 3;

export interface Forgotten {
  /** A username, or an address for mail. */
  readonly name: string;
  readonly address: string;
  /** The header `Accept-Language`, for users who have chosen none. */
  readonly languages: string | undefined;
}

/**
 * Mails a link with which a forgotten password is replaced, if there is such a user with an address
 * that was confirmed. Whoever asks is not told whether there is, by the answer or by how long it
 * takes: what depends on it happens afterwards.
 * @returns what is done afterwards; it throws nothing that the asker may know
 * @throws ChitError `mail_off`, `password_login_off`, `throttled` by the address of whoever asks
 */
export async function forgotPassword(
  context: Context,
  forgotten: Forgotten,
): Promise<() => Promise<void>> {
  requireMail(context);
  if (!context.policy.isPasswordLoginOn) throw new ChitError('password_login_off', undefined);
  const from = addressGroup(forgotten.address);
  await countMail(context, [{ key: `forgotten:address:${from}`, most: PER_ADDRESS }]);
  return () => sendLink(context, forgotten);
}

async function sendLink(context: Context, { name, address, languages }: Forgotten): Promise<void> {
  const user = await userCalled(context, name.trim());
  if (!user?.isActive) return;
  const email = await context.emails.of(user.id);
  if (!email || !(await opensAccount(context, user))) return;
  // Who comes by a provider has no password to forget.
  const { hasPassword, providers } = await ownWaysOf(context, user.id);
  if (!hasPassword && providers.length > 0) return;
  // A directory would go on to check its own.
  if (await isOfLdap(context, user)) return;
  try {
    await countMail(context, [{ key: `forgotten:user:${user.id}`, most: PER_USER }]);
  } catch (error) {
    if (hasCode(error, 'throttled')) return;
    throw error;
  }
  const token = newToken();
  const atMs = context.now();
  const expiresAtMs = atMs + LINK_MS;
  const { language } = await context.mailSettings.of(user.id);
  const notice = userNotice(
    'password.forgotten',
    user.id,
    { until_ms: expiresAtMs, address },
    {
      mailTo: {
        email: email.email,
        language: mailLanguage(language ?? languages),
        sealedPath: context.outboxSeal.seal(`/reset#${token}`),
      },
    },
  );
  const madeBy = `user:${user.id}` as const;
  const link = { tokenHash: hashOf(token), expiresAtMs, madeBy, madeAtMs: atMs };
  await context.oneTimeLinks.replaceForOwner(link, user.id, [notice]);
}

async function userCalled(context: Context, name: string): Promise<User | undefined> {
  const owner = name.includes('@') ? await context.emails.ownerOf(name) : undefined;
  return owner === undefined ? context.users.byUsername(name) : context.users.byId(owner);
}
