/** Several servers' ledgers over one database. */
import { Ledger } from '../../src/ledger/ledger.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { type DatabaseName, engineFor, openMigrated } from './databases.ts';

/** How many servers there are on each kind of database. */
const SERVERS: Readonly<Record<DatabaseName, number>> = { SQLite: 1, PostgreSQL: 3 };

export interface Ledgers {
  /** One for each server, which has connections of its own. */
  readonly ledgers: readonly Ledger[];
  readonly database: OpenDatabase;
  close(): Promise<void>;
}

/**
 * Opens the ledgers of as many servers as a database can have.
 * @param urlOf the URL by which the server with this number reaches the database
 */
export async function openLedgers(
  name: DatabaseName,
  url: string,
  urlOf: (server: number) => string = () => url,
): Promise<Ledgers> {
  const database = await openMigrated(url);
  const own: OpenDatabase[] = [];
  for (let server = 0; server < SERVERS[name]; server += 1) {
    own.push(name === 'SQLite' ? database : openDatabase(urlOf(server)));
  }
  const ledgers = own.map((it) => new Ledger(engineFor(it), { answerMs: 30_000 }));
  return {
    ledgers,
    database,
    close: async () => {
      await Promise.all(ledgers.map((it) => it.close()));
      await Promise.all([...new Set([...own, database])].map((it) => it.close()));
    },
  };
}
