/**
 * Databases that are migrated already, made once for a whole run of tests: a copy of one takes a
 * fraction of the time that the migrations take.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';

/** What a new database of PostgreSQL is a copy of, on the server of `CHIT_TEST_POSTGRES_URL`. */
export const postgresTemplate = () => process.env.CHIT_TEST_TEMPLATE ?? 'template1';

/**
 * Makes both.
 * @param folder of the run, `CHIT_TEST_FOLDER`
 * @param postgresUrl of an empty database, the `CHIT_TEST_TEMPLATE`
 */
export async function makeTemplates(folder: string, postgresUrl: string): Promise<void> {
  for (const url of [postgresUrl, `sqlite:${fileIn(folder)}`]) {
    const database = openDatabase(url);
    await database.migrate(ledgerFunctions);
    await database.close();
  }
}

/** The URL of an SQLite database at this path: a copy, or none yet if there is nothing to copy. */
export function sqliteCopy(path: string): string {
  const folder = process.env.CHIT_TEST_FOLDER;
  if (folder !== undefined && existsSync(fileIn(folder))) {
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(fileIn(folder), path);
  }
  return `sqlite:${path}`;
}

const fileIn = (folder: string) => join(folder, 'migrated.db');
