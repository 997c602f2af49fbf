import pg from 'pg';

const MAX_CONNECTIONS = 10;
/** Short, so that requests are refused rather than queued while the database is unreachable. */
const CONNECT_TIMEOUT_MS = 2_000;
/** OID of bigint, which the driver returns as text since it can exceed 2^53. */
const INT8_OID = 20;

/** Connections to a PostgreSQL database, on which 64-bit integers are numbers. */
export function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Ours all stay below 2^53: CHECKs in the tables enforce it.
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8_OID && format !== 'binary'
          ? Number
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // A broken connection fails its query and is replaced. Without these listeners, for idle
  // connections and for those in use, its error event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
