import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { ScimTokenRow } from '../database/directory-schema.ts';
import type { Database } from '../database/schema.ts';

/** A token for the SCIM API, without its secret, of which only a hash is stored. */
export interface ScimToken {
  readonly id: string;
  /** Tells it from all others that have not ended. */
  readonly name: string;
  /** The first characters of the token. */
  readonly prefix: string;
  /** Who made it, as an actor of the audit log. */
  readonly madeBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly lastUsedAtMs: number | undefined;
}

/** Tokens of directories. They are looked up by the hash of the whole token. */
export class ScimTokenStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** @returns false, with nothing added, if a token that has not ended has the name */
  async add(token: ScimToken, secretHash: string, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('scim_tokens')
        .values({
          id: token.id,
          name: token.name,
          prefix: token.prefix,
          secret_hash: secretHash,
          made_by: token.madeBy,
          created_at: token.createdAtMs,
          expires_at: token.expiresAtMs ?? null,
        })
        .onConflict((at) => at.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /** Those that have not ended, newest first; also those that have expired. */
  async all(limit: number): Promise<ScimToken[]> {
    const rows = await this.#db
      .selectFrom('scim_tokens')
      .selectAll()
      .where('ended_at', 'is', null)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toScimToken);
  }

  /** One that has not ended. */
  async byHash(secretHash: string): Promise<ScimToken | undefined> {
    const row = await this.#db
      .selectFrom('scim_tokens')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && toScimToken(row);
  }

  /** One that has not ended. */
  async byId(id: string): Promise<ScimToken | undefined> {
    const row = await this.#db
      .selectFrom('scim_tokens')
      .selectAll()
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && toScimToken(row);
  }

  async noteUse(id: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('scim_tokens')
      .set({ last_used_at: atMs })
      .where('id', '=', id)
      .execute();
  }

  /** @returns false, with nothing changed, if there is none that has not ended */
  end(id: string, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('scim_tokens')
        .set({ ended_at: entry.atMs })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }
}

function toScimToken(row: Selectable<ScimTokenRow>): ScimToken {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    madeBy: row.made_by,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at ?? undefined,
    lastUsedAtMs: row.last_used_at ?? undefined,
  };
}
