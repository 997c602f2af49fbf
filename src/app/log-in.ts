import { unmatchableHash, verifyPassword } from '../auth/passwords.ts';
import { ChitError } from '../core/errors.ts';
import type { User } from '../store/users.ts';
import type { Context } from './context.ts';

/** Made once, at the first need: what an unknown name's password is compared with. */
let nobodysHash: Promise<string> | undefined;

/**
 * Exchanges name and password for a pair of tokens. An unknown name takes as long as a wrong
 * password, and both get the same answer.
 * @throws ChitError `invalid_credentials`, `throttled`
 */
export async function logIn(
  context: Context,
  request: { readonly username: string; readonly password: string; readonly address: string },
): Promise<{ refresh: string; access: string }> {
  const { username, password, address } = request;
  const user = await context.loginLimit.attempt({ username, address }, () =>
    userWithPassword(context, username, password),
  );
  if (!user) throw new ChitError('invalid_credentials', undefined);

  const atMs = context.now();
  const refresh = context.tokens.issue('refresh', user.id, atMs);
  await context.refreshTokens.add({ ...refresh, userId: user.id });
  return { refresh: refresh.token, access: context.tokens.issue('access', user.id, atMs).token };
}

async function userWithPassword(
  context: Context,
  username: string,
  password: string,
): Promise<User | undefined> {
  const user = await context.users.byUsername(username);
  nobodysHash ??= unmatchableHash();
  const isRight = await verifyPassword(password, user?.passwordHash ?? (await nobodysHash));
  return isRight && user?.isActive ? user : undefined;
}
