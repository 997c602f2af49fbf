import pg from 'pg';

const MAX_CONNECTIONS = 10;
/** A database that is away is to be noticed soon, so that requests are refused and not piled up. */
const CONNECT_TIMEOUT_MS = 2_000;
/** OID of bigint, which the driver gives as text since it can be more than a number holds. */
const INT8_OID = 20;

/** Connections to a PostgreSQL database, on which 64-bit integers are numbers. */
export function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Ours all stay below 2^53: CHECKs in the tables see to it.
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8_OID && format !== 'binary'
          ? Number
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that breaks fails its query, if it has one, and is replaced at the next. Without
  // listeners, on idle ones by the pool and on others by themselves, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
