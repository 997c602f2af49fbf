import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'functions');

/**
 * The SQL that makes the ledger's functions in PostgreSQL. Each version is a set of files that a
 * migration runs and that never changes afterwards; the newest one is what the engine calls.
 * @param version the number of the migration, such as `0001`
 */
export function ledgerFunctions(version: string): string {
  const files = readdirSync(FOLDER).filter((name) => name.startsWith(`${version}-`));
  if (files.length === 0) throw new Error(`There are no ledger functions of version ${version}.`);
  return files
    .toSorted()
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
    .join('\n');
}
