/** The thread of `erase-remains.ts`: copies the write-ahead log into the database file once. */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';

const file = pathToFileURL(workerData as string);
// A file that has just been moved away must not be created again.
file.searchParams.set('mode', 'rw');
const db = new DatabaseSync(file);
// Waits for nobody, and nobody waits for it.
db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
db.close();
