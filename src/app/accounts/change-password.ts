import { sourceOf } from '../../auth/attempt-limits.ts';
import { hashPassword, verifyPassword } from '../../auth/passwords.ts';
import { invalidField } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { requireLongEnough } from './password-policy.ts';

/**
 * Changes the password of a signed-in user and ends all of the user's tokens, access tokens too.
 * Wrong old passwords count as failed logins, since they are guesses too.
 * @throws ChitError `invalid_fields`, `throttled`
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
  requireLongEnough(context.policy, { new_password: newPassword });
  const checked = await context.loginLimit.attempt(
    { username: user.username, address, isSignedIn: true },
    async (source) => {
      const stored = await context.users.withPassword(user.id);
      const isRight = stored && (await verifyPassword(oldPassword, stored.passwordHash, source));
      return isRight ? stored : undefined;
    },
  );
  if (!checked) throw wrongPassword();
  const isChanged = await context.users.changePassword(
    {
      id: user.id,
      passwordHash: await hashPassword(newPassword, sourceOf(address)),
      fromVersion: checked.passwordVersion,
      endsApiKeys,
      entry: undefined,
    },
    context.now,
  );
  // Somebody else has changed it meanwhile: the old password is not the current one any more.
  if (!isChanged) throw wrongPassword();
}

function wrongPassword() {
  const message = 'This is not your current password.';
  return invalidField('old_password', message, { code: 'wrong_password' });
}
