import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, invalidField } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import type { Principal } from '../principal.ts';
import { confirmPassword } from './change-password.ts';
import { deleteUser } from './manage-users.ts';
import { ownWaysOf } from './sign-in/own-ways.ts';

const RETRY_MS = 2_000;
const MAX_RETRIES = 300;

/**
 * Erases the account of a signed-in user, as `deleteUser` does: it is disabled and signed out
 * everywhere at once. If generations on another server do not end in time, it is erased a little
 * later; if this server stops before that, the account stays disabled until staff delete it.
 * @param confirmation the password, and the username as typed
 * @throws ChitError `invalid_fields`, `throttled`, `overloaded`, `last_superuser`
 */
export async function deleteOwnAccount(
  context: Context,
  user: User,
  confirmation: {
    readonly username: string;
    /** undefined from who has none, and has just proved who they are. */
    readonly password: string | undefined;
    readonly address: string;
  },
): Promise<void> {
  const { username, password, address } = confirmation;
  if (username.trim() !== user.username) {
    throw invalidField('username', 'This is not your username.', { code: 'invalid' });
  }
  if (password === undefined) await requireNoPassword(context, user.id);
  else await confirmPassword(context, user, { password, field: 'password', address });
  // Nobody else decides, so the rules about what staff may do to each other do not apply.
  const by: Principal = { actor: `user:${user.id}`, address, user: undefined };
  const erase = () => deleteUser(context, by, user.id, undefined);
  try {
    await erase();
  } catch (error) {
    if (!hasCode(error, 'account_busy')) throw error;
    void eraseLater(erase);
  }
}

async function requireNoPassword(context: Context, userId: number): Promise<void> {
  const { hasPassword } = await ownWaysOf(context, userId);
  if (hasPassword) throw invalidField('password', 'This field is required.', { code: 'required' });
}

async function eraseLater(erase: () => Promise<void>): Promise<void> {
  for (let retry = 0; retry < MAX_RETRIES; retry += 1) {
    await sleep(RETRY_MS, undefined, { ref: false });
    try {
      return await erase();
    } catch (error) {
      // Staff may have been faster, or have enabled it again.
      if (!hasCode(error, 'account_busy')) return;
    }
  }
}
