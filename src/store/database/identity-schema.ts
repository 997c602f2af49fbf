/** Row types of identities at providers, and of attempts to sign in by them. */
import type { Generated } from 'kysely';

export interface IdentityRow {
  /** A hash of issuer and subject, which stays when its user is deleted. */
  key: string;
  issuer: string | null;
  subject: string | null;
  /** The name of the provider in `chit.json` by which it was used last. */
  provider: string | null;
  /** null while its account is not open, and once that was deleted. */
  user_id: number | null;
  /** The hash in the place of a password with which its account will be opened. */
  opening: string | null;
  /** Whether an account of it was deleted. */
  was_erased: Generated<number>;
  created_at: number;
  last_used_at: number;
}

export interface SignInAttemptRow {
  state_hash: string;
  /** Of the cookie of the browser that began it. */
  browser_hash: string;
  provider: string;
  nonce: string;
  /** The code verifier of PKCE (RFC 7636). */
  verifier: string;
  return_to: string;
  expires_at: number;
  /** The invitation that it began at, and whether by its code or by the mailed link. */
  invitation_id: string | null;
  invitation_secret: 'code' | 'mail' | null;
}

export interface IdentityTables {
  identities: IdentityRow;
  sign_in_attempts: SignInAttemptRow;
}
