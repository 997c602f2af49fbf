/**
 * Several files of tests in one process, which costs less than a process for each. They run one
 * after the other, each as a suite of its own, so that their hooks are theirs alone.
 */
import { join } from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';
// Before the files, the first of which would otherwise be what it takes for the end.
import './at-end.ts';
import type { DatabaseName } from './databases.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Declares the tests of these files.
 * @param files relative to the checkout
 * @param database of the servers and commands that they start
 * @param timeoutMs for each test, and for each file
 */
export function together(
  files: readonly string[],
  database: DatabaseName,
  timeoutMs: number,
): void {
  process.env.TEST_DATABASE = database;
  for (const file of files) {
    describe(`${file}, ${database}`, { timeout: timeoutMs }, async () => {
      await import(pathToFileURL(join(ROOT, file)).href);
    });
  }
}
