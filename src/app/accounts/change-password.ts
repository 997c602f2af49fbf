import { sourceOf } from '../../auth/attempt-limits.ts';
import { hashPassword, verifyPassword } from '../../auth/passwords.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { User, UserWithPassword } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { isOfLdap, userByLdap } from '../directory/ldap-sign-in.ts';
import { userNotice } from '../notices/new-notice.ts';
import { requireGoodPassword } from './password-policy.ts';

/**
 * Changes the password of a signed-in user and ends all of the user's tokens, access tokens too.
 * Wrong old passwords count as failed logins, since they are guesses too.
 * @throws ChitError `invalid_fields`, `throttled`, `directory_password` if a directory checks it
 */
export async function changePassword(
  context: Context,
  user: User,
  request: {
    readonly oldPassword: string;
    readonly newPassword: string;
    /** Whether the user's API keys end as well. */
    readonly endsApiKeys: boolean;
    readonly address: string;
  },
): Promise<void> {
  const { oldPassword, newPassword, endsApiKeys, address } = request;
  const { username } = user;
  if (await isOfLdap(context, user)) throw new ChitError('directory_password', undefined);
  const chosen = { password: newPassword, username, field: 'new_password' };
  await requireGoodPassword(context, chosen);
  const checked = await confirmPassword(context, user, {
    password: oldPassword,
    field: 'old_password',
    address,
  });
  const isChanged = await context.users.changePassword(
    {
      id: user.id,
      passwordHash: await hashPassword(newPassword, sourceOf(address)),
      fromVersion: checked.passwordVersion,
      endsApiKeys,
      entry: undefined,
      notices: [userNotice('password.new', user.id, { by: 'you', address })],
    },
    context.now,
  );
  // Somebody else has changed it meanwhile: the old password is not the current one any more.
  if (!isChanged) throw wrongPassword('old_password');
}

/**
 * Checks that whoever asks for something grave knows the password. Wrong ones count as failed
 * logins.
 * @param given `field` is named if it is wrong; `isSignedIn`, true by default: whether it is
 *   somebody who is signed in already
 * @throws ChitError `invalid_fields`, `throttled`, `overloaded`
 */
export async function confirmPassword(
  context: Context,
  user: Pick<User, 'id' | 'username'>,
  given: {
    readonly password: string;
    readonly field: string;
    readonly address: string;
    readonly isSignedIn?: boolean;
  },
): Promise<UserWithPassword> {
  const { password, field, address, isSignedIn = true } = given;
  const checked = await context.loginLimit.attempt(
    { username: user.username, address, isSignedIn },
    async (source) => {
      const stored = await context.users.withPassword(user.id);
      if (stored && (await isOfLdap(context, stored))) {
        const subject = await context.ldapUsers.subjectOf(user.id);
        // By the entry, since the directory may know the user by another name now.
        const who = subject === undefined ? { username: user.username } : { subject };
        const byLdap = await userByLdap(context, { who, password }, source);
        return byLdap?.id === user.id ? byLdap : undefined;
      }
      const isRight = stored && (await verifyPassword(password, stored.passwordHash, source));
      return isRight ? stored : undefined;
    },
  );
  if (!checked) throw wrongPassword(field);
  return checked;
}

function wrongPassword(field: string) {
  return invalidField(field, 'This is not your current password.', { code: 'wrong_password' });
}
