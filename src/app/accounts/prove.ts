/** Proving once more who somebody is, before a deed that matters (step-up). */
import { ChitError } from '../../core/errors.ts';
import type { ProofKind, ProofMethod } from '../../core/proofs.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { confirmPassword } from './change-password.ts';
import { useCode } from './factors/codes.ts';
import { factorWaysOf, type GivenProof } from './factors/factor-ways.ts';
import { type RelyingParty, usePasskey } from './factors/passkeys.ts';
import { requireParty } from './factors/second-step.ts';
import { issueAccess } from './issue-tokens.ts';
import { firstFactorsOf } from './sign-in/own-ways.ts';

/** How a user can prove who they are: with a second factor if they have one. */
export async function proofMethodsOf(context: Context, userId: number): Promise<ProofMethod[]> {
  const ways = await factorWaysOf(context, userId);
  return ways.length > 0 ? ways : firstFactorsOf(context, userId);
}

/**
 * Checks a proof of who a signed-in user is. Whoever has a second factor gives that: a password
 * alone is what somebody may have who should not do this.
 * @param request `session` of its access token; undefined if that was issued by another site
 * @returns a new access token, with which what needs a fresh proof can be done for ten minutes
 * @throws ChitError `proof_required` with what is taken, if something else was given;
 *   `invalid_fields`, `code_wrong`, `passkey_refused`, `passkeys_unavailable`, `throttled`,
 *   `overloaded`, `access_token_invalid` if the user was changed meanwhile
 */
export async function prove(
  context: Context,
  user: User,
  request: {
    readonly given: GivenProof;
    readonly session: string | undefined;
    readonly address: string;
    readonly party: RelyingParty | undefined;
  },
): Promise<{ access: string }> {
  const { given, session, address, party } = request;
  const { password, code, passkey } = given;
  const atMs = context.now();
  if (passkey) {
    const use = { response: passkey, userId: user.id };
    await usePasskey(context, 'passkey:proof', use, requireParty(party));
    return renewProof(context, user, { session, by: 'passkey', atMs });
  }
  const methods = await proofMethodsOf(context, user.id);
  if (methods.includes('password') && password !== undefined) {
    const checked = await confirmPassword(context, user, { password, field: 'password', address });
    return renewProof(context, checked, { session, by: 'password', atMs });
  }
  if (code === undefined) throw new ChitError('proof_required', { methods });
  const giver = { userId: user.id, address, device: undefined, isSignedIn: true };
  await useCode(context, { ...giver, code });
  return renewProof(context, user, { session, by: 'factor', atMs });
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
