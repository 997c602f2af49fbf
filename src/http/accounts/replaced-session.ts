import type { FastifyRequest } from 'fastify';
import { blacklistToken } from '../../app/accounts/use-refresh-token.ts';
import type { Context } from '../../app/context.ts';
import { hasCode } from '../../core/errors.ts';
import { tokenInCookie } from './session-cookie.ts';

/**
 * Ends the session that a browser had, when another one begins in it: its cookie is replaced, so
 * that nobody should have the token any more (OWASP ASVS 5.0, 7.2.4). On the way back from another
 * site browsers do not send the cookie, so that such a session ends by itself later.
 */
export async function endReplacedSession(context: Context, request: FastifyRequest): Promise<void> {
  await blacklistToken(context, tokenInCookie(request)).catch(ignoreInvalid);
}

/** A token that is no longer valid has no session to end. */
export function ignoreInvalid(error: unknown): void {
  if (!hasCode(error, 'token_invalid')) throw error;
}
