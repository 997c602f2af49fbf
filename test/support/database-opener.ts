/**
 * A worker that says that it is about to open a database, opens it as a server or, if `isReadOnly`,
 * as a backup does, and sends how many accounts it finds.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase, sqlitePath } from '../../src/store/database/dialect.ts';
import { readingSqlite } from '../../src/store/operations/sqlite-copy.ts';

const { url, isReadOnly, opening } = workerData as {
  readonly url: string;
  readonly isReadOnly: boolean;
  readonly opening: Int32Array;
};

Atomics.store(opening, 0, 1);
Atomics.notify(opening, 0);
if (isReadOnly) {
  parentPort?.postMessage(
    await readingSqlite(sqlitePath(url), async ({ connection }) => countIn(connection)),
  );
} else {
  const database = openDatabase(url);
  if (database.base.sqlite) parentPort?.postMessage(countIn(database.base.sqlite));
  await database.close();
}

function countIn(connection: { run(sql: string, parameters: []): { rows: object[] } }): number {
  const [row] = connection.run('SELECT count(*) AS accounts FROM accounts', []).rows;
  return (row as { accounts: number }).accounts;
}
