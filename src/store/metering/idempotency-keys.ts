import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Keys per statement, so that none takes long, whatever a day has left behind. */
const SWEPT_AT_ONCE = 500;

/** What a key was used for. */
export interface UsedKey {
  readonly bodyHash: string;
  /** The id of what was made with it, or is to be. */
  readonly madeId: string;
}

/** A key for what is not a command of the ledger that has one. */
export interface ClaimedKey extends UsedKey {
  readonly scope: string;
  readonly key: string;
  readonly atMs: number;
}

/**
 * Uses a key, unless it is used already.
 * @returns what it was used for first: what is given, if it was new
 */
export async function claimKey(db: Kysely<Database>, claimed: ClaimedKey): Promise<UsedKey> {
  const { scope, key, bodyHash, madeId, atMs } = claimed;
  // Changes nothing where there is one, but waits for whoever is inserting it, and reads it.
  const { rows } = await sql<{ body_hash: string; made_id: string }>`
    INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
    VALUES (${scope}, ${key}, ${bodyHash}, ${madeId}, ${atMs})
    ON CONFLICT (scope, key) DO UPDATE SET created_at = idempotency_keys.created_at
    RETURNING body_hash, made_id`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('An idempotency key was neither new nor used.');
  return { bodyHash: row.body_hash, madeId: row.made_id };
}

/** Looks up, claims and deletes idempotency keys; those of its commands the ledger writes. */
export class IdempotencyKeyStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The hash of the body that came with a key; undefined if the key is unused. */
  async bodyHashOf(scope: string, key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('idempotency_keys')
      .select('body_hash')
      .where('scope', '=', scope)
      .where('key', '=', key)
      .executeTakeFirst();
    return row?.body_hash;
  }

  /** What a key was used for; undefined if it is unused. */
  async used(scope: string, key: string): Promise<UsedKey | undefined> {
    const row = await this.#db
      .selectFrom('idempotency_keys')
      .select(['body_hash', 'made_id'])
      .where('scope', '=', scope)
      .where('key', '=', key)
      .executeTakeFirst();
    return row && { bodyHash: row.body_hash, madeId: row.made_id };
  }

  /** Uses a key, unless it is used already; see `claimKey`. */
  claim(claimed: ClaimedKey): Promise<UsedKey> {
    return claimKey(this.#db, claimed);
  }

  /**
   * Deletes some of the keys that were used before a time.
   * @returns whether there may be more of them
   */
  async sweep(beforeMs: number): Promise<boolean> {
    const { numAffectedRows } = await sql`DELETE FROM idempotency_keys WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency_keys
        WHERE created_at < ${beforeMs} ORDER BY created_at LIMIT ${SWEPT_AT_ONCE}
      )`.execute(this.#db);
    return numAffectedRows === BigInt(SWEPT_AT_ONCE);
  }
}
