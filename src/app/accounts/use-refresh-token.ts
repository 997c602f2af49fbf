import { userIdOf } from '../../auth/tokens.ts';
import { ChitError } from '../../core/errors.ts';
import type { RefreshToken, UsedToken } from '../../store/accounts/refresh-tokens.ts';
import type { Context } from '../context.ts';
import { isStillInLdap } from '../directory/still-in-ldap.ts';
import { auditEntry } from '../principal.ts';
import { issueAccess, jtiOf, sessionIn } from './issue-tokens.ts';

const INVALID = 'Token is invalid or expired';
const REVOKED = 'Token is blacklisted';
const NO_USER = 'No active account found for the given token.';
/** Tabs refresh at once, and a response that got lost is asked for again. */
const ROTATION_GRACE_MS = 30_000;

/** Where a refresh token is used. */
export interface TokenUse {
  readonly address?: string | undefined;
  /** Called when a token was used that had been replaced: somebody has copied it. */
  readonly onReuse?: ((userId: number) => void) | undefined;
}

/**
 * Issues a new access token for a refresh token, which stays as it is: as the original API does.
 * @throws ChitError `token_invalid`
 */
export async function refreshAccess(
  context: Context,
  token: string,
  from: TokenUse = {},
): Promise<{ access: string }> {
  const { access } = await use(context, token, from);
  return { access };
}

/**
 * Issues a new access token and the next refresh token of a session. One of the page lasts anew
 * from now on; any other ends when it would have ended anyway. A token that was replaced before
 * gives its successor for half a minute; after that somebody else has a copy of it, and the session
 * ends.
 * @throws ChitError `token_invalid`
 */
export async function refreshSession(
  context: Context,
  token: string,
  from: TokenUse = {},
): Promise<{ access: string; refresh: string; expiresAtMs: number }> {
  const lastsMs = context.tokens.lifetimeMs.session;
  const { access, record } = await use(context, token, { ...from, lastsMs });
  const { jti, generation, userId, expiresAtMs } = record;
  const next = { jti: jtiOf(jti, generation), expiresAtMs };
  const { token: refresh } = context.tokens.issue('refresh', userId, context.now(), next);
  return { access, refresh, expiresAtMs };
}

async function use(
  context: Context,
  token: string,
  { lastsMs, address, onReuse }: TokenUse & { readonly lastsMs?: number },
): Promise<{ access: string; record: RefreshToken }> {
  // Before the user's row is locked: a change of the password after this ends the access token.
  const atMs = context.now();
  const record = recordIn(context, token);
  const { now } = context;
  const mostMs = context.tokens.mostSessionMs;
  const rotation = { now, graceMs: ROTATION_GRACE_MS, lastsMs, mostMs, address };
  const name = `user:${record.userId}` as const;
  const used = await context.refreshTokens.use(record, rotation, () =>
    auditEntry(
      { actor: name, address, user: undefined },
      { action: 'user.token_reuse', target: name },
    ),
  );
  if (used.state === 'reused') onReuse?.(record.userId);
  const { user, generation, expiresAtMs, proof } = usable(used, record);
  if (!(await isStillInLdap(context, record.userId))) throw invalid(REVOKED);
  const session = { id: used.state === 'valid' ? record.jti : undefined, proof };
  const { token: access } = issueAccess(context, { ...user, id: record.userId }, session, atMs);
  return { access, record: { ...record, generation, expiresAtMs } };
}

function usable(used: UsedToken, { issuedAtMs }: RefreshToken) {
  if (!('user' in used)) throw invalid(used.state === 'no_user' ? NO_USER : REVOKED);
  // A token issued elsewhere has no row to revoke, so a password change revokes it by its time.
  const isCutOff = used.state === 'unknown' && issuedAtMs <= used.user.refreshCutoffAtMs;
  if (isCutOff) throw invalid(REVOKED);
  return used;
}

/**
 * Revokes a refresh token, with all others of its session.
 * @throws ChitError `token_invalid`
 */
export async function blacklistToken(context: Context, token: string): Promise<void> {
  const record = await readRefreshToken(context, token, { isReplacedFine: true });
  await context.refreshTokens.revoke(record, context.now());
}

/**
 * Ends the session of a refresh token, and all access tokens of its user: other sessions fetch new
 * ones.
 * @throws ChitError `token_invalid`
 */
export async function signOut(context: Context, token: string): Promise<void> {
  const { userId, jti } = await readRefreshToken(context, token, { isReplacedFine: true });
  const isEnded = await context.refreshTokens.revokeOf(userId, { jti }, context.now);
  // One of another site has no session here.
  if (!isEnded) await blacklistToken(context, token);
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
  { isReplacedFine = false } = {},
): Promise<RefreshToken> {
  const record = recordIn(context, token);
  const state = await context.refreshTokens.stateOf(record.jti, record.generation);
  const isReplaced = state === 'replaced' && !isReplacedFine;
  if (state === 'revoked' || isReplaced) throw invalid(REVOKED);
  const user = await context.users.byId(record.userId);
  if (!user?.isActive) throw invalid(NO_USER);
  if (state === 'unknown' && record.issuedAtMs <= user.refreshCutoffAtMs) throw invalid(REVOKED);
  return record;
}

/** What a refresh token says, if its signature and times are valid. */
function recordIn(context: Context, token: string): RefreshToken {
  const read = context.tokens.read(token, 'refresh');
  if (!read.ok) throw invalid(read.message);
  const userId = userIdOf(read.claims);
  const { jti, iat } = read.claims;
  if (userId === undefined || typeof jti !== 'string') throw invalid(INVALID);
  const issuedAtMs = typeof iat === 'number' ? Math.floor(iat * 1000) : 0;
  if (!Number.isSafeInteger(issuedAtMs)) throw invalid(INVALID);
  const { session, generation } = sessionIn(jti);
  return { jti: session, generation, userId, issuedAtMs, expiresAtMs: read.expiresAtMs };
}

function invalid(message: string): ChitError<'token_invalid'> {
  return new ChitError('token_invalid', { message });
}
