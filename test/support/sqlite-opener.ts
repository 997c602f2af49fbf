/**
 * A worker that opens files which do not exist yet, each at the same moment as the other workers,
 * and sends the errors.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from '../../src/store/database/sqlite-connection.ts';

const { paths, counters, openers } = workerData as {
  readonly paths: readonly string[];
  /** How many workers are at each file. */
  readonly counters: Int32Array;
  readonly openers: number;
};

const errors: string[] = [];
for (const [index, path] of paths.entries()) {
  const others = Atomics.add(counters, index, 1) + 1;
  if (others === openers) Atomics.notify(counters, index);
  else while (Atomics.load(counters, index) < openers) Atomics.wait(counters, index, others, 10);
  try {
    new SqliteConnection(path).close();
  } catch (error) {
    errors.push(String(error));
  }
}
parentPort?.postMessage(errors);
