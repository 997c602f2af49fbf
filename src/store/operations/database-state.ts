/** What the doctor asks a database of any version, without changing anything. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isPostgres, sqlitePath } from '../database/dialect.ts';
import { NEWEST_MIGRATION } from '../database/migrate.ts';
import { isNoSuchTable } from '../database/no-such-table.ts';
import type { Database } from '../database/schema.ts';
import { connectedTo } from './postgres-copy.ts';
import { type KnownServer, ServerStore } from './servers.ts';
import { readingSqlite, sqliteBytes } from './sqlite-copy.ts';

/** How a database is. */
export interface DatabaseState {
  readonly kind: 'SQLite' | 'PostgreSQL';
  /** The newest migration; undefined for a database without tables. */
  readonly migration: string | undefined;
  readonly bytes: number;
  /** Whether it refuses to be written: a standby, or set so. */
  readonly isReadOnly: boolean;
  /** Its clock, in milliseconds since 1970 UTC, and that of this machine when it was asked. */
  readonly clockMs: number;
  readonly askedAtMs: number;
  /** undefined unless the database has the newest schema. */
  readonly running: RunningState | undefined;
}

/** What is going on in it. */
export interface RunningState {
  readonly openHolds: number;
  /** Open holds whose lease has ended, by at least the time that was given. */
  readonly abandonedHolds: number;
  /** When the oldest of them was opened, in milliseconds since 1970 UTC. */
  readonly oldestAbandonedMs: number | undefined;
  /** The first message that the index of searches should have and has not. */
  readonly firstUnindexedId: string | undefined;
  /** The servers on it; none on SQLite, where nobody notes them. */
  readonly servers: readonly KnownServer[];
}

interface Times {
  /** A lease that has ended for so long should have been taken over. */
  readonly overdueMs: number;
  /** A server that was not seen for so long is gone. */
  readonly goneAfterMs: number;
  /** What was sent before should be in the index of searches. */
  readonly indexedBeforeId: string;
}

/** @throws the database's errors */
export function readDatabaseState(url: string, times: Times): Promise<DatabaseState> {
  if (isPostgres(url)) {
    return connectedTo(url, (kysely) => stateOf(kysely, POSTGRES, times));
  }
  const path = sqlitePath(url);
  const database = { ...SQLITE, bytes: () => Promise.resolve(sqliteBytes(path)) };
  return readingSqlite(path, ({ kysely }) => stateOf(kysely, database, times));
}

interface Kind {
  readonly kind: DatabaseState['kind'];
  readonly clockMs: RawBuilder<number>;
  bytes(db: Kysely<Database>): Promise<number>;
  isReadOnly(db: Kysely<Database>): Promise<boolean>;
  servers(db: Kysely<Database>, times: Times): Promise<KnownServer[]>;
}

const SQLITE: Omit<Kind, 'bytes'> = {
  kind: 'SQLite',
  clockMs: sql<number>`CAST(unixepoch('subsec') * 1000 AS integer)`,
  isReadOnly: async () => false,
  servers: async () => [],
};

const POSTGRES: Kind = {
  kind: 'PostgreSQL',
  clockMs: sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`,
  bytes: async (db) => {
    const { rows } = await sql<{ bytes: number | string }>`
      SELECT pg_database_size(current_database()) AS bytes`.execute(db);
    return Number(rows[0]?.bytes);
  },
  isReadOnly: async (db) => {
    const { rows } = await sql<{ is: boolean }>`
      SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is
    `.execute(db);
    return rows[0]?.is ?? false;
  },
  servers: (db, { goneAfterMs }) => new ServerStore(db).seenWithin(goneAfterMs),
};

async function stateOf(db: Kysely<Database>, of: Kind, times: Times): Promise<DatabaseState> {
  // The first query connects, which would count as the time that the clock differs.
  const migration = await newestMigration(db);
  const sentAtMs = Date.now();
  const { rows } = await sql<{ ms: number | string }>`SELECT ${of.clockMs} AS ms`.execute(db);
  const askedAtMs = (sentAtMs + Date.now()) / 2;
  const clockMs = Number(rows[0]?.ms);
  return {
    kind: of.kind,
    migration,
    bytes: await of.bytes(db),
    isReadOnly: await of.isReadOnly(db),
    clockMs,
    askedAtMs,
    running:
      migration === NEWEST_MIGRATION ? await runningState(db, of, times, clockMs) : undefined,
  };
}

async function newestMigration(db: Kysely<Database>): Promise<string | undefined> {
  try {
    const { rows } = await sql<{ name: string | null }>`
      SELECT max(name) AS name FROM kysely_migration`.execute(db);
    return rows[0]?.name ?? undefined;
  } catch (error) {
    if (isNoSuchTable(error)) return undefined;
    throw error;
  }
}

async function runningState(
  db: Kysely<Database>,
  of: Kind,
  times: Times,
  nowMs: number,
): Promise<RunningState> {
  // Few holds are open, and there is an index of them.
  const open = await db
    .selectFrom('holds')
    .leftJoin('leases', 'leases.id', 'holds.lease_id')
    .select(['holds.created_at', 'leases.expires_at'])
    .where('holds.state', '=', 'open')
    .execute();
  const abandoned = open
    .filter((it) => {
      const endedMs = it.expires_at === null ? it.created_at : it.expires_at;
      return Number(endedMs) < nowMs - times.overdueMs;
    })
    .map((it) => Number(it.created_at));
  return {
    openHolds: open.length,
    abandonedHolds: abandoned.length,
    oldestAbandonedMs: abandoned.length === 0 ? undefined : Math.min(...abandoned),
    firstUnindexedId: await firstUnindexed(db, times),
    servers: await of.servers(db, times),
  };
}

async function firstUnindexed(
  db: Kysely<Database>,
  { indexedBeforeId }: Times,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`SELECT id FROM messages
    WHERE id > (SELECT mark FROM search_progress) AND id < ${indexedBeforeId}
    ORDER BY id LIMIT 1`.execute(db);
  return rows[0]?.id;
}
