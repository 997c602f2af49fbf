/** Where a user is signed in: every valid refresh token is a session. */
import { ChitError } from '../../core/errors.ts';
import { type Page, pageOf, rowsForPage } from '../../core/page.ts';
import type { RefreshTokenRecord, SessionCursor } from '../../store/accounts/refresh-tokens.ts';
import type { Context } from '../context.ts';
import { issueAccess } from './issue-tokens.ts';
import type { OwnSession } from './own-session.ts';

/** A page of a user's sessions, newest first. */
export async function listSessions(
  context: Context,
  userId: number,
  { after, limit }: { readonly after?: SessionCursor | undefined; readonly limit: number },
): Promise<Page<RefreshTokenRecord>> {
  const page = { after, limit: rowsForPage(limit) };
  return pageOf(await context.refreshTokens.validOf(userId, context.now(), page), limit);
}

/**
 * Ends a session of a user. Access tokens of the user end within a second, so that other sessions
 * fetch new ones.
 * @throws ChitError `session_not_found`
 */
export async function endSession(context: Context, userId: number, id: string): Promise<void> {
  const isEnded = await context.refreshTokens.revokeOf(userId, { jti: id }, context.now);
  if (!isEnded) throw new ChitError('session_not_found', undefined);
}

/**
 * Ends all sessions of a user but one, and all access tokens.
 * @param own the session that stays; with no id, none does
 * @returns a new access token of that session
 * @throws ChitError `user_inactive` if the user was disabled meanwhile
 */
export async function endOtherSessions(
  context: Context,
  userId: number,
  own: OwnSession,
): Promise<{ access: string }> {
  const user = await context.refreshTokens.revokeOf(userId, { allBut: own.id }, context.now);
  if (!user) throw new ChitError('user_inactive', undefined);
  const { token: access } = issueAccess(context, { ...user, id: userId }, own, context.now());
  return { access };
}
