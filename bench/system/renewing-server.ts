/**
 * A server whose clock passes over midnight when it gets SIGUSR2; then its background job renews
 * all accounts that are due. Usage: node bench/system/renewing-server.ts AHEAD_MS. When none is due
 * any more it writes `renewed.json` into its working directory.
 */
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundJobs } from '../../src/app/operations/background-jobs.ts';
import { openChit, serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';

const LOOK_EVERY_MS = 250;
const stepMs = Number(process.argv[2]);

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

process.once('SIGUSR2', async () => {
  aheadMs = stepMs;
  const startedMs = performance.now();
  const first = { after: undefined, limit: 1, offset: 0 };
  while ((await context.accountPlans.due(context.now(), first)).length > 0) {
    await sleep(LOOK_EVERY_MS);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  writeFileSync('renewed.json', JSON.stringify({ seconds }));
});

process.once('SIGTERM', async () => {
  await server.close();
  await context.generations.idle();
  await jobs.stop();
  await chit.close();
  process.exit(0);
});
