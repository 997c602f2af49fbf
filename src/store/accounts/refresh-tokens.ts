import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** A refresh token, without the token itself, which is not stored. */
export interface RefreshTokenRecord {
  /** The token's `jti` claim. */
  readonly jti: string;
  readonly userId: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Refresh tokens that were issued here, and tokens of other sites that were revoked here. */
export class RefreshTokenStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Records a new token, and deletes those of this user that have expired. */
  async add(token: RefreshTokenRecord): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('refresh_tokens')
        .where('user_id', '=', token.userId)
        .where('expires_at', '<', token.issuedAtMs)
        .execute();
      await transaction.insertInto('refresh_tokens').values(toRow(token)).execute();
    });
  }

  /** Whether a token is known here and whether it was revoked. */
  async stateOf(jti: string): Promise<'valid' | 'revoked' | 'unknown'> {
    const row = await this.#db
      .selectFrom('refresh_tokens')
      .select('revoked_at')
      .where('jti', '=', jti)
      .executeTakeFirst();
    if (!row) return 'unknown';
    return row.revoked_at === null ? 'valid' : 'revoked';
  }

  /** The valid tokens of a user, newest first. */
  async validOf(userId: number, atMs: number): Promise<RefreshTokenRecord[]> {
    const rows = await this.#db
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', atMs)
      .orderBy('issued_at', 'desc')
      .execute();
    return rows.map((row) => ({
      jti: row.jti,
      userId: row.user_id,
      issuedAtMs: row.issued_at,
      expiresAtMs: row.expires_at,
    }));
  }

  /** Revokes a token, also one that another site issued with the same secret key. */
  async revoke(token: RefreshTokenRecord, atMs: number): Promise<void> {
    await this.#db
      .insertInto('refresh_tokens')
      .values({ ...toRow(token), revoked_at: atMs })
      .onConflict((conflict) => conflict.column('jti').doUpdateSet({ revoked_at: atMs }))
      .execute();
  }
}

function toRow(token: RefreshTokenRecord) {
  return {
    jti: token.jti,
    user_id: token.userId,
    issued_at: token.issuedAtMs,
    expires_at: token.expiresAtMs,
    revoked_at: null,
  };
}
