import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Somebody has left for a provider, and may come back once. */
export interface SignInAttempt {
  /** Hashes of the state and of the browser's cookie, which are not stored themselves. */
  readonly stateHash: string;
  readonly browserHash: string;
  /** The name of the provider. */
  readonly provider: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The path of the page to come back to. */
  readonly returnTo: string;
  readonly expiresAtMs: number;
  /** The invitation that it began at, and whether by its code or by the mailed link. */
  readonly invitation: { readonly id: string; readonly cameBy: 'code' | 'mail' } | undefined;
}

/** Attempts to sign in by providers, on whichever server they end. */
export class SignInAttemptStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async add(attempt: SignInAttempt): Promise<void> {
    await this.#db
      .insertInto('sign_in_attempts')
      .values({
        state_hash: attempt.stateHash,
        browser_hash: attempt.browserHash,
        provider: attempt.provider,
        nonce: attempt.nonce,
        verifier: attempt.verifier,
        return_to: attempt.returnTo,
        expires_at: attempt.expiresAtMs,
        invitation_id: attempt.invitation?.id ?? null,
        invitation_secret: attempt.invitation?.cameBy ?? null,
      })
      .execute();
  }

  /**
   * Uses an attempt up: of two who use it at once, on whichever servers, one gets it.
   * @returns undefined if there is none of this browser and provider, or it has expired
   */
  async take(
    attempt: Pick<SignInAttempt, 'stateHash' | 'browserHash' | 'provider'>,
    atMs: number,
  ): Promise<SignInAttempt | undefined> {
    const row = await this.#db
      .deleteFrom('sign_in_attempts')
      .where('state_hash', '=', attempt.stateHash)
      .where('browser_hash', '=', attempt.browserHash)
      .where('provider', '=', attempt.provider)
      .returningAll()
      .executeTakeFirst();
    if (!row || row.expires_at <= atMs) return undefined;
    const { nonce, verifier, return_to: returnTo, expires_at: expiresAtMs } = row;
    const { invitation_id: id, invitation_secret: cameBy } = row;
    const invitation = id === null || cameBy === null ? undefined : { id, cameBy };
    return { ...attempt, nonce, verifier, returnTo, expiresAtMs, invitation };
  }

  /** Deletes those of people who did not come back in time. */
  async sweep(atMs: number): Promise<void> {
    await this.#db.deleteFrom('sign_in_attempts').where('expires_at', '<=', atMs).execute();
  }
}
