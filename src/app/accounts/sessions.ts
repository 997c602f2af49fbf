/** Where a user is signed in: every valid refresh token is a session. */
import { ChitError } from '../../core/errors.ts';
import type { RefreshTokenRecord } from '../../store/accounts/refresh-tokens.ts';
import type { Context } from '../context.ts';

/** A user's sessions, newest first. */
export function listSessions(context: Context, userId: number): Promise<RefreshTokenRecord[]> {
  return context.refreshTokens.validOf(userId, context.now());
}

/** @throws ChitError `session_not_found` */
export async function endSession(context: Context, userId: number, id: string): Promise<void> {
  const session = (await listSessions(context, userId)).find(({ jti }) => jti === id);
  if (!session) throw new ChitError('session_not_found', undefined);
  await context.refreshTokens.revoke(session, context.now());
}
