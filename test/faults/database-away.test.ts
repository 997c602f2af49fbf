/** PostgreSQL crashes under load and comes back, again and again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { flatPrice } from '../../src/core/pricing.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { getWith, postJson } from '../support/http.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/postgres.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServer, type TestServer } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { type ChaosClient, randomScript, type Sent, send } from './chaos-client.ts';
import { assertRecordsAgree, bookedOf } from './chaos-records.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const CLIENTS = 6;
const AWAY_MS = 1_500;
const IS_LONG = process.env.FAULTS === 'long';
const CRASHES = IS_LONG ? 30 : 3;

test('PostgreSQL crashes under load: 503 meanwhile, back in seconds, nothing lost', async (t) => {
  const postgres = await startOwnPostgres();
  t.after(() => postgres.stop());
  const url = await postgres.newDatabase();
  const load = await Load.start(url);
  t.after(() => load.server.kill());
  await sleep(300);
  const crashed = postgres.crash(AWAY_MS);
  const refused = await assertRefusedMeanwhile(load);
  await crashed;
  await load.untilBack();
  for (let crash = 1; crash < CRASHES; crash += 1) {
    await sleep(Math.random() * 400);
    // In turns the whole server, and one process of it, after which it restarts by itself.
    if (crash % 2 === 0) await postgres.crash(Math.random() * 300);
    else await killBackend(postgres, url);
    await load.untilBack();
  }
  await load.stop();
  await load.assertBooksAgree(url, refused);
});

if (IS_LONG) test('a standby takes over: nothing that was acknowledged is lost', takeOver);

async function takeOver(t: TestContext): Promise<void> {
  const primary = await startOwnPostgres();
  t.after(() => primary.stop());
  const url = await primary.newDatabase();
  const standby = await startOwnPostgres({ standbyOf: primary });
  t.after(() => standby.stop());
  await execute(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await execute(primary.url, 'SELECT pg_reload_conf()');
  let current: OwnPostgres = primary;
  const proxy = await startTcpProxy(() => Number(new URL(current.url).port));
  t.after(() => proxy.stop());

  const load = await Load.start(proxy.through(url));
  t.after(() => load.server.kill());
  await sleep(500);
  await primary.kill();
  current = standby;
  // It only reads as yet.
  const answer = await getWith(`${load.server.url}/readyz`, load.access);
  assert.equal(answer.status, 503);
  await execute(standby.url, 'SELECT pg_promote()');
  await load.untilBack();
  await sleep(300);
  await load.stop();
  await load.assertBooksAgree(proxy.through(url));
}

/** Clients that chat until they are told to stop. */
class Load {
  readonly server: TestServer;
  readonly clients: readonly ChaosClient[];
  readonly #chats: Promise<void>[];
  #isOver = false;

  private constructor(server: TestServer, clients: readonly ChaosClient[]) {
    this.server = server;
    this.clients = clients;
    this.#chats = clients.map((client) => this.#chat(client));
  }

  static async start(url: string): Promise<Load> {
    const settings = {
      CHIT_DATABASE_URL: url,
      CHIT_LEASE_SECONDS: '1',
      CHIT_SIGNUP_TOKENS: '10000000',
    };
    const server = await startServer(settings, newFolder(), [SCRIPTED, '100']);
    const clients: ChaosClient[] = [];
    for (let client = 0; client < CLIENTS; client += 1) {
      const { access } = await newUser(server.url, `client-${client}`);
      clients.push({ access, sent: [] });
    }
    return new Load(server, clients);
  }

  get access(): string {
    return this.clients[0]?.access ?? '';
  }

  async #chat(client: ChaosClient): Promise<void> {
    while (!this.#isOver) {
      const entry = newEntry(randomScript(Math.random));
      client.sent.push(entry);
      assert.equal(await send(this.server.url, client, entry), 'answered');
      if (entry.status === 503) await sleep(50);
    }
  }

  async untilBack(): Promise<void> {
    const startedMs = performance.now();
    for (;;) {
      const answer = await postJson(
        `${this.server.url}/api/chat/`,
        { message: 'back?' },
        this.access,
      );
      if (answer.status === 200) return;
      assert.ok(performance.now() - startedMs < 15_000, 'it is not back');
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#chats);
  }

  async assertBooksAgree(url: string, ...others: ChaosClient[]): Promise<void> {
    const chit = await openTestChit(url, scriptedModel(flatPrice(100)));
    const database = openDatabase(url);
    const startedMs = performance.now();
    while ((await chit.context.holds.openCount()) > 0) {
      assert.ok(performance.now() - startedMs < 30_000, 'holds stay open');
      await sleep(100);
    }
    assert.deepEqual(await faultsOf(chit), []);
    const booked = await bookedOf(database);
    for (const client of [...this.clients, ...others]) assertRecordsAgree(client, booked);
    const statuses = this.clients.flatMap(({ sent }) => sent.map(({ status }) => status));
    assert.ok(!statuses.includes(500), 'a fault of the database is not one of the program');
    await chit.close();
    await database.close();
  }
}

/** While the database is down everything that needs it gets 503, and the process lives. */
async function assertRefusedMeanwhile({ server, access }: Load): Promise<ChaosClient> {
  for (let isAway = false; !isAway; ) {
    const answer = await getWith(`${server.url}/api/tokens/`, access);
    isAway = answer.status === 503;
    if (isAway) assert.equal(answer.headers['retry-after'], '1');
  }
  const refused = newEntry(randomScript(Math.random));
  const client = { access, sent: [refused] };
  assert.equal(await send(server.url, client, refused), 'answered');
  assert.equal(refused.status, 503);
  const login = { username: 'client-0', password: 'Pa55word!x' };
  assert.equal((await postJson(`${server.url}/api/login/`, login)).status, 503);
  assert.equal((await getWith(`${server.url}/readyz`, access)).status, 503);
  assert.equal((await getWith(`${server.url}/healthz`, access)).status, 200);
  return client;
}

/** Kills one process of PostgreSQL that serves the program, as the system does without memory. */
async function killBackend(postgres: OwnPostgres, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = $1 ORDER BY random() LIMIT 1',
    [new URL(url).pathname.slice(1)],
  );
  const [backend] = rows;
  if (backend) process.kill(backend.pid, 'SIGKILL');
  await client.end().catch(() => undefined);
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function newEntry(content: string): Sent {
  return { content, key: undefined, status: 0, reply: undefined, isReplayed: false, tries: 0 };
}
