import type { IssuedToken } from '../../auth/tokens.ts';
import type { Proof } from '../../core/proofs.ts';
import type { LockedUser } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';

/**
 * Issues an access token. Its time has a resolution of one second, so shortly after all tokens of
 * the user were ended it gets the next second, which is not ended.
 * @param user as read while the row was locked
 * @param session the one that it is of, and the last proof of its user
 * @param atMs a time before the row was locked: whatever ends tokens after that ends this one
 */
export function issueAccess(
  { tokens }: Context,
  user: LockedUser & { readonly id: number },
  session: { readonly id: string | undefined; readonly proof: Proof | undefined },
  atMs: number,
): IssuedToken {
  const isEnded = Math.floor(atMs / 1000) * 1000 <= user.accessCutoffAtMs;
  const issuedAtMs = isEnded ? user.accessCutoffAtMs + 1000 : atMs;
  const { id, proof } = session;
  return tokens.issue('access', user.id, issuedAtMs, { session: id, proof });
}

/** The `jti` of a session's token: the first is the session's name, later ones count on. */
export function jtiOf(session: string, generation: number): string {
  return generation === 0 ? session : `${session}.${generation}`;
}

/** The session and the generation in a `jti`. */
export function sessionIn(jti: string): { readonly session: string; readonly generation: number } {
  const [, session, generation] = /^(.+)\.([1-9]\d{0,8})$/.exec(jti) ?? [];
  return { session: session ?? jti, generation: Number(generation ?? 0) };
}
