import type { Kysely, Selectable } from 'kysely';
import { type AdminScope, isAdminScope } from '../../core/admin-scopes.ts';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { type ProofKind, proofKindIn } from '../../core/proofs.ts';
import { lockActiveUser } from '../accounts/users.ts';
import type { AdminKeyRow } from '../database/admin-key-row.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';
import { addToAuditLog } from './audit-log.ts';

/** An admin key, without its secret, of which only a hash is stored. */
export interface AdminKey {
  readonly id: string;
  /** Who made it, and whose rights it has at most. */
  readonly userId: number;
  readonly name: string;
  /** The first characters of the key, by which people know it. */
  readonly prefix: string;
  readonly scopes: readonly AdminScope[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** To about a minute. */
  readonly lastUsedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** The proof that it was made with; undefined if that is not known. */
  readonly provedBy: ProofKind | undefined;
}

/** A key with the name of its user; undefined once the user was deleted. */
export interface ListedAdminKey extends AdminKey {
  readonly username: string | undefined;
}

/** Keys with which programs reach the routes of staff. */
export class AdminKeyStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Adds a key, with the entry that says so.
   * @param of.passwordVersion of the session that asks for the key
   * @param of.most keys in force that one user may have
   * @returns why nothing was added, if it was not
   */
  add(
    key: AdminKey,
    of: {
      readonly secretHash: string;
      readonly passwordVersion: number;
      readonly most: number;
      readonly entry: AuditEntry;
      /** What its user is told of it. */
      readonly notices: readonly Notice[];
    },
  ): Promise<'added' | 'user_changed' | 'too_many'> {
    const { id, userId, name, prefix, scopes, createdAtMs, expiresAtMs } = key;
    return this.#db.transaction().execute(async (transaction) => {
      // With the row of the user locked, nobody else adds a key of theirs.
      const isThere = await lockActiveUser(transaction, userId, of.passwordVersion);
      if (!isThere) return 'user_changed';
      const { count } = await transaction
        .selectFrom('admin_keys')
        .select((it) => it.fn.countAll<number | string>().as('count'))
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', createdAtMs)
        .executeTakeFirstOrThrow();
      if (Number(count) >= of.most) return 'too_many';
      await transaction
        .insertInto('admin_keys')
        .values({
          id,
          user_id: userId,
          name,
          prefix,
          secret_hash: of.secretHash,
          scopes: JSON.stringify(scopes),
          created_at: createdAtMs,
          expires_at: expiresAtMs,
          last_used_at: null,
          ended_at: null,
          proved_by: key.provedBy ?? null,
        })
        .execute();
      await addToAuditLog(transaction, of.entry);
      await addNotices(transaction, of.notices);
      return 'added';
    });
  }

  /** The key with this secret, unless it was ended; it may have expired. */
  async byHash(secretHash: string): Promise<AdminKey | undefined> {
    const row = await this.#db
      .selectFrom('admin_keys')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && toAdminKey(row);
  }

  /** A key, whether it has ended or not. */
  async find(id: string): Promise<ListedAdminKey | undefined> {
    const row = await this.#listed().where('k.id', '=', id).executeTakeFirst();
    return row && toListed(row);
  }

  /**
   * Keys that were not ended, newest first; those that have expired since a while ago are left out.
   * @param userId undefined for those of all
   */
  async list(of: {
    readonly userId: number | undefined;
    readonly expiresAfterMs: number;
    readonly limit: number;
  }): Promise<ListedAdminKey[]> {
    const { userId, expiresAfterMs, limit } = of;
    const rows = await this.#listed()
      .where('k.ended_at', 'is', null)
      .where('k.expires_at', '>', expiresAfterMs)
      .$if(userId !== undefined, (query) => query.where('k.user_id', '=', userId as number))
      .orderBy('k.id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toListed);
  }

  /** All keys of a user that there ever were, newest first. */
  async allOf(userId: number): Promise<AdminKey[]> {
    const rows = await this.#db
      .selectFrom('admin_keys')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('id', 'desc')
      .execute();
    return rows.map(toAdminKey);
  }

  /** Those of these keys that there are, ended or not. */
  async among(ids: readonly string[]): Promise<ListedAdminKey[]> {
    if (ids.length === 0) return [];
    const rows = await this.#listed().where('k.id', 'in', ids).execute();
    return rows.map(toListed);
  }

  /** Ends a key. @returns false, with nothing changed, if it has ended already */
  end(id: string, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('admin_keys')
        .set({ ended_at: entry.atMs })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  async noteUse(id: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('admin_keys')
      .set({ last_used_at: atMs })
      .where('id', '=', id)
      .execute();
  }

  #listed() {
    return this.#db
      .selectFrom('admin_keys as k')
      .innerJoin('users as u', 'u.id', 'k.user_id')
      .selectAll('k')
      .select('u.username');
  }
}

function toAdminKey(row: Selectable<AdminKeyRow>): AdminKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    prefix: row.prefix,
    scopes: (JSON.parse(row.scopes) as string[]).filter(isAdminScope),
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastUsedAtMs: row.last_used_at ?? undefined,
    endedAtMs: row.ended_at ?? undefined,
    provedBy: proofKindIn(row.proved_by),
  };
}

function toListed(row: Selectable<AdminKeyRow> & { username: string | null }): ListedAdminKey {
  return { ...toAdminKey(row), username: row.username ?? undefined };
}
