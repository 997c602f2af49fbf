import type { Kysely } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import type { SignInAttempt } from './sign-in-attempts.ts';

/** A member of staff has left for a provider to try it. */
export interface SignInTrial extends Omit<SignInAttempt, 'returnTo' | 'invitation'> {
  readonly id: string;
  /** Who tries. */
  readonly userId: number;
}

/** Sign-ins that are only tried. They are kept apart from real ones, which make accounts. */
export class SignInTrialStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async add(trial: SignInTrial, entry: AuditEntry): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('sign_in_trials')
        .values({
          state_hash: trial.stateHash,
          id: trial.id,
          browser_hash: trial.browserHash,
          provider: trial.provider,
          nonce: trial.nonce,
          verifier: trial.verifier,
          user_id: trial.userId,
          expires_at: trial.expiresAtMs,
        })
        .execute();
      await addToAuditLog(transaction, entry);
    });
  }

  /**
   * Uses a trial up: of two who use it at once, on whichever servers, one gets it.
   * @returns undefined if there is none of this browser and provider, or it has expired
   */
  async take(
    trial: Pick<SignInTrial, 'stateHash' | 'browserHash' | 'provider'>,
    atMs: number,
  ): Promise<SignInTrial | undefined> {
    const row = await this.#db
      .updateTable('sign_in_trials')
      .set({ is_back: 1 })
      .where('state_hash', '=', trial.stateHash)
      .where('browser_hash', '=', trial.browserHash)
      .where('provider', '=', trial.provider)
      .where('is_back', '=', 0)
      .where('expires_at', '>', atMs)
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    const { id, nonce, verifier, user_id: userId, expires_at: expiresAtMs } = row;
    return { ...trial, id, nonce, verifier, userId, expiresAtMs };
  }

  /** @param result sealed */
  async setResult(id: string, result: string): Promise<void> {
    await this.#db.updateTable('sign_in_trials').set({ result }).where('id', '=', id).execute();
  }

  /** The result of a trial of a user, sealed; undefined if there is none, or it has expired. */
  async resultOf(id: string, userId: number, atMs: number): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('sign_in_trials')
      .select('result')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('expires_at', '>', atMs)
      .executeTakeFirst();
    return row?.result ?? undefined;
  }

  /** Deletes those that have expired. */
  async sweep(atMs: number): Promise<void> {
    await this.#db.deleteFrom('sign_in_trials').where('expires_at', '<=', atMs).execute();
  }
}
