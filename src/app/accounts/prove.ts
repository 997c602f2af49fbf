/** Proving once more who somebody is, before a deed that matters (step-up). */
import { ChitError } from '../../core/errors.ts';
import type { ProofKind, ProofMethod } from '../../core/proofs.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { confirmPassword } from './change-password.ts';
import { issueAccess } from './issue-tokens.ts';
import { firstFactorsOf } from './sign-in/own-ways.ts';

/** What a user gives as proof: one of these. */
export interface GivenProof {
  readonly password?: string | undefined;
}

/** How a user can prove who they are. */
export async function proofMethodsOf(context: Context, userId: number): Promise<ProofMethod[]> {
  return firstFactorsOf(context, userId);
}

/**
 * Checks a proof of who a signed-in user is.
 * @param session of the access token of the request; undefined if it was issued by another site
 * @returns a new access token, with which what needs a fresh proof can be done for ten minutes
 * @throws ChitError `invalid_fields`, `throttled`, `overloaded`, `access_token_invalid` if the
 *   password was changed or the user disabled meanwhile
 */
export async function prove(
  context: Context,
  user: User,
  request: {
    readonly given: GivenProof;
    readonly session: string | undefined;
    readonly address: string;
  },
): Promise<{ access: string }> {
  const { given, session, address } = request;
  const atMs = context.now();
  const { password = '' } = given;
  const checked = await confirmPassword(context, user, { password, field: 'password', address });
  return renewProof(context, checked, { session, by: 'password', atMs });
}

/**
 * Records a proof with its session, and issues an access token that has it.
 * @param user as they were when the proof was checked
 * @throws ChitError `access_token_invalid` if the password was changed or the user disabled since
 */
export async function renewProof(
  context: Context,
  user: Pick<User, 'id' | 'passwordVersion'>,
  proved: {
    readonly session: string | undefined;
    readonly by: ProofKind;
    /** A time before the proof was checked. */
    readonly atMs: number;
  },
): Promise<{ access: string }> {
  const { session, by, atMs } = proved;
  const proof = { atMs, by };
  const { passwordVersion } = user;
  const locked = await context.refreshTokens.prove(user.id, session, { proof, passwordVersion });
  if (!locked) {
    throw new ChitError('access_token_invalid', { message: 'Token is invalid or expired' });
  }
  const of = { id: session, proof };
  return { access: issueAccess(context, { ...locked, id: user.id }, of, atMs).token };
}
