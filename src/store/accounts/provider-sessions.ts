import { type Kysely, sql, type Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { keyOf as keyOfSubject } from './identities.ts';
import { endAccess, lockUser } from './users.ts';

/** What a session has from its provider. */
export interface ProviderSession {
  /** The name of the provider in `chit.json`. */
  readonly provider: string;
  /** The ID token, sealed; undefined if it was too long to be kept. */
  readonly sealedIdToken: string | undefined;
}

/** Whom a provider signs out: one session there, or all of somebody, or one of somebody. */
export interface SignedOut {
  readonly issuer: string;
  /** The claim `sid`. */
  readonly session: string | undefined;
  /** The claim `sub`. */
  readonly subject: string | undefined;
}

/** A back-channel logout, whose token has been verified. */
export interface ProviderSignOut extends SignedOut {
  /** The name of the provider in `chit.json`. */
  readonly provider: string;
  /** The claim `jti`. */
  readonly tokenId: string;
  readonly issuedAtMs: number;
  /** Until then the token would be accepted again. */
  readonly expiresAtMs: number;
}

/** Sessions at providers, and sign-outs that begin there. */
export class ProviderSessionStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Notes by which provider a session began, and as which one there.
   * @param jti of its first refresh token
   */
  note(
    jti: string,
    from: ProviderSession & {
      readonly issuer: string;
      /** The claim `sid`; undefined if the provider gives none. */
      readonly session: string | undefined;
      readonly expiresAtMs: number;
    },
  ): Promise<void> {
    const { issuer, session, sealedIdToken, provider, expiresAtMs } = from;
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('refresh_tokens')
        .set({ provider })
        .where('jti', '=', jti)
        // One that has ended already keeps nothing.
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      const isNothing = session === undefined && sealedIdToken === undefined;
      if (numUpdatedRows === 0n || isNothing) return;
      await transaction
        .insertInto('provider_sessions')
        .values({
          jti,
          session: session === undefined ? null : keyOf(issuer, session),
          id_token: sealedIdToken ?? null,
          expires_at: expiresAtMs,
        })
        .execute();
    });
  }

  /** What a session that has not ended has from its provider; undefined for another way. */
  async of(jti: string): Promise<ProviderSession | undefined> {
    const row = await this.#db
      .selectFrom('refresh_tokens')
      .leftJoin('provider_sessions', 'provider_sessions.jti', 'refresh_tokens.jti')
      .select(['provider', 'id_token'])
      .where('refresh_tokens.jti', '=', jti)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (!row?.provider) return undefined;
    return { provider: row.provider, sealedIdToken: row.id_token ?? undefined };
  }

  /**
   * Whether a provider has signed somebody out since it issued an ID token: the session that begins
   * with that token was not there yet when the others were ended.
   * @param issuedAtMs of the ID token
   */
  async isSignedOut(by: Required<SignedOut>, issuedAtMs: number): Promise<boolean> {
    const { issuer, session, subject } = by;
    const row = await this.#db
      .selectFrom('provider_sign_outs')
      .select('key')
      .where('issued_at', '>=', issuedAtMs)
      .where((is) =>
        is.or([
          is('session', '=', session === undefined ? '' : keyOf(issuer, session)),
          is.and([
            ...(session === undefined ? [] : [is('session', 'is', null)]),
            is('subject', '=', subject === undefined ? '' : keyOf(issuer, subject)),
          ]),
        ]),
      )
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Ends the sessions that a provider signs out, and the access tokens of their users. It is noted
   * first, in a transaction of its own: a session that begins meanwhile either is found here, or
   * finds the note. Whoever stops in between does it when the token comes again.
   * @param makeEntry makes the entry of the audit log for a user of whom sessions were ended
   * @returns false, with nothing done, if the token was used before
   */
  async signOut(
    of: ProviderSignOut,
    now: () => number,
    makeEntry: (userId: number, sessions: number) => AuditEntry,
  ): Promise<boolean> {
    const { issuer, session, subject } = of;
    const key = keyOf(issuer, of.tokenId);
    await this.#db
      .insertInto('provider_sign_outs')
      .values({
        key,
        session: session === undefined ? null : keyOf(issuer, session),
        subject: subject === undefined ? null : keyOf(issuer, subject),
        issued_at: of.issuedAtMs,
        expires_at: of.expiresAtMs,
        done_at: null,
      })
      .onConflict((at) => at.column('key').doNothing())
      .execute();
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('provider_sign_outs')
        .set({ done_at: now() })
        .where('key', '=', key)
        .where('done_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const users = new Set((await sessionsOf(transaction, of)).map(({ user_id: id }) => id));
      for (const userId of [...users].sort((one, other) => one - other)) {
        await lockUser(transaction, userId);
        const sessions = (await sessionsOf(transaction, of)).filter((it) => it.user_id === userId);
        if (sessions.length === 0) continue;
        const atMs = now();
        await transaction
          .updateTable('refresh_tokens')
          .set({ revoked_at: atMs })
          .where(
            'jti',
            'in',
            sessions.map(({ jti }) => jti),
          )
          .execute();
        await endAccess(transaction, userId, atMs);
        await addToAuditLog(transaction, makeEntry(userId, sessions.length));
      }
      return true;
    });
  }

  /** Deletes what is kept for no session and no token any more. */
  async sweep(atMs: number): Promise<void> {
    for (const table of ['provider_sessions', 'provider_sign_outs'] as const) {
      await this.#db.deleteFrom(table).where('expires_at', '<=', atMs).execute();
    }
  }
}

/**
 * The sessions that are signed out. One whose name at the provider is not known, since a server of
 * an earlier version began it, is among them if it is of the person who is named.
 */
function sessionsOf(
  transaction: Transaction<Database>,
  { issuer, session, subject, provider }: ProviderSignOut,
): Promise<{ jti: string; user_id: number }[]> {
  const identity = subject === undefined ? '' : keyOf(issuer, subject);
  return transaction
    .selectFrom('refresh_tokens')
    .leftJoin('provider_sessions', 'provider_sessions.jti', 'refresh_tokens.jti')
    .select(['refresh_tokens.jti', 'refresh_tokens.user_id'])
    .where('refresh_tokens.revoked_at', 'is', null)
    .where((is) => {
      const ofPerson = is.and([
        is('refresh_tokens.provider', '=', provider),
        is(
          'refresh_tokens.user_id',
          '=',
          is.selectFrom('identities').select('user_id').where('key', '=', identity),
        ),
      ]);
      if (session === undefined) return ofPerson;
      return is.or([
        is(
          'refresh_tokens.jti',
          'in',
          is
            .selectFrom('provider_sessions')
            .select('jti')
            .where('session', '=', keyOf(issuer, session)),
        ),
        is.and([ofPerson, sql<boolean>`provider_sessions.session IS NULL`]),
      ]);
    })
    .execute();
}

/** What an issuer names `name`, be it a session, a person or a token. */
function keyOf(issuer: string, name: string): string {
  return keyOfSubject({ issuer, subject: name });
}
