import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { type Proof, proofKindIn } from '../../core/proofs.ts';
import { parseUserAgent, type UserAgent } from '../../core/user-agent.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import type { RefreshTokenRow } from '../database/sign-in-schema.ts';
import { addNotices } from '../notices/notices.ts';
import { endAccess, endLinks, type LockedUser, lockActiveUser } from './users.ts';

/** A refresh token, without the token itself, which is not stored. */
export interface RefreshToken {
  /** The token's `jti` claim, which all tokens of a session that rotates begin with. */
  readonly jti: string;
  /** How many tokens of its session there were before this one. */
  readonly generation: number;
  readonly userId: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** One that is kept here, with what its session was begun with. */
export interface RefreshTokenRecord extends RefreshToken, UserAgent {
  /** Whether each rotation makes it last anew. */
  readonly isExtended: boolean;
  /** The last proof of who the user is; undefined for one of an earlier version. */
  readonly proof: Proof | undefined;
  /** The addresses that it was begun and last refreshed from, as far as they are known. */
  readonly begunAddress: string | undefined;
  readonly lastAddress: string | undefined;
  /** When it was begun or last refreshed; undefined for one of an earlier version. */
  readonly lastUsedAtMs: number | undefined;
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
      /** When it ends; later than before if it was rotated. */
      readonly expiresAtMs: number;
      readonly user: LockedUser;
      /** The last proof of who the user is, as far as it is known here. */
      readonly proof: Proof | undefined;
    };

/** How a session goes on with the next token. */
export interface Rotation {
  readonly now: () => number;
  /** How long a token that was replaced still gives its successor, in milliseconds. */
  readonly graceMs: number;
  /** How long a session of the page then lasts, in ms; undefined if the token is only checked. */
  readonly lastsMs: number | undefined;
  /** How long it lasts at most from its beginning, in ms. */
  readonly mostMs: number;
  /** Where the client is. */
  readonly address: string | undefined;
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
   * @param notices what the user is told of it
   * @returns undefined, with nothing recorded, if the password was changed meanwhile or the user
   *   was disabled; otherwise what access tokens have to know
   */
  add(
    token: RefreshTokenRecord,
    passwordVersion: number,
    notices: readonly Notice[],
  ): Promise<LockedUser | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      const user = await lockActiveUser(transaction, token.userId, passwordVersion);
      if (!user) return undefined;
      await transaction
        .deleteFrom('refresh_tokens')
        .where('user_id', '=', token.userId)
        .where('expires_at', '<', token.issuedAtMs)
        .execute();
      await transaction.insertInto('refresh_tokens').values(toRow(token)).execute();
      await addNotices(transaction, notices);
      return user;
    });
  }

  /**
   * Uses a token for a new access token. The user's row is locked, so that a change of the password
   * comes before or after it, never in between. A session of the page that is rotated lasts anew.
   * A token that was replaced longer ago than the grace has been copied: the session ends, and so
   * do all access tokens of the user (RFC 9700, 4.14.2).
   * @param onReuse makes the entry of the audit log for that
   */
  use(
    { jti, generation, userId, expiresAtMs: endsAtMs }: RefreshToken,
    { now, graceMs, lastsMs, mostMs, address }: Rotation,
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
      if (!row) {
        return { state: 'unknown', generation, user, expiresAtMs: endsAtMs, proof: undefined };
      }
      const atMs = now();
      const proof = proofIn(row);
      const isUnproved = proof === undefined && (await hasFactorSince(transaction, row));
      if (isUnproved) {
        await transaction
          .updateTable('refresh_tokens')
          .set({ revoked_at: atMs })
          .where('jti', '=', jti)
          .execute();
        return { state: 'revoked' };
      }
      const session = transaction.updateTable('refresh_tokens').where('jti', '=', jti);
      if (generation === row.generation) {
        const next = generation + 1;
        const valid = { state: 'valid', user, proof } as const;
        const seen = { last_used_at: atMs, last_address: address ?? null };
        if (lastsMs === undefined) {
          await session.set(seen).execute();
          return { ...valid, generation, expiresAtMs: row.expires_at };
        }
        // Tokens name whole seconds.
        const endMs = Math.min(atMs + lastsMs, row.issued_at + mostMs);
        const extendedMs = Math.floor(endMs / 1000) * 1000;
        const expiresAtMs = row.is_extended === 1 ? extendedMs : row.expires_at;
        const change = { generation: next, rotated_at: atMs, expires_at: expiresAtMs };
        await session.set({ ...change, ...seen }).execute();
        return { ...valid, generation: next, expiresAtMs };
      }
      // Tabs refresh at once, and responses get lost. Clocks of servers differ a little, so the age
      // may be negative, but not by much.
      const isRecent = Math.abs(atMs - (row.rotated_at ?? 0)) <= graceMs;
      if (generation === row.generation - 1 && isRecent) {
        const { generation: newest, expires_at: expiresAtMs } = row;
        return { state: 'valid', generation: newest, user, expiresAtMs, proof };
      }
      await session.set({ revoked_at: atMs }).execute();
      await endAccess(transaction, userId, atMs);
      await addToAuditLog(transaction, onReuse());
      return { state: 'reused' };
    });
  }

  /**
   * Records that the user of a session has proved who they are once more.
   * @param passwordVersion of the user when the proof was checked
   * @returns undefined, with nothing recorded, if the password was changed meanwhile or the user
   *   was disabled; otherwise what access tokens have to know
   */
  prove(
    userId: number,
    jti: string | undefined,
    { proof, passwordVersion }: { readonly proof: Proof; readonly passwordVersion: number },
  ): Promise<LockedUser | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      const user = await lockActiveUser(transaction, userId, passwordVersion);
      if (!user) return undefined;
      if (jti === undefined) return user;
      await transaction
        .updateTable('refresh_tokens')
        .set({ proved_at: proof.atMs, proved_by: proof.by })
        .where('jti', '=', jti)
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .execute();
      return user;
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

  /**
   * Revokes a valid token of a user, or all but one, and ends all access tokens of the user: which
   * of them are of that session need not be known here. With all but one, the links of the user
   * end too: somebody else may have asked for them.
   * @returns what access tokens have to know from now on; undefined if there is no such token
   */
  revokeOf(
    userId: number,
    which: { readonly jti: string } | { readonly allBut: string | undefined },
    now: () => number,
  ): Promise<LockedUser | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return undefined;
      const atMs = now();
      const isOne = 'jti' in which;
      const { numUpdatedRows } = await transaction
        .updateTable('refresh_tokens')
        .set({ revoked_at: atMs })
        .where('jti', isOne ? '=' : '<>', isOne ? which.jti : (which.allBut ?? ''))
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', atMs)
        .executeTakeFirst();
      if (isOne && numUpdatedRows === 0n) return undefined;
      if (!isOne) {
        await endLinks(transaction, userId);
        // For tokens of another site, which have no row, and sign-ins that lack their second step.
        const cutoff = { refresh_cutoff_at: atMs };
        await transaction.updateTable('users').set(cutoff).where('id', '=', userId).execute();
      }
      await endAccess(transaction, userId, atMs);
      return lockActiveUser(transaction, userId);
    });
  }

  /**
   * Revokes a token, with all others of its session; also one that another site issued with the
   * same secret key.
   */
  async revoke(token: RefreshToken, atMs: number): Promise<void> {
    await this.#db
      .insertInto('refresh_tokens')
      .values({
        ...toRow({ ...token, ...UNKNOWN }),
        revoked_at: atMs,
      })
      .onConflict((conflict) => conflict.column('jti').doUpdateSet({ revoked_at: atMs }))
      .execute();
  }
}

/**
 * Whether the user of a session that does not know how it was begun had a second factor by then: a
 * server of a version that knows none has begun it with the password alone.
 */
async function hasFactorSince(
  transaction: Transaction<Database>,
  { user_id: userId, issued_at: begunAtMs }: Selectable<RefreshTokenRow>,
): Promise<boolean> {
  for (const table of ['user_totp', 'passkeys'] as const) {
    const row = await transaction
      .selectFrom(table)
      .select('user_id')
      .where('user_id', '=', userId)
      // Tokens name whole seconds.
      .where('created_at', '<=', begunAtMs)
      .limit(1)
      .executeTakeFirst();
    if (row) return true;
  }
  return false;
}

/** What is not known of a session that another site began. */
const UNKNOWN = {
  ...parseUserAgent(undefined),
  isExtended: false,
  proof: undefined,
  begunAddress: undefined,
  lastAddress: undefined,
  lastUsedAtMs: undefined,
};

function toRecord(row: Selectable<RefreshTokenRow>): RefreshTokenRecord {
  return {
    jti: row.jti,
    generation: row.generation,
    userId: row.user_id,
    issuedAtMs: row.issued_at,
    expiresAtMs: row.expires_at,
    browser: row.browser ?? undefined,
    system: row.system ?? undefined,
    isExtended: row.is_extended === 1,
    proof: proofIn(row),
    begunAddress: row.begun_address ?? undefined,
    lastAddress: row.last_address ?? undefined,
    lastUsedAtMs: row.last_used_at ?? undefined,
  };
}

function proofIn(row: Selectable<RefreshTokenRow>): Proof | undefined {
  const by = proofKindIn(row.proved_by);
  return by && row.proved_at !== null ? { atMs: row.proved_at, by } : undefined;
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
    browser: token.browser ?? null,
    system: token.system ?? null,
    is_extended: token.isExtended ? 1 : 0,
    proved_at: token.proof?.atMs ?? null,
    proved_by: token.proof?.by ?? null,
    begun_address: token.begunAddress ?? null,
    last_used_at: token.lastUsedAtMs ?? null,
    last_address: token.lastAddress ?? null,
  };
}
