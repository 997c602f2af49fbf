import { isUsable } from '../../auth/passwords.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';

/**
 * Whether whoever reads what is mailed to the address of a user gets into the account. Of staff it
 * has to be one that they confirmed themselves. Of others it may be one that a directory or
 * provider gave, as long as nobody has chosen a password, or that came with the account: whoever
 * can write into a directory must not get into an account that was somebody's before.
 */
export async function opensAccount(
  context: Context,
  { id, isStaff }: Pick<User, 'id' | 'isStaff'>,
): Promise<boolean> {
  const email = await context.emails.of(id);
  if (email?.verifiedAtMs === undefined) return false;
  if (isStaff || email.confirmedBy === 'user') return email.confirmedBy === 'user';
  if (email.confirmedBy === 'opening') return true;
  const user = await context.users.withPassword(id);
  return user !== undefined && !isUsable(user.passwordHash);
}
