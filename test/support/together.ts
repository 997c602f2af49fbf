/**
 * Several test files in one process, which costs less than a process for each. They run one after
 * the other, each as a suite of its own, so that its hooks run for its tests only.
 */
import { join } from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';
// Imported first: its `after` must be that of the process, not that of the first file's suite.
import './at-end.ts';
import type { DatabaseName } from './databases.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Declares the tests of these files.
 * @param files relative to the checkout
 * @param database of the servers and commands that they start
 * @param timeoutMs for each file
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
