/** Row types of what signing in stores. */
import type { Generated } from 'kysely';

export interface RefreshTokenRow {
  jti: string;
  user_id: number;
  issued_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** How often the token was replaced by the next one of its session. */
  generation: Generated<number>;
  rotated_at: number | null;
  /** What the session was begun with, such as Firefox. */
  browser: string | null;
  /** Such as Windows. */
  system: string | null;
  /** Whether it lasts anew whenever it is used, as sessions of the page do. */
  is_extended: Generated<number>;
  /** The provider of `chit.json` by which it was begun; null for a password. */
  provider: string | null;
  /** When and how its user last proved who they are; null for one of an earlier version. */
  proved_at: number | null;
  proved_by: string | null;
  /** The address of the client that it was begun from; null for one of an earlier version. */
  begun_address: string | null;
  /** When it was begun or last refreshed, and from which address. */
  last_used_at: number | null;
  last_address: string | null;
}

export interface UserEmailRow {
  user_id: number;
  email: string;
  /** The same for addresses that differ in case only; unique among verified ones. */
  email_key: string;
  verified_at: number | null;
  /** Of a verified one: `user` or `opening`, see `ConfirmedBy`; null if others vouch for it. */
  confirmed_by: string | null;
}

/** Attempts to sign in or up, until they are forgotten. */
export interface AttemptsRow {
  key: string;
  attempts: number;
  expires_at: number;
}
