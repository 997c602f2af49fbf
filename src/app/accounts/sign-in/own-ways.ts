/** By which of the ways that need no second factor a user signs in. */
import { isUsable } from '../../../auth/passwords.ts';
import type { Context } from '../../context.ts';
import { providers } from './providers.ts';

/** How somebody can sign in. */
export interface OwnWays {
  /** False for who has only ever come by a provider. */
  readonly hasPassword: boolean;
  /** The names of the providers by which they have come, as far as `chit.json` still has them. */
  readonly providers: readonly string[];
}

/** How a user can sign in. */
export async function ownWaysOf(context: Context, userId: number): Promise<OwnWays> {
  const user = await context.users.withPassword(userId);
  const known = providers(context).map(({ name }) => name);
  const used = known.length === 0 ? [] : await context.identities.of(userId);
  return {
    hasPassword: user !== undefined && isUsable(user.passwordHash),
    providers: known.filter((name) => used.some(({ provider }) => provider === name)),
  };
}

/** What a user without a second factor can be asked for as a proof. */
export async function firstFactorsOf(
  context: Context,
  userId: number,
): Promise<('password' | 'provider')[]> {
  const { hasPassword, providers: names } = await ownWaysOf(context, userId);
  const byProvider = names.length > 0 ? (['provider'] as const) : [];
  return hasPassword || names.length === 0 ? ['password', ...byProvider] : [...byProvider];
}
