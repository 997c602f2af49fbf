/** What only somebody may do who has just proved who they are. */
import type { FastifyRequest } from 'fastify';
import { factorWaysOf } from '../../app/accounts/factors/factor-ways.ts';
import { type OwnSession, ownSession } from '../../app/accounts/own-session.ts';
import { proofMethodsOf } from '../../app/accounts/prove.ts';
import type { Context } from '../../app/context.ts';
import { planWith } from '../../app/credits/plans.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import { isFresh } from '../../core/proofs.ts';
import { bearerToken, userOf } from './access.ts';

/** The session of a request for signed-in users. */
export function sessionOfRequest(context: Context, { headers }: FastifyRequest): OwnSession {
  return ownSession(context, bearerToken(headers.authorization));
}

/**
 * Refuses a request whose user has not proved who they are within the last ten minutes, by signing
 * in or since. For an admin key the proof was given when it was made.
 * @throws ChitError `proof_required`
 */
export async function requireFreshProof(context: Context, request: FastifyRequest): Promise<void> {
  if (request.adminKey) return;
  if (isFresh(sessionOfRequest(context, request).proof, context.now())) return;
  const methods = await proofMethodsOf(context, userOf(request).id);
  throw new ChitError('proof_required', { methods });
}

/**
 * The same for users who have a second factor, where the others give their password: a session that
 * was left open and a password that was seen are not enough.
 * @throws ChitError `proof_required`
 */
export async function requireProofOfFactor(
  context: Context,
  request: FastifyRequest,
): Promise<void> {
  const ways = await factorWaysOf(context, userOf(request).id);
  if (ways.length > 0) await requireFreshProof(context, request);
}

/**
 * Refuses to give away more than staff may without a fresh proof.
 * @throws ChitError `proof_required`
 */
export async function requireProofToGive(
  context: Context,
  request: FastifyRequest,
  credits: Credits,
): Promise<void> {
  if (credits > context.policy.proofAboveCredits) await requireFreshProof(context, request);
}

/**
 * The same for a plan: what counts is what it gives each time to all who get it.
 * @param planId undefined where none is given
 * @throws ChitError `proof_required`, `plan_not_found`
 */
export async function requireProofToGivePlan(
  context: Context,
  request: FastifyRequest,
  { planId, accounts }: { readonly planId: string | null | undefined; readonly accounts: number },
): Promise<void> {
  if (planId == null) return;
  const { allowanceCredits } = await planWith(context, planId);
  await requireProofToGive(context, request, allowanceCredits * accounts);
}
