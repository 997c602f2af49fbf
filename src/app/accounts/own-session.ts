import { type Claims, proofOf, sessionOf } from '../../auth/tokens.ts';
import type { Proof } from '../../core/proofs.ts';
import type { Context } from '../context.ts';

/** What an access token says of its session. */
export interface OwnSession {
  /** The id of the session; undefined if the token was issued by another site. */
  readonly id: string | undefined;
  /** When and how the user last proved who they are. */
  readonly proof: Proof | undefined;
}

/** The session of an access token that was checked before. */
export function ownSession({ tokens }: Context, accessToken: string): OwnSession {
  const read = tokens.read(accessToken, 'access');
  const claims: Claims = read.ok ? read.claims : {};
  return { id: sessionOf(claims), proof: proofOf(claims) };
}
