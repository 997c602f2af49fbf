/** How users prove who they are, and what for. */

/**
 * What a session rests on, or was renewed with: `password`; `factor`, a password and a second
 * factor; `passkey`, which is both; `provider`, a sign-in at an identity provider.
 */
export type ProofKind = 'password' | 'factor' | 'passkey' | 'provider';

/** When and how a user proved who they are. */
export interface Proof {
  readonly atMs: number;
  readonly by: ProofKind;
}

/** What a user can be asked for: a code is one of an authenticator app. */
export type ProofMethod = 'password' | 'code' | 'recovery_code' | 'passkey' | 'provider';

/** What a site asks of its staff: `always` also of those who sign in at a provider. */
export type StaffSecondFactor = 'optional' | 'required' | 'always';

/** A deed that matters needs a proof that is not older. */
export const PROOF_LASTS_MS = 10 * 60_000;

/** The time of a proof of which nobody knows when it was given: it is never fresh. */
export const UNKNOWN_TIME_MS = 0;

/** Whether a proof is new enough. Clocks of servers differ a little, so its age may be negative. */
export function isFresh(proof: Proof | undefined, nowMs: number): boolean {
  return proof !== undefined && Math.abs(nowMs - proof.atMs) <= PROOF_LASTS_MS;
}

/** A kind of proof in what was stored or signed; undefined for any other text. */
export function proofKindIn(text: unknown): ProofKind | undefined {
  return KINDS.find((it) => it === text);
}

const KINDS: readonly ProofKind[] = ['password', 'factor', 'passkey', 'provider'];
