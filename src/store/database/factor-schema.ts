/** Row types of second factors. */

/** The secret of an authenticator app (RFC 6238). */
export interface UserTotpRow {
  user_id: number;
  /** Encrypted; see `src/auth/sealed-text.ts`. */
  secret: string;
  /** The time step of the last code that was used; none up to it is taken again. */
  last_step: number;
  created_at: number;
}

/** A recovery code that was not used. */
export interface RecoveryCodeRow {
  user_id: number;
  /** The first characters, by which the row is found. */
  selector: string;
  /** The hash of the rest, as of a password. */
  code_hash: string;
  created_at: number;
}

/** A credential of WebAuthn. */
export interface PasskeyRow {
  id: string;
  user_id: number;
  name: string;
  /** As base64url, like the next two. */
  credential_id: string;
  /** Names the user to authenticators; the same for all passkeys of a user. */
  user_handle: string;
  public_key: string;
  sign_count: number;
  /** JSON, how the authenticator can be reached; null if it did not say. */
  transports: string | null;
  created_at: number;
  last_used_at: number | null;
}

/** A ticket or challenge that was used, until it would have expired anyway. */
export interface UsedTicketRow {
  id: string;
  expires_at: number;
}

export interface FactorTables {
  user_totp: UserTotpRow;
  recovery_codes: RecoveryCodeRow;
  passkeys: PasskeyRow;
  used_tickets: UsedTicketRow;
}
