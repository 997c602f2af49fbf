import { unusableHash } from '../../auth/passwords.ts';
import { openAccount } from '../accounts/register-user.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';

/**
 * Opens an account for somebody whom a directory vouches for, with the usual opening balance and
 * without a password that anybody could use.
 * @returns its id
 * @throws ChitError `username_taken`, `invalid_fields` for a name that no account can have
 */
export async function openWithoutPassword(
  context: Context,
  principal: Principal,
  username: string,
): Promise<number> {
  const openingCredits = context.policy.signupCredits;
  const account = { username, password: '', openingCredits, isStaff: false, isSuperuser: false };
  const { userId } = await openAccount(context, account, {
    passwordHash: unusableHash(),
    audit: (id) =>
      auditEntry(principal, {
        action: 'user.create',
        target: `user:${id}`,
        after: { is_staff: false, is_superuser: false, tokens: openingCredits },
      }),
  });
  return userId;
}
