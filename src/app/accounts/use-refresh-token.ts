import { userIdOf } from '../../auth/tokens.ts';
import { ChitError } from '../../core/errors.ts';
import type { RefreshTokenRecord } from '../../store/accounts/refresh-tokens.ts';
import type { Context } from '../context.ts';

const INVALID = 'Token is invalid or expired';

/**
 * Issues a new access token for a refresh token.
 * @throws ChitError `token_invalid`
 */
export async function refreshAccess(context: Context, token: string): Promise<{ access: string }> {
  const { userId } = await readRefreshToken(context, token);
  return { access: context.tokens.issue('access', userId, context.now()).token };
}

/**
 * Revokes a refresh token.
 * @throws ChitError `token_invalid`
 */
export async function blacklistToken(context: Context, token: string): Promise<void> {
  const record = await readRefreshToken(context, token);
  await context.refreshTokens.revoke(record, context.now());
}

/**
 * Verifies a token of either type like Simple JWT's verify: signature, times and, for a refresh
 * token, whether it was revoked.
 * @throws ChitError `token_invalid`
 */
export async function verifyToken(context: Context, token: string): Promise<void> {
  const read = context.tokens.read(token, 'any');
  if (!read.ok) throw invalid(read.message);
  if (read.claims.token_type === 'refresh') await readRefreshToken(context, token);
}

/** The record of a valid refresh token. */
export async function readRefreshToken(
  context: Context,
  token: string,
): Promise<RefreshTokenRecord> {
  const read = context.tokens.read(token, 'refresh');
  if (!read.ok) throw invalid(read.message);
  const userId = userIdOf(read.claims);
  const { jti, iat } = read.claims;
  if (userId === undefined || typeof jti !== 'string') throw invalid(INVALID);

  const state = await context.refreshTokens.stateOf(jti);
  if (state === 'revoked') throw invalid('Token is blacklisted');
  const user = await context.users.byId(userId);
  if (!user?.isActive) throw invalid('No active account found for the given token.');
  const issuedAtMs = typeof iat === 'number' ? Math.floor(iat * 1000) : 0;
  if (!Number.isSafeInteger(issuedAtMs)) throw invalid(INVALID);
  // A token issued elsewhere has no row to revoke, so a password change revokes it by its time.
  if (state === 'unknown' && issuedAtMs <= user.refreshCutoffAtMs) {
    throw invalid('Token is blacklisted');
  }
  return { jti, userId, issuedAtMs, expiresAtMs: read.expiresAtMs };
}

function invalid(message: string): ChitError<'token_invalid'> {
  return new ChitError('token_invalid', { message });
}
