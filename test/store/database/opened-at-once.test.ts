/** Servers that are started at the same moment on a file that is not there yet. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { newFolder } from '../../support/server.ts';

const OPENERS = 4;
const FILES = 80;
const OPENER = join(import.meta.dirname, '../../support/sqlite-opener.ts');

test('all that open a new file at once get it', async () => {
  const paths = Array.from({ length: FILES }, () => join(newFolder(), 'chit.sqlite'));
  const counters = new Int32Array(new SharedArrayBuffer(4 * FILES));
  const refused = await Promise.all(
    Array.from({ length: OPENERS }, async () => {
      const workerData = { paths, counters, openers: OPENERS };
      const worker = new Worker(OPENER, { workerData });
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      worker.on('message', resolve).on('error', reject);
      return promise;
    }),
  );
  assert.deepEqual(refused.flat(), []);
});
