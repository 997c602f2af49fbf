/** A worker that wants a lock file at once, says when it begins, and whether it got it. */
import { parentPort, workerData } from 'node:worker_threads';
import { takeLock } from '../../src/store/operations/lock-file.ts';

const { path, waitMs } = workerData as { readonly path: string; readonly waitMs: number };
parentPort?.postMessage('begins');
const lock = takeLock(path, waitMs);
parentPort?.postMessage(lock !== undefined);
lock?.close();
