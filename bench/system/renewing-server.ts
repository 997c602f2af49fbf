/**
 * A server whose clock passes over midnight when it gets SIGUSR2, and which then renews all
 * accounts that are due, as a background job does: some at a time, with pauses.
 *
 * Usage: node bench/system/renewing-server.ts ACCOUNTS_AT_A_TIME PAUSE_MS AHEAD_MS. When all are
 * renewed it writes `renewed.json` into its working directory.
 */
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundJobs } from '../../src/app/operations/background-jobs.ts';
import { openChit, serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';

const [atATime = 250, pauseMs = 20, stepMs = 0] = process.argv.slice(2).map(Number);

const { config } = loadConfig();
const chit = await openChit(config);
const { context } = chit;
let aheadMs = 0;
Object.assign(context, { now: () => Date.now() + aheadMs });
const server = await serverFor(chit, config);
const jobs = new BackgroundJobs(context, (error) => {
  throw error;
});
await jobs.start();
await server.listen({ host: '127.0.0.1', port: 0 });
const { port } = server.server.address() as AddressInfo;
process.stdout.write(`It listens on http://127.0.0.1:${port}/\n`);

process.once('SIGUSR2', () => {
  aheadMs = stepMs;
  void renewAll().then((result) => writeFileSync('renewed.json', JSON.stringify(result)));
});

async function renewAll() {
  const { kysely, close } = openDatabase(config.databaseUrl);
  const startedMs = performance.now();
  const atMs = context.now();
  const result = { accounts: 0, batches: 0, longestBatchMs: 0, seconds: 0 };
  let lastId = -1;
  for (;;) {
    const due = await kysely
      .selectFrom('accounts')
      .select('id')
      .where('renews_at', '<=', atMs)
      .where('id', '>', lastId)
      .orderBy('id')
      .limit(atATime)
      .execute();
    if (due.length === 0) break;
    const accountIds = due.map(({ id }) => id);
    const sentMs = performance.now();
    const { accounts } = await context.ledger.submitUntilKnown({ kind: 'renew', accountIds, atMs });
    result.accounts += accounts;
    result.batches += 1;
    result.longestBatchMs = Math.max(result.longestBatchMs, performance.now() - sentMs);
    lastId = accountIds.at(-1) ?? lastId;
    await sleep(pauseMs);
  }
  result.seconds = (performance.now() - startedMs) / 1000;
  await close();
  return result;
}

process.once('SIGTERM', async () => {
  await server.close();
  await context.generations.idle();
  await jobs.stop();
  await chit.close();
  process.exit(0);
});
