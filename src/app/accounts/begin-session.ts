/** The one place where a session begins, by whatever way the user has proved who they are. */
import type { ProofKind } from '../../core/proofs.ts';
import { parseUserAgent } from '../../core/user-agent.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { issueAccess } from './issue-tokens.ts';

/** Who signs in, and with what. */
export interface SignIn {
  /** As it was when the proof was checked. */
  readonly user: Pick<User, 'id' | 'passwordVersion'>;
  /** The header of that name. */
  readonly userAgent: string | undefined;
  /** Whether it is a session of the page, which lasts anew whenever it is used. */
  readonly isSession: boolean;
  /** How the user has proved who they are; by default with a password. */
  readonly provedBy?: ProofKind | undefined;
}

/**
 * Begins a session.
 * @returns undefined if the user's password was changed, or the user disabled or deleted, since
 *   the proof was checked
 */
export async function beginSession(
  context: Context,
  { user, userAgent, isSession, provedBy = 'password' }: SignIn,
): Promise<{ refresh: string; access: string } | undefined> {
  const atMs = context.now();
  const { tokens } = context;
  const expiresAtMs = atMs + tokens.lifetimeMs[isSession ? 'session' : 'refresh'];
  const refresh = tokens.issue('refresh', user.id, atMs, { expiresAtMs });
  const proof = { atMs, by: provedBy };
  const session = { generation: 0, userId: user.id, isExtended: isSession, proof };
  const record = { ...refresh, ...session, ...parseUserAgent(userAgent) };
  // Compares the version of the password that was checked, with the user's row locked.
  const locked = await context.refreshTokens.add(record, user.passwordVersion);
  if (!locked) return undefined;
  const access = issueAccess(context, { ...locked, id: user.id }, { id: refresh.jti, proof }, atMs);
  return { refresh: refresh.token, access: access.token };
}
