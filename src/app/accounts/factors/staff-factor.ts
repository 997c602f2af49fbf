/** Whether a member of staff has to prove who they are with a second factor. */
import { ChitError } from '../../../core/errors.ts';
import {
  type Proof,
  type ProofKind,
  type StaffSecondFactor,
  UNKNOWN_TIME_MS,
} from '../../../core/proofs.ts';
import type { User } from '../../../store/accounts/users.ts';
import type { Context } from '../../context.ts';
import { type OwnSession, ownSession } from '../own-session.ts';
import { ownWaysOf } from '../sign-in/own-ways.ts';
import { factorWaysOf } from './factor-ways.ts';

/** Whether a proof suffices for what only staff may do. */
export function suffices(wanted: StaffSecondFactor, proof: Proof | undefined): boolean {
  if (wanted === 'optional' || proof?.by === 'factor' || proof?.by === 'passkey') return true;
  // The provider vouches for them, and has factors of its own.
  return wanted === 'required' && proof?.by === 'provider';
}

/**
 * Refuses what only staff may do to those who have not given a second factor in this session.
 * @throws ChitError `proof_required` with what they have, `second_factor_missing` if nothing
 */
export async function requireStaffFactor(
  context: Context,
  accessToken: string,
  userId: number,
): Promise<void> {
  const { proof } = ownSession(context, accessToken);
  if (suffices(context.policy.staffSecondFactor, proof)) return;
  const methods = await factorWaysOf(context, userId);
  if (methods.length === 0) throw new ChitError('second_factor_missing', undefined);
  throw new ChitError('proof_required', { methods });
}

/**
 * Whether a key of a member of staff does what only staff may do: it was made with a proof that
 * suffices, and whoever made it could give one now. Otherwise a key would get past what is asked of
 * people: one that a thief of a password made before it was asked, for as long as a year.
 */
export async function keySuffices(
  context: Context,
  { userId, provedBy }: { readonly userId: number; readonly provedBy: ProofKind | undefined },
): Promise<boolean> {
  const { staffSecondFactor: wanted } = context.policy;
  if (wanted === 'optional') return true;
  if (!provedBy || !suffices(wanted, { atMs: UNKNOWN_TIME_MS, by: provedBy })) return false;
  if ((await factorWaysOf(context, userId)).length > 0) return true;
  return wanted === 'required' && (await ownWaysOf(context, userId)).providers.length > 0;
}

/** Whether a user must set up a second factor before doing what only staff may do. */
export async function isFactorMissing(
  context: Context,
  user: Pick<User, 'id' | 'isStaff'>,
  { proof }: OwnSession,
): Promise<boolean> {
  if (!user.isStaff || suffices(context.policy.staffSecondFactor, proof)) return false;
  return (await factorWaysOf(context, user.id)).length === 0;
}
