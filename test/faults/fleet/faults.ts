/** What is done to the servers of a fleet, one fault after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fate, TcpProxy } from '../../support/tcp-proxy.ts';
import type { Done } from './figures.ts';
import { pick } from './scripts.ts';
import type { FleetServer } from './servers.ts';
import { LEASE_MS, type Site } from './site.ts';

export const FAULTS = ['kill', 'zombie', 'connection', 'crash'] as const;
export type Fault = (typeof FAULTS)[number];

/** How often each fault happens in a round. */
export type Plan = Readonly<Record<Fault, number>>;

/** Where servers are told to die: a step, and how often they may pass it before. */
const POINTS: readonly [point: string, most: number][] = [
  ['hold', 3],
  ['hold', 3],
  ['settle', 3],
  ['settle', 3],
  ['settle', 1],
  ['journal', 2],
  ['release', 1],
  ['distribute', 1],
  ['refund', 1],
  ['redeem', 3],
  ['renew', 1],
  ['conversations', 2],
  ['idempotentResponses', 1],
];
const BACK_WITHIN_MS = 60_000;
const DATABASE_AWAY_MS = 400;
const STALL_MS = 3_000;

/** Carries out the faults of a round: those of one server in turn, those of several at once. */
export async function doFaults(
  site: Site,
  plan: Plan,
  random: () => number,
  done: Done,
): Promise<void> {
  const queues = site.servers.map((): (() => Promise<void>)[] => []);
  const add = (count: number, index: number, fault: (server: number) => Promise<void>) => {
    for (let next = 0; next < count; next += 1) {
      const server = (index + next) % queues.length;
      queues[server]?.push(() => fault(server));
    }
  };
  const { servers, proxies } = site;
  const serverAt = (index: number) => servers[index] as FleetServer;
  add(plan.kill, 0, (index) => kill(serverAt(index), random, done));
  add(plan.zombie, 1, (index) => noted(site, () => makeZombie(serverAt(index), random, done)));
  if (proxies.length > 0) {
    add(plan.connection, 2, (index) =>
      noted(site, () => disturb(proxies[index] as TcpProxy, serverAt(index), random, done)),
    );
  }
  const inTurn = queues.map(async (queue) => {
    for (const fault of shuffled(queue, random)) {
      await sleep(50 + random() * 350);
      await fault();
    }
  });
  const crashes = async () => {
    for (let crash = 0; site.postgres && crash < plan.crash; crash += 1) {
      await sleep(500 + random() * 2_500);
      const { postgres } = site;
      await noted(site, () => postgres.crash(random() * DATABASE_AWAY_MS, 'SIGKILL'));
      done.databaseCrashes += 1;
    }
  };
  await Promise.all([...inTurn, crashes()]);
}

/** Notes when a fault may have left a server in doubt about its lease, until it has renewed it. */
export async function noted({ troubles }: Site, fault: () => Promise<unknown>): Promise<void> {
  const fromMs = Date.now();
  try {
    await fault();
  } finally {
    troubles.push({ fromMs, toMs: Date.now() + 2 * LEASE_MS });
  }
}

/** Starts a server, again and again while the database is away. */
export async function startAgain(server: FleetServer): Promise<void> {
  for (const endMs = Date.now() + BACK_WITHIN_MS; ; ) {
    try {
      await server.start();
      return;
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await sleep(100);
    }
  }
}

/** At a random moment, or at a certain step of what it does. */
async function kill(server: FleetServer, random: () => number, done: Done): Promise<void> {
  done.kills += 1;
  if (random() < 0.7) {
    const [point, most] = pick(random, POINTS);
    const side = random() < 0.5 ? 'before' : 'after';
    const where = await server.dieAt(`${side}-${point}`, 1 + Math.floor(random() * most));
    if (where === 'there') done.killsAtPoints += 1;
  } else {
    await server.kill();
  }
  await startAgain(server);
}

async function makeZombie(server: FleetServer, random: () => number, done: Done): Promise<void> {
  await server.pause((2 + 2 * random()) * LEASE_MS);
  done.zombies += 1;
}

/** Something happens to the connections between a server and PostgreSQL. */
async function disturb(
  proxy: TcpProxy,
  server: FleetServer,
  random: () => number,
  done: Done,
): Promise<void> {
  if (!server.isRunning) return;
  done.databaseConnections += 1;
  const kind = random();
  if (kind < 0.35) {
    proxy.cut();
  } else if (kind < 0.8) {
    await decideFor(proxy, 'lose answer', 1 + Math.floor(random() * 3));
  } else if (kind < 0.9) {
    await decideFor(proxy, 'silence answer', 1);
  } else {
    proxy.stall({ andNew: random() < 0.5 });
    await sleep(STALL_MS * random());
  }
  proxy.resume();
}

/** Lets so many of the next batches of the ledger, or other writes, meet this fate. */
async function decideFor(proxy: TcpProxy, fate: Fate, count: number): Promise<void> {
  let left = count;
  proxy.decide((chunk) => {
    const isWrite = /ledger_apply|batch_index|insert into|update "|commit/i.test(
      chunk.toString('latin1'),
    );
    if (left === 0 || !isWrite) return 'forward';
    left -= 1;
    return fate;
  });
  for (const endMs = Date.now() + 500; left > 0 && Date.now() < endMs; ) await sleep(10);
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((it) => ({ it, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ it }) => it);
}
