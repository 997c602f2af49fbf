/**
 * The process that makes backups for a server: it works for long stretches without a pause, and
 * with a lower priority than the server. It ends with the server.
 */
import { setPriority } from 'node:os';
import type { FromBackupProcess, ToBackupProcess } from './backup-apart.ts';
import { makeBackup } from './make-backup.ts';

/** As of `nice`: whoever else needs the processor goes first. */
const NICE = 10;

process.once('message', async ({ source, order }: ToBackupProcess) => {
  try {
    setPriority(NICE);
  } catch {
    // Not every system allows it, and it works all the same.
  }
  let answer: FromBackupProcess;
  try {
    answer = { made: await makeBackup(source, order) };
  } catch (error) {
    answer = { failure: (error as Error).message };
  }
  process.send?.(answer, () => process.disconnect?.());
});
process.once('disconnect', () => process.exit());
// They go to all processes of a terminal or a service; it is for the server to end this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
