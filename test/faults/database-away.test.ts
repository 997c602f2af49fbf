/** PostgreSQL crashes under load, again and again: 503 meanwhile, back in seconds, all agrees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { flatPrice } from '../../src/core/pricing.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { getWith, postJson } from '../support/http.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/postgres.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { openHolds, readBook } from './fleet/book.ts';
import { openConversation, resolve, sendUntilOver } from './fleet/clients.ts';
import { COLUMNS, findingsOf } from './fleet/compare.ts';
import { spend } from './fleet/kinds.ts';
import type { Sent } from './fleet/records.ts';
import { plainScript } from './fleet/scripts.ts';
import type { FleetServer } from './fleet/servers.ts';
import { openSite, type Site } from './fleet/site.ts';

const IS_LONG = process.env.FAULTS === 'long';
const CRASHES = IS_LONG ? 10 : 2;
const BACK_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 60_000;

test('PostgreSQL crashes under load: 503 meanwhile, back in seconds, nothing lost', async () => {
  await using stack = new AsyncDisposableStack();
  const site = await openSite('PostgreSQL', stack);
  const server = site.servers[0] as FleetServer;
  const load = await startLoad(site, server, stack);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await sleep(300);
    const signal = crash % 2 === 0 ? 'SIGKILL' : 'SIGQUIT';
    await site.postgres?.crash(() => assertRefusedMeanwhile(site, server), signal);
    await assertBack(site, server);
  }
  await load.stop();
  await assertBooksAgree(site, load, site);
});

if (IS_LONG) {
  test('a standby takes over: nothing that was acknowledged is lost', async () => {
    await using stack = new AsyncDisposableStack();
    const site = await openSite('PostgreSQL', stack);
    const primary = site.postgres as OwnPostgres;
    const standby = await startOwnPostgres({ standbyOf: primary });
    stack.defer(() => standby.stop());
    await execute(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    await execute(primary.url, 'SELECT pg_reload_conf()');
    const server = site.servers[0] as FleetServer;
    const load = await startLoad(site, server, stack);
    await sleep(500);
    await primary.kill();
    site.primary.port = Number(new URL(standby.url).port);
    // It only reads as yet.
    assert.equal((await getWith(`${server.url}/readyz`, '')).status, 503);
    await execute(standby.url, 'SELECT pg_promote()');
    await assertBack(site, server);
    await sleep(300);
    await load.stop();

    const url = new URL(site.settings.CHIT_DATABASE_URL ?? '');
    url.port = String(site.primary.port);
    const observer = await openTestChit(url.href, scriptedModel(flatPrice(100)));
    stack.defer(() => observer.close());
    const database = openDatabase(url.href);
    stack.defer(() => database.close());
    await assertBooksAgree(site, load, { observer, database });
  });
}

interface Load {
  readonly sinceMs: number;
  /** Resolves when every client has its answers. */
  stop(): Promise<void>;
}

/** Starts a server and lets all clients send until they are stopped. */
async function startLoad(
  site: Site,
  server: FleetServer,
  stack: AsyncDisposableStack,
): Promise<Load> {
  await server.start();
  const sinceMs = Date.now();
  for (const client of site.clients) await openConversation(server.url, client);
  const over = new AbortController();
  stack.defer(() => over.abort());
  const onCut = () => undefined;
  const anyUrl = () => server.url;
  const round = { anyUrl, random: Math.random, over: over.signal, longShare: 0, onCut };
  const work = site.clients.map((client) => sendUntilOver(client, round));
  return {
    sinceMs,
    stop: async () => {
      over.abort();
      await Promise.all(work);
      const endMs = Date.now() + SETTLED_WITHIN_MS;
      await Promise.all(site.clients.map((client) => resolve(client, anyUrl, endMs)));
    },
  };
}

async function assertBooksAgree(
  { clients }: Site,
  { sinceMs }: Load,
  { observer, database }: Pick<Site, 'observer' | 'database'>,
): Promise<void> {
  const endMs = Date.now() + SETTLED_WITHIN_MS;
  while ((await openHolds(database)) > 0) {
    assert.ok(Date.now() < endMs, 'holds stay open');
    await sleep(100);
  }
  assert.deepEqual(await faultsOf(observer), []);
  const book = await readBook(database, sinceMs);
  const found = clients.flatMap(({ sent }) => sent).flatMap((it) => findingsOf(it, book));
  assert.deepEqual(
    found.map(({ column, what }) => `${COLUMNS[column]}: ${what}`),
    [],
  );
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** While the database is down everything that needs it gets 503, and the process lives. */
async function assertRefusedMeanwhile(site: Site, { url }: FleetServer): Promise<void> {
  const [client] = site.clients;
  const access = client?.account.access ?? '';
  const answer = await getWith(`${url}/api/tokens/`, access);
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  assert.ok(client);
  const sent = newSent(client.account);
  client.sent.push(sent);
  sent.tries.push(await spend(url, client.account, sent.spending));
  assert.equal(sent.tries[0]?.status, 503);
  const login = { username: 'client-0', password: 'Pa55word!x' };
  assert.equal((await postJson(`${url}/api/login/`, login)).status, 503);
  assert.equal((await getWith(`${url}/readyz`, access)).status, 503);
  assert.equal((await getWith(`${url}/healthz`, access)).status, 200);
}

async function assertBack(site: Site, { url }: FleetServer): Promise<void> {
  const account = site.clients[0]?.account;
  assert.ok(account);
  for (const endMs = Date.now() + BACK_WITHIN_MS; ; await sleep(50)) {
    const { status } = await spend(url, account, newSent(account).spending);
    if (status === 200) return;
    assert.ok(Date.now() < endMs, 'it is not back');
  }
}

function newSent(account: Sent['account']): Sent {
  const script = plainScript();
  const { content } = script;
  const of = { kind: 'chat', model: 'flat', key: undefined, conversationId: '' } as const;
  return { spending: { ...of, content }, script, account, tries: [], follows: [] };
}
