import { chmodSync, existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory, on most Linux systems. */
const IN_MEMORY = '/dev/shm';
/** More than the databases of all tests take. */
const ENOUGH_BYTES = 4 * 2 ** 30;

/**
 * Where the databases of tests are: the folder that `test/run.ts` names, else the temporary folder.
 */
export function scratchFolder(): string {
  return process.env.CHIT_TEST_FOLDER ?? tmpdir();
}

/**
 * Makes a folder for the databases of a whole run, in memory where that has room: there it costs
 * no time to write to it. The tests kill processes but never the machine, so nothing depends on
 * what a disk has.
 */
export function newScratchFolder(): string {
  const folder = mkdtempSync(join(hasRoom(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'chit-tests-'));
  // PostgreSQL may run as another user, who has to enter it.
  chmodSync(folder, 0o755);
  return folder;
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ENOUGH_BYTES;
}
