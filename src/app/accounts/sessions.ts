/** Where a user is signed in: every valid refresh token is a session. */
import { ChitError } from '../../core/errors.ts';
import { type Page, pageOf, rowsForPage } from '../../core/page.ts';
import type { RefreshTokenRecord, SessionCursor } from '../../store/accounts/refresh-tokens.ts';
import type { Context } from '../context.ts';

/** A page of a user's sessions, newest first. */
export async function listSessions(
  context: Context,
  userId: number,
  { after, limit }: { readonly after?: SessionCursor | undefined; readonly limit: number },
): Promise<Page<RefreshTokenRecord>> {
  const page = { after, limit: rowsForPage(limit) };
  return pageOf(await context.refreshTokens.validOf(userId, context.now(), page), limit);
}

/** @throws ChitError `session_not_found` */
export async function endSession(context: Context, userId: number, id: string): Promise<void> {
  const isEnded = await context.refreshTokens.revokeOf(userId, id, context.now());
  if (!isEnded) throw new ChitError('session_not_found', undefined);
}
