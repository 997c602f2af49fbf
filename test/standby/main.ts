/**
 * `npm run test:standby`: the primary of a PostgreSQL with a synchronous standby is killed under
 * load, again and again, and the standby is promoted; what clients were told is compared with what
 * is booked. Needs Debian's packages (`apt-get install postgresql haproxy pgbouncer patroni
 * etcd-server`). Arguments choose ways and how many rounds each has; by default they are `hosts=30
 * haproxy=10 pgbouncer=10 patroni=5 async=4`. Writes the figures to `bench/results/`; exits with 1
 * if anything is wrong. `STANDBY_SEED` repeats the choices of a run.
 */
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noted, startAgain } from '../faults/fleet/faults.ts';
import { Figures } from '../faults/fleet/figures.ts';
import { runRound } from '../faults/fleet/rounds.ts';
import { randomBy } from '../faults/fleet/scripts.ts';
import { openSite } from '../faults/fleet/site.ts';
import { newScratchFolder } from '../support/scratch.ts';
import { type Row, RowCounter, tableOf, writeRows } from './figures.ts';
import { type Failover, type Pair, postgresVersion, startPair } from './pair.ts';
import { startPatroni } from './patroni.ts';
import { ask } from './programs.ts';
import { WAYS, type Way } from './ways.ts';

const CLIENTS = 8;
/** Load before a kill, and after both are in sync. */
const BEFORE_MS = 1_500;
const AFTER_MS = 1_500;
/** Before every other kill the standby falls behind, so that many commits wait for it. */
const MOST_LAG_MS = 900;
const DATABASE = 'standby_test';
const RESULTS = join(import.meta.dirname, '../../bench/results');
const DEFAULT = ['hosts=30', 'haproxy=10', 'pgbouncer=10', 'patroni=5', 'async=4'];

interface Setup {
  readonly title: string;
  readonly start: (folder: string, stack: AsyncDisposableStack) => Promise<Pair>;
  readonly way: Way;
  /** Whether answers are lost, which shows that losses are found. */
  readonly loses?: true;
}

const SETUPS: Readonly<Record<string, Setup>> = {
  hosts: { title: 'Both hosts in the URL', start: startPair, way: WAYS.hosts },
  haproxy: { title: 'Through HAProxy', start: startPair, way: WAYS.haproxy },
  pgbouncer: { title: 'Through PgBouncer and HAProxy', start: startPair, way: WAYS.pgbouncer },
  async: {
    title: 'Asynchronous, for comparison',
    start: (folder, stack) => startPair(folder, stack, false),
    way: WAYS.hosts,
    loses: true,
  },
  patroni: { title: 'Patroni, both hosts in the URL', start: startPatroni, way: WAYS.hosts },
};

async function runSetup({ title, start, way }: Setup, rounds: number): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const folder = newScratchFolder();
  chmodSync(folder, 0o755);
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const pair = await start(folder, stack);
  const host = await way(pair, folder, stack);
  await ask(pair.primaryUrl, `CREATE DATABASE ${DATABASE}`);
  const urlOf = (hosts: string) =>
    `postgres://chit:chit@${hosts}/${DATABASE}?target_session_attrs=read-write`;
  const site = await openSite('PostgreSQL', stack, {
    url: urlOf(pair.hosts.join(',')),
    serversUrl: urlOf(host),
    clients: CLIENTS,
  });
  await Promise.all(site.servers.map(startAgain));
  const figures = new Figures();
  const counter = new RowCounter(figures);
  const seed = Number(process.env.STANDBY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomBy(seed);
  const rows: Row[] = [];
  process.stdout.write(`${title}, seed ${seed}\n`);
  for (let round = 1; round <= rounds; round += 1) {
    let failover: Failover | undefined;
    const disturb = async () => {
      await sleep(BEFORE_MS * (0.5 + random()));
      const lagMs = round % 2 === 0 ? MOST_LAG_MS * (0.3 + 0.7 * random()) : 0;
      await noted(site, async () => {
        failover = await pair.failOver(lagMs);
      });
      await sleep(AFTER_MS);
    };
    await runRound(site, disturb, random, figures);
    if (failover) rows.push(counter.row(failover));
    const date = new Date().toISOString().slice(0, 10);
    const heading = `A standby promoted, ${date} (PostgreSQL ${postgresVersion})`;
    writeRows(join(RESULTS, `${date}-standby.md`), heading, title, rows);
    process.stdout.write(`${tableOf(rows).split('\n').at(-2)}\n`);
  }
  process.stdout.write(`${tableOf(rows)}\n${figures.summary}\n`);
  return figures;
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT;
for (const choice of chosen) {
  const [name = '', rounds = '1'] = choice.split('=');
  const setup = SETUPS[name];
  if (!setup) throw new Error(`No such way: ${name}; there are ${Object.keys(SETUPS).join(', ')}.`);
  const figures = await runSetup(setup, Number(rounds));
  for (const example of figures.examples) process.stdout.write(`${example}\n`);
  const hasLost = Object.keys(figures.found).length > 0;
  if (hasLost !== (setup.loses ?? false)) process.exitCode = 1;
}
// Clients of the fleet may still wait for an answer that no longer matters.
process.exit();
