import { createHash } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';
import { endTokens, lockActiveUser, lockUser } from './users.ts';
import { type WaysIn, waysInOf } from './ways-in.ts';

/** Who somebody is for a provider: the claims `iss` and `sub` together (OpenID Connect, 5.7). */
export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

/** An identity of a user. */
export interface Identity extends Subject {
  /** Names it here, and tells nothing of it. */
  readonly key: string;
  /** The name of the provider in `chit.json` by which it was used last. */
  readonly provider: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

/** Names the entry of a directory that signs in to an account, among its identities. */
export const LDAP_IDENTITY = 'ldap';

/** An identity that is to be untied from its account, and what tells of it. */
export interface Untying {
  readonly userId: number;
  /** The key of an identity, or `LDAP_IDENTITY`. */
  readonly id: string;
  /** Of the user when it was admitted; undefined if it does not rest on a password. */
  readonly passwordVersion?: number;
  readonly entry: AuditEntry;
  readonly notices: readonly Notice[];
}

/** An identity without an account, for which one may be opened. */
export interface OpeningIdentity {
  /** The hash in the place of a password that ties the new account to it. */
  readonly opening: string;
  /** Whether it had an account that was deleted. */
  readonly wasErased: boolean;
}

/**
 * Identities at providers, each of one user at most. A trigger ties an account to its identity in
 * the transaction that opens it: by `opening`, which is the account's password hash. So there is
 * never an account that was opened for an identity and does not have it.
 */
export class IdentityStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The user with this identity, which is noted as used. */
  async use(of: Subject, provider: string, atMs: number): Promise<number | undefined> {
    const row = await this.#db
      .updateTable('identities')
      .set({ provider, last_used_at: atMs })
      .where('key', '=', keyOf(of))
      .where('user_id', 'is not', null)
      .returning('user_id')
      .executeTakeFirst();
    return row?.user_id ?? undefined;
  }

  /** The user with this identity. */
  async ownerOf(of: Subject): Promise<number | undefined> {
    return (await this.find(of)).userId;
  }

  /** The user with this identity, and whether it had an account that was deleted. */
  async find(
    of: Subject,
  ): Promise<{ readonly userId: number | undefined; readonly wasErased: boolean }> {
    const row = await this.#db
      .selectFrom('identities')
      .select(['user_id', 'was_erased'])
      .where('key', '=', keyOf(of))
      .executeTakeFirst();
    return { userId: row?.user_id ?? undefined, wasErased: row?.was_erased === 1 };
  }

  /**
   * Claims an identity for an account that is to be opened. All who do so at once, and whoever
   * does it after a crash, get the same `opening`, with which only one account can be opened.
   * @param opening of a new account; see `unusableHash`
   * @returns the user, if it has one by now
   */
  async claim(
    of: Subject,
    { provider, opening, atMs }: { provider: string; opening: string; atMs: number },
  ): Promise<OpeningIdentity | { readonly userId: number }> {
    const { issuer, subject } = of;
    const row = await this.#db
      .insertInto('identities')
      .values({
        key: keyOf(of),
        issuer,
        subject,
        provider,
        user_id: null,
        opening,
        created_at: atMs,
        last_used_at: atMs,
      })
      .onConflict((at) =>
        at.column('key').doUpdateSet({
          issuer,
          subject,
          provider,
          last_used_at: atMs,
          opening: sql`CASE WHEN identities.user_id IS NULL
            THEN coalesce(identities.opening, excluded.opening) END`,
        }),
      )
      .returning(['user_id', 'opening', 'was_erased'])
      .executeTakeFirstOrThrow();
    if (row.user_id !== null) return { userId: row.user_id };
    return { opening: row.opening ?? opening, wasErased: row.was_erased === 1 };
  }

  /**
   * Gives an identity to a user who has an account already, with an audit event.
   * @param to `notices`: what the user is told of it
   * @returns false, with nothing changed, if the user was deleted, or the identity has an account
   *   or is claimed for one
   */
  tie(
    of: Subject,
    to: {
      readonly userId: number;
      readonly provider: string;
      readonly entry: AuditEntry;
      readonly notices?: readonly Notice[];
    },
  ): Promise<boolean> {
    const { issuer, subject } = of;
    const { userId, provider, entry, notices = [] } = to;
    return this.#db.transaction().execute(async (transaction) => {
      // Changes nothing but locks the row: whoever deletes the user waits, and takes this too.
      const { numUpdatedRows } = await transaction
        .updateTable('users')
        .set((it) => ({ is_active: it.ref('is_active') }))
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const { numInsertedOrUpdatedRows = 0n } = await transaction
        .insertInto('identities')
        .values({
          key: keyOf(of),
          issuer,
          subject,
          provider,
          user_id: userId,
          opening: null,
          created_at: entry.atMs,
          last_used_at: entry.atMs,
        })
        .onConflict((at) =>
          at
            .column('key')
            .doUpdateSet({ issuer, subject, provider, user_id: userId, last_used_at: entry.atMs })
            .where('identities.user_id', 'is', null)
            .where('identities.opening', 'is', null),
        )
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      await addNotices(transaction, notices);
      return true;
    });
  }

  /**
   * Unties an identity from its account, in which it no longer signs in. Of one at a provider stays
   * what stays when an account is deleted: nobody gets a second opening balance by it.
   * @param how `suffices`: whether what is left is enough, for a user who unties their own;
   *   `endsTokens`: the clock, to end all tokens of the user
   * @returns with nothing changed, `not_found`, `only_way`, or `refused` if the password of the
   *   user was changed or the user disabled
   */
  async untie(
    untying: Untying,
    how: { readonly suffices?: (left: WaysIn) => boolean; readonly endsTokens?: () => number },
  ): Promise<'done' | 'refused' | 'not_found' | 'only_way'> {
    const { userId, id, passwordVersion, entry, notices } = untying;
    const { suffices, endsTokens } = how;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        if (passwordVersion === undefined) await lockUser(transaction, userId);
        else if (!(await lockActiveUser(transaction, userId, passwordVersion))) {
          throw new NotUntied('refused');
        }
        if (!(await untieOne(transaction, userId, id))) throw new NotUntied('not_found');
        if (suffices && !suffices(await waysInOf(transaction, userId))) {
          throw new NotUntied('only_way');
        }
        if (endsTokens) await endTokens(transaction, userId, endsTokens());
        await addToAuditLog(transaction, entry);
        await addNotices(transaction, notices);
      });
      return 'done';
    } catch (error) {
      if (error instanceof NotUntied) return error.outcome;
      throw error;
    }
  }

  /** All identities of a user, in the order of their first use. */
  async of(userId: number): Promise<Identity[]> {
    const rows = await this.#db
      .selectFrom('identities')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('key')
      .execute();
    return rows.map((row) => ({
      key: row.key,
      issuer: row.issuer ?? '',
      subject: row.subject ?? '',
      provider: row.provider ?? '',
      createdAtMs: row.created_at,
      lastUsedAtMs: row.last_used_at,
    }));
  }
}

/** Rolls the transaction back. */
class NotUntied extends Error {
  readonly outcome: 'refused' | 'not_found' | 'only_way';

  constructor(outcome: NotUntied['outcome']) {
    super(outcome);
    this.outcome = outcome;
  }
}

async function untieOne(
  transaction: Transaction<Database>,
  userId: number,
  id: string,
): Promise<boolean> {
  if (id === LDAP_IDENTITY) {
    const { numDeletedRows } = await transaction
      .deleteFrom('ldap_users')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
  const { numUpdatedRows } = await transaction
    .updateTable('identities')
    .set({ user_id: null, issuer: null, subject: null, provider: null, was_erased: 1 })
    .where('key', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What stays of an identity whose account was deleted. JSON keeps the two parts apart. */
export function keyOf({ issuer, subject }: Subject): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url');
}
