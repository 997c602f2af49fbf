/** Rounds of faults under load; after each, everything that anybody was told is checked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf } from '../../support/chit.ts';
import type { DatabaseName } from '../../support/databases.ts';
import { abandonedHolds, openHolds, readBook } from './book.ts';
import { leaveEarly, openConversation, resolve, sendUntilOver } from './clients.ts';
import { findingsOf, findingsOfStaff, findingsOfUsage } from './compare.ts';
import { doFaults, type Plan, startAgain } from './faults.ts';
import { Figures } from './figures.ts';
import { renewedTwice, VOUCHER_PLAN } from './limits.ts';
import { pick, randomBy } from './scripts.ts';
import { LEASE_MS, openSite, type Site } from './site.ts';
import { finish, type Office, workUntilOver } from './staff.ts';
import { compareWithStatements } from './statements.ts';
import {
  findingsOfRedemptions,
  finishRedeeming,
  makeCodes,
  type Redeemers,
  redeemUntilOver,
} from './vouchers.ts';

const BACK_WITHIN_MS = 60_000;
const RESOLVED_WITHIN_MS = 90_000;
/** Servers look for abandoned holds every two seconds. */
const RECOVERED_WITHIN_MS = LEASE_MS + 2_000;
/**
 * What a server does in that time whatever else the machine does, so that a busy one has longer: it
 * renews its lease four times in the time of one. Some more are for the booking itself.
 */
const RENEWALS = 4 * (RECOVERED_WITHIN_MS / LEASE_MS) + 4;
/** A long answer takes its time, and nobody has to wait for it. */
const ENDED_WITHIN_MS = 45_000;
/** How many of the requests have a long answer. */
const LONG_SHARE = 0.03;

/** Runs a fleet for some rounds; ends all its processes however it ends. */
export async function runFleet(
  name: DatabaseName,
  rounds: readonly Plan[],
  seed: number,
  onFigures: (figures: Figures) => void = () => undefined,
): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const site = await openSite(name, stack);
  const figures = new Figures();
  const random = randomBy(seed);
  await Promise.all(site.servers.map(startAgain));
  for (const plan of rounds) {
    await runRound(
      site,
      () => doFaults(site, plan, random, figures.done),
      random,
      figures,
      plan.zombie > 0 ? 0.15 : LONG_SHARE,
    );
    onFigures(figures);
  }
  return figures;
}

/**
 * One round of load, faults and checks.
 * @param disturb does something to the site while the clients send; they end when it does
 */
export async function runRound(
  site: Site,
  disturb: () => Promise<void>,
  random: () => number,
  figures: Figures,
  longShare = LONG_SHARE,
): Promise<void> {
  const { clients, servers, database, staffAccess, users, folder, settings } = site;
  const sinceMs = Date.now();
  const anyUrl = () => pick(random, servers).url;
  for (const client of clients) await openConversation(anyUrl(), client);
  const office: Office = {
    anyUrl,
    random,
    access: staffAccess,
    users,
    folder,
    settings,
    database,
    actions: [],
    refunded: new Set(),
    commands: 0,
  };
  const vouchers = await makeCodes(site.observer, VOUCHER_PLAN);
  const redeemers: Redeemers = { anyUrl, random, clients, vouchers, redemptions: [] };
  const over = new AbortController();
  const onCut = () => {
    figures.done.clientConnections += 1;
  };
  const round = { anyUrl, random, over: over.signal, longShare, onCut };
  const work = [
    ...clients.map((client) => sendUntilOver(client, round)),
    workUntilOver(office, over.signal),
    redeemUntilOver(redeemers, over.signal),
  ];
  try {
    await disturb();
  } finally {
    over.abort();
    await Promise.all(work);
  }

  await heal(site, figures);
  const healedMs = Date.now();
  const endMs = healedMs + RESOLVED_WITHIN_MS;
  const resolved = Promise.all([
    ...clients.map((client) => resolve(client, anyUrl, endMs)),
    finish(office, endMs),
    finishRedeeming(redeemers, endMs),
  ]);
  await sleep(RECOVERED_WITHIN_MS - (Date.now() - healedMs));
  for (const id of await stuckHolds(site)) {
    figures.add({ column: 'stuckHolds', what: `abandoned: ${id}` });
  }
  await resolved;
  await Promise.all(clients.map((client) => leaveEarly(client, { anyUrl, random, onCut })));
  await untilNothingIsHeld(site, figures);
  await check(site, office, sinceMs, figures);
  figures.redemptions += redeemers.redemptions.length;
  for (const finding of await findingsOfRedemptions(database, redeemers.redemptions)) {
    figures.add(finding);
  }
}

/** Everything runs again; a server that does not answer is started anew, and counted. */
async function heal({ servers, proxies, staffAccess }: Site, figures: Figures): Promise<void> {
  for (const proxy of proxies) proxy.resume();
  await Promise.all(
    servers.map(async (server) => {
      for (const endMs = Date.now() + BACK_WITHIN_MS; !(await server.answers(staffAccess)); ) {
        if (Date.now() > endMs) {
          figures.add({ column: 'stuckServers', what: server.output });
          await server.kill();
          await startAgain(server);
        }
        await sleep(100);
      }
    }),
  );
}

/**
 * Holds that nobody ends although all servers go on: without a lease, or with one that nobody
 * renews, each time that one looks. On a busy machine a lease of a second may expire under a server
 * that lives, which then renews it.
 */
async function stuckHolds({ database, servers }: Site): Promise<Set<string>> {
  let stuck: Set<string> | undefined;
  const endMs = Date.now() + RESOLVED_WITHIN_MS;
  const seen = new Map<string, { expiresMs: number; renewals: number }>();
  for (;;) {
    const now = new Set(await abandonedHolds(database));
    stuck = stuck ? stuck.intersection(now) : now;
    const leases = await database.kysely
      .selectFrom('leases')
      .select(['id', 'expires_at'])
      .execute();
    for (const { id, expires_at: expiresMs } of leases) {
      const before = seen.get(id);
      const isRenewed = before !== undefined && before.expiresMs !== expiresMs;
      seen.set(id, { expiresMs, renewals: (before?.renewals ?? 0) + (isRenewed ? 1 : 0) });
    }
    const goneOn = [...seen.values()].filter(({ renewals }) => renewals >= RENEWALS).length;
    const isOver = goneOn >= servers.length || Date.now() > endMs;
    if (stuck.size === 0 || isOver) return stuck;
    await sleep(LEASE_MS / 20);
  }
}

async function untilNothingIsHeld({ database }: Site, figures: Figures): Promise<void> {
  for (const endMs = Date.now() + ENDED_WITHIN_MS; ; await sleep(100)) {
    const open = await openHolds(database);
    if (open === 0) return;
    if (Date.now() < endMs) continue;
    for (let hold = 0; hold < open; hold += 1) figures.add({ column: 'stuckHolds', what: 'open' });
    return;
  }
}

async function check(site: Site, office: Office, sinceMs: number, figures: Figures): Promise<void> {
  const { clients, database, observer, servers } = site;
  const book = await readBook(database, sinceMs);
  figures.countBook(book);
  for (const client of clients) {
    for (const sent of client.sent) {
      figures.count(sent);
      const ofUsage = findingsOfUsage(sent, book, site.told, site.troubles);
      for (const finding of [...findingsOf(sent, book), ...ofUsage]) figures.add(finding);
    }
  }
  figures.staffActions += office.actions.length;
  for (const action of office.actions) {
    for (const finding of findingsOfStaff(action, book)) figures.add(finding);
  }
  for (const what of await faultsOf(observer)) figures.add({ column: 'sumMismatches', what });
  for (const finding of await renewedTwice(database)) figures.add(finding);
  const url = servers[0]?.url ?? '';
  for (const finding of await compareWithStatements(url, clients, book, sinceMs)) {
    figures.add(finding);
  }
  for (const client of clients) client.sent = [];
  site.told.length = 0;
  site.troubles.length = 0;
}
