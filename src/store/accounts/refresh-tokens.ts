import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database, RefreshTokenRow } from '../database/schema.ts';
import { endAccess, type LockedUser, lockActiveUser } from './users.ts';

/** A refresh token, without the token itself, which is not stored. */
export interface RefreshTokenRecord {
  /** The token's `jti` claim, which all tokens of a session that rotates begin with. */
  readonly jti: string;
  /** How many tokens of its session there were before this one. */
  readonly generation: number;
  readonly userId: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** The session that a page of a list begins after. */
export type SessionCursor = Pick<RefreshTokenRecord, 'jti' | 'issuedAtMs'>;

/** Whether a token is known here, and can still be used. */
export type RefreshTokenState = 'valid' | 'revoked' | 'replaced' | 'unknown';

/** What using a token came to. */
export type UsedToken =
  | { readonly state: 'revoked' | 'reused' | 'no_user' }
  | {
      readonly state: 'valid' | 'unknown';
      /** The newest token of the session; the next one if it was rotated. */
      readonly generation: number;
      readonly user: LockedUser;
    };

/** How a session goes on with the next token. */
export interface Rotation {
  readonly now: () => number;
  /** How long a token that was replaced still gives its successor, in milliseconds. */
  readonly graceMs: number;
  /** Whether the token is replaced; if not it is only checked. */
  readonly isWanted: boolean;
}

/** Refresh tokens that were issued here, and tokens of other sites that were revoked here. */
export class RefreshTokenStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Records a new token, and deletes those of this user that have expired.
   * @param passwordVersion of the password that was checked
   * @returns undefined, with nothing recorded, if the password was changed meanwhile or the user
   *   was disabled; otherwise what access tokens have to know
   */
  add(token: RefreshTokenRecord, passwordVersion: number): Promise<LockedUser | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      const user = await lockActiveUser(transaction, token.userId, passwordVersion);
      if (!user) return undefined;
      await transaction
        .deleteFrom('refresh_tokens')
        .where('user_id', '=', token.userId)
        .where('expires_at', '<', token.issuedAtMs)
        .execute();
      await transaction.insertInto('refresh_tokens').values(toRow(token)).execute();
      return user;
    });
  }

  /**
   * Uses a token for a new access token. The user's row is locked, so that a change of the password
   * comes before or after it, never in between. A token that was replaced longer ago than the grace
   * has been copied: the session ends, and so do all access tokens of the user (RFC 9700, 4.14.2).
   * @param onReuse makes the entry of the audit log for that
   */
  use(
    { jti, generation, userId }: RefreshTokenRecord,
    { now, graceMs, isWanted }: Rotation,
    onReuse: () => AuditEntry,
  ): Promise<UsedToken> {
    return this.#db.transaction().execute(async (transaction): Promise<UsedToken> => {
      const user = await lockActiveUser(transaction, userId);
      const row = await transaction
        .selectFrom('refresh_tokens')
        .selectAll()
        .where('jti', '=', jti)
        .executeTakeFirst();
      if (row && row.revoked_at !== null) return { state: 'revoked' };
      if (!user) return { state: 'no_user' };
      if (!row) return { state: 'unknown', generation, user };
      const atMs = now();
      const session = transaction.updateTable('refresh_tokens').where('jti', '=', jti);
      if (generation === row.generation) {
        if (!isWanted) return { state: 'valid', generation, user };
        await session.set({ generation: generation + 1, rotated_at: atMs }).execute();
        return { state: 'valid', generation: generation + 1, user };
      }
      // Tabs refresh at once, and responses get lost. Clocks of servers differ a little, so the age
      // may be negative, but not by much.
      const isRecent = Math.abs(atMs - (row.rotated_at ?? 0)) <= graceMs;
      if (generation === row.generation - 1 && isRecent) {
        return { state: 'valid', generation: row.generation, user };
      }
      await session.set({ revoked_at: atMs }).execute();
      await endAccess(transaction, userId, atMs);
      await addToAuditLog(transaction, onReuse());
      return { state: 'reused' };
    });
  }

  /** Whether a token is known here and whether it was revoked or replaced. */
  async stateOf(jti: string, generation: number): Promise<RefreshTokenState> {
    const row = await this.#db
      .selectFrom('refresh_tokens')
      .select(['revoked_at', 'generation'])
      .where('jti', '=', jti)
      .executeTakeFirst();
    if (!row) return 'unknown';
    if (row.revoked_at !== null) return 'revoked';
    return row.generation === generation ? 'valid' : 'replaced';
  }

  /** Valid tokens of a user, one for each session, newest first. */
  async validOf(
    userId: number,
    atMs: number,
    { after, limit }: { readonly after?: SessionCursor | undefined; readonly limit: number },
  ): Promise<RefreshTokenRecord[]> {
    const rows = await this.#db
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', atMs)
      .$if(after !== undefined, (query) =>
        query.where((is) =>
          is(
            is.refTuple('issued_at', 'jti'),
            '<',
            is.tuple(after?.issuedAtMs ?? 0, after?.jti ?? ''),
          ),
        ),
      )
      .orderBy('issued_at', 'desc')
      .orderBy('jti', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  }

  /** Revokes a valid token of a user. @returns false if there is none */
  async revokeOf(userId: number, jti: string, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('refresh_tokens')
      .set({ revoked_at: atMs })
      .where('jti', '=', jti)
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', atMs)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Revokes a token, with all others of its session; also one that another site issued with the
   * same secret key.
   */
  async revoke(token: RefreshTokenRecord, atMs: number): Promise<void> {
    await this.#db
      .insertInto('refresh_tokens')
      .values({ ...toRow(token), revoked_at: atMs })
      .onConflict((conflict) => conflict.column('jti').doUpdateSet({ revoked_at: atMs }))
      .execute();
  }
}

function toRecord(row: Selectable<RefreshTokenRow>): RefreshTokenRecord {
  return {
    jti: row.jti,
    generation: row.generation,
    userId: row.user_id,
    issuedAtMs: row.issued_at,
    expiresAtMs: row.expires_at,
  };
}

function toRow(token: RefreshTokenRecord) {
  return {
    jti: token.jti,
    generation: token.generation,
    user_id: token.userId,
    issued_at: token.issuedAtMs,
    expires_at: token.expiresAtMs,
    revoked_at: null,
    rotated_at: null,
  };
}
