import { hashPassword, verifyPassword } from '../../auth/passwords.ts';
import { invalidField } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { requireLongEnough } from './password-policy.ts';

/**
 * Changes the password of a signed-in user and revokes all of the user's refresh tokens. Wrong old
 * passwords count as failed logins, since they are guesses too.
 * @throws ChitError `invalid_fields`, `throttled`
 */
export async function changePassword(
  context: Context,
  user: User,
  request: {
    readonly oldPassword: string;
    readonly newPassword: string;
    readonly address: string;
  },
): Promise<void> {
  const { oldPassword, newPassword, address } = request;
  requireLongEnough(context.policy, { new_password: newPassword });
  const isRight = await context.loginLimit.attempt(
    { username: user.username, address },
    async () => {
      const hash = await context.users.passwordHashOf(user.id);
      return (hash && (await verifyPassword(oldPassword, hash))) || undefined;
    },
  );
  if (!isRight) {
    const message = 'This is not your current password.';
    throw invalidField('old_password', message, { code: 'wrong_password' });
  }
  await context.users.changePassword(user.id, await hashPassword(newPassword), context.now());
}
