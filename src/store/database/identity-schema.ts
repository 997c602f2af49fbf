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

/** What a session has from the provider by which it began; it ends with the session. */
export interface ProviderSessionRow {
  /** Of the first refresh token of the session. */
  jti: string;
  /** A hash of the issuer and of its name for the session there (`sid`). */
  session: string | null;
  /** The ID token, sealed, to sign out at the provider. */
  id_token: string | null;
  /** When the session has ended at the latest. */
  expires_at: number;
}

/** Back-channel logouts, for as long as their tokens are accepted. */
export interface ProviderSignOutRow {
  /** A hash of the issuer and of `jti`. */
  key: string;
  /** What is signed out, as hashes: a session there, or every session of somebody. */
  session: string | null;
  subject: string | null;
  issued_at: number;
  expires_at: number;
  /** null until the sessions are ended. */
  done_at: number | null;
}

/** Sign-ins that staff try, which make nothing. */
export interface SignInTrialRow
  extends Omit<SignInAttemptRow, 'return_to' | 'invitation_id' | 'invitation_secret'> {
  id: string;
  /** Who tries. */
  user_id: number;
  /** Whether the browser has come back, so that it cannot once more. */
  is_back: Generated<number>;
  /** What came of it, sealed. */
  result: string | null;
}

export interface IdentityTables {
  identities: IdentityRow;
  sign_in_attempts: SignInAttemptRow;
  provider_sessions: ProviderSessionRow;
  provider_sign_outs: ProviderSignOutRow;
  sign_in_trials: SignInTrialRow;
}
