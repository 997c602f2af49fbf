/** What a database contains, read in a way that databases of earlier versions allow too. */
import { type Kysely, sql } from 'kysely';
import type { DatabaseFacts } from '../../core/backups.ts';
import { schemaAge } from '../database/migrate.ts';
import type { Database } from '../database/schema.ts';

/** Balances are summed in two parts, since thousands of the largest would overflow 64 bits. */
const LOW = 1_000_000_000;

/** A database has no tables of Chit's: it is another's, or a server is just creating them. */
export class NoTables extends Error {
  constructor() {
    super(
      "There is nothing to back up: the database has no tables of Chit's. A new server creates " +
        'them in its first moments; try again then. If there is no new server, check ' +
        'CHIT_DATABASE_URL.',
    );
  }
}

/**
 * Reads what a database contains. Inside a transaction all of it is of one moment.
 * @throws NoTables
 */
export async function readFacts(db: Kysely<Database>): Promise<DatabaseFacts> {
  if ((await schemaAge(db as never)) === 'none') throw new NoTables();
  const { rows } = await sql<Row>`SELECT
    (SELECT max(name) FROM kysely_migration) AS migration,
    (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM transfers) AS transfers,
    (SELECT CAST(coalesce(sum(posted / ${sql.lit(LOW)}), 0) AS text) FROM accounts) AS high,
    (SELECT CAST(coalesce(sum(posted % ${sql.lit(LOW)}), 0) AS text) FROM accounts) AS low
  `.execute(db);
  const { migration, accounts, transfers, high, low } = rows[0] as Row;
  const last = await db
    .selectFrom('transfers')
    .select(['id', 'created_at'])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    migration: migration ?? undefined,
    accounts: Number(accounts),
    transfers: Number(transfers),
    postedCredits: BigInt(high) * BigInt(LOW) + BigInt(low),
    lastTransfer: last && { id: last.id, at: new Date(last.created_at).toISOString() },
  };
}

interface Row {
  readonly migration: string | null;
  /** Text on a connection that does not turn 64-bit integers into numbers. */
  readonly accounts: number | string;
  readonly transfers: number | string;
  readonly high: string;
  readonly low: string;
}

/** Whether a database contains a transfer. */
export async function hasTransfer(db: Kysely<Database>, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('transfers')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

/** When the last lease of a server ends or ended, in ms since 1970 UTC, if there is one. */
export async function lastLeaseMs(db: Kysely<Database>): Promise<number | undefined> {
  const found = await db
    .selectFrom('leases')
    .select((of) => of.fn.max('expires_at').as('at'))
    .executeTakeFirst();
  return found?.at == null ? undefined : Number(found.at);
}
