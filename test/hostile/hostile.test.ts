/** The short form of `npm run test:hostile`, on SQLite. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODERATE } from './hostile-values.ts';
import { reportAsText } from './report.ts';
import { runHostile } from './run.ts';

const REQUESTS = 6_000;
/** On a slow machine there are fewer requests, rather than more time, but for these. */
const SECONDS = 12;
const LEAST = 600;
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_128);

test(`hostile requests over every route find nothing wrong (seed ${SEED})`, async (t) => {
  const report = await runHostile({
    requests: REQUESTS,
    seconds: SECONDS,
    least: LEAST,
    seed: SEED,
    concurrency: 24,
    sizes: MODERATE,
    hasBigAttacks: false,
    // Other tests use the processor at the same time.
    mostDelayMs: 5_000,
    // In some seconds a server that has just started only grows to its size.
    mostGrowthMb: 200,
    onProgress: (line) => t.diagnostic(line),
  });
  assert.deepEqual(report.faults, [], reportAsText(report));
  assert.ok(report.requests >= LEAST, 'requests were sent');
  assert.ok(report.compared > 0, 'some were answered and charged');
});
