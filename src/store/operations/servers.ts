import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** What a server says of itself. */
export interface ServerDescription {
  readonly id: string;
  /** The name of its machine. */
  readonly host: string;
  readonly version: string;
  /** A fingerprint: it only tells whether two servers have the same key. */
  readonly secretKey: string;
  /** A fingerprint of models, prices and limits. */
  readonly deployment: string;
  /** How far its clock is ahead of the database's, in milliseconds. */
  readonly clockAheadMs: number;
}

/** A server on the database. */
export interface KnownServer extends ServerDescription {
  /** Times are the database's, in milliseconds since 1970 UTC. */
  readonly startedAtMs: number;
  readonly seenAtMs: number;
  /** How long ago it was seen. */
  readonly unseenForMs: number;
}

const NOW_MS = sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`;

/** The servers on a PostgreSQL database: each has a row, which it renews. */
export class ServerStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Says that a server is there. Returns the database's time. */
  async note(server: ServerDescription): Promise<number> {
    const described = {
      host: server.host,
      version: server.version,
      secret_key: server.secretKey,
      deployment: server.deployment,
      clock_ahead_ms: Math.round(server.clockAheadMs),
    };
    const { seen_at: seenAtMs } = await this.#db
      .insertInto('servers')
      .values({ id: server.id, started_at: NOW_MS, seen_at: NOW_MS, ...described })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ seen_at: NOW_MS, ...described }),
      )
      .returning('seen_at')
      .executeTakeFirstOrThrow();
    return seenAtMs;
  }

  /** The servers that were seen lately, in the order in which they started. */
  async seenWithin(ms: number): Promise<KnownServer[]> {
    const rows = await this.#db
      .selectFrom('servers')
      .selectAll()
      .select(sql<number>`${NOW_MS} - seen_at`.as('unseen_for'))
      .where('seen_at', '>', sql<number>`${NOW_MS} - CAST(${ms} AS bigint)`)
      .orderBy('started_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      host: row.host,
      version: row.version,
      secretKey: row.secret_key,
      deployment: row.deployment,
      clockAheadMs: row.clock_ahead_ms,
      startedAtMs: row.started_at,
      seenAtMs: row.seen_at,
      unseenForMs: row.unseen_for,
    }));
  }

  /** A server stops. */
  async forget(id: string): Promise<void> {
    await this.#db.deleteFrom('servers').where('id', '=', id).execute();
  }

  /** Deletes the rows of servers that ended without a word. */
  async sweep(unseenForMs: number): Promise<void> {
    await this.#db
      .deleteFrom('servers')
      .where('seen_at', '<', sql<number>`${NOW_MS} - CAST(${unseenForMs} AS bigint)`)
      .execute();
  }
}
