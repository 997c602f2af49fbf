/** The one place where a session begins, by whatever way the user has proved who they are. */

import { hash } from 'node:crypto';
import { addressGroup } from '../../auth/address-group.ts';
import type { UserNotice } from '../../core/notices.ts';
import type { ProofKind } from '../../core/proofs.ts';
import { parseUserAgent } from '../../core/user-agent.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { userNotice } from '../notices/new-notice.ts';
import { issueAccess } from './issue-tokens.ts';

/** Who signs in, and with what. */
export interface SignIn {
  /** As it was when the proof was checked. */
  readonly user: Pick<User, 'id' | 'passwordVersion' | 'lastSeenAtMs'>;
  readonly address: string;
  /** Whether the user has signed in with this browser before; see `KnownDevices`. */
  readonly isKnownDevice: boolean;
  /** The header of that name. */
  readonly userAgent: string | undefined;
  /** Whether it is a session of the page, which lasts anew whenever it is used. */
  readonly isSession: boolean;
  /** How the user has proved who they are; by default with a password. */
  readonly provedBy?: ProofKind | undefined;
  /** When that was, by default now; `UNKNOWN_TIME_MS` if a provider does not say. */
  readonly provedAtMs?: number | undefined;
}

/**
 * Begins a session. Its user is told of it, unless the browser is known.
 * @returns undefined if the user's password was changed, or the user disabled or deleted, since
 *   the proof was checked
 */
export async function beginSession(
  context: Context,
  signIn: SignIn,
): Promise<{ refresh: string; access: string } | undefined> {
  const { user, address, userAgent, isSession, provedBy = 'password' } = signIn;
  const atMs = context.now();
  const { tokens } = context;
  const expiresAtMs = atMs + tokens.lifetimeMs[isSession ? 'session' : 'refresh'];
  const refresh = tokens.issue('refresh', user.id, atMs, { expiresAtMs });
  const proof = { atMs: signIn.provedAtMs ?? atMs, by: provedBy };
  const session = { generation: 0, userId: user.id, isExtended: isSession, proof };
  const place = { begunAddress: address, lastAddress: address, lastUsedAtMs: atMs };
  const device = parseUserAgent(userAgent);
  const record = { ...refresh, ...session, ...place, ...device };
  // Compares the version of the password that was checked, with the user's row locked.
  const notices = noticesOf(signIn, device);
  const locked = await context.refreshTokens.add(record, user.passwordVersion, notices);
  if (!locked) return undefined;
  const access = issueAccess(context, { ...locked, id: user.id }, { id: refresh.jti, proof }, atMs);
  return { refresh: refresh.token, access: access.token };
}

function noticesOf(
  { user, address, isKnownDevice, isSession }: SignIn,
  device: ReturnType<typeof parseUserAgent>,
): UserNotice[] {
  // The first time nobody else can have been there.
  if (isKnownDevice || user.lastSeenAtMs === undefined) return [];
  const { browser = null, system = null } = device;
  const data = { browser, system, address };
  if (isSession) return [userNotice('sign_in.new', user.id, data)];
  // Programs have no mark and sign in often: each is told of once, with the place it is at.
  const place = hash('sha256', [browser, system, addressGroup(address)].join(), 'hex');
  const onceKey = `sign_in.new:${user.id}:${place}`;
  return [userNotice('sign_in.new', user.id, data, { onceKey })];
}
