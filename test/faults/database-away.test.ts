/** PostgreSQL crashes under load and comes back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { flatPrice } from '../../src/core/pricing.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { getWith, postJson } from '../support/http.ts';
import { startOwnPostgres } from '../support/postgres.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServer, type TestServer } from '../support/server.ts';
import { type ChaosClient, randomScript, type Sent, send } from './chaos-client.ts';
import { assertRecordsAgree, bookedOf } from './chaos-records.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const CLIENTS = 6;
const AWAY_MS = 1_500;

test('PostgreSQL crashes under load: 503 meanwhile, back in seconds, nothing lost', async (t) => {
  const postgres = await startOwnPostgres();
  t.after(() => postgres.stop());
  const url = await postgres.newDatabase();
  const settings = {
    CHIT_DATABASE_URL: url,
    CHIT_LEASE_SECONDS: '1',
    CHIT_SIGNUP_TOKENS: '10000000',
  };
  const server = await startServer(settings, newFolder(), [SCRIPTED, '100']);
  t.after(() => server.stop());
  const clients: ChaosClient[] = [];
  for (let client = 0; client < CLIENTS; client += 1) {
    const { access } = await newUser(server.url, `client-${client}`);
    clients.push({ access, sent: [] });
  }
  let isOver = false;
  const chats = clients.map((client) => chatWhile(server, client, () => !isOver));
  await sleep(300);
  const crashed = postgres.crash(AWAY_MS);
  const refused = await assertRefusedMeanwhile(server, clients[0]?.access ?? '');
  await crashed;

  const returnedMs = performance.now();
  while (!(await answers(server, clients[0]?.access ?? ''))) {
    assert.ok(performance.now() - returnedMs < 10_000, 'it is not back');
  }
  await sleep(500);
  isOver = true;
  await Promise.all(chats);

  const chit = await openTestChit(url, scriptedModel(flatPrice(100)));
  const database = openDatabase(url);
  while ((await chit.context.holds.openCount()) > 0) {
    assert.ok(performance.now() - returnedMs < 30_000, 'holds stay open');
    await sleep(100);
  }
  assert.deepEqual(await faultsOf(chit), []);
  const booked = await bookedOf(database);
  for (const client of [...clients, refused]) assertRecordsAgree(client, booked);
  const statuses = clients.flatMap(({ sent }) => sent.map(({ status }) => status));
  assert.ok(!statuses.includes(500), 'a fault of the database is not one of the program');
  await chit.close();
  await database.close();
});

async function chatWhile(
  server: TestServer,
  client: ChaosClient,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    const content = randomScript(Math.random);
    const entry = newEntry(content);
    client.sent.push(entry);
    assert.equal(await send(server.url, client, entry), 'answered');
    if (entry.status === 503) await sleep(50);
  }
}

/** While the database is down everything that needs it gets 503, and the process lives. */
async function assertRefusedMeanwhile(server: TestServer, access: string): Promise<ChaosClient> {
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

function newEntry(content: string): Sent {
  return { content, key: undefined, status: 0, reply: undefined, isReplayed: false, tries: 0 };
}

async function answers(server: TestServer, access: string): Promise<boolean> {
  const { status } = await postJson(`${server.url}/api/chat/`, { message: 'back?' }, access);
  return status === 200;
}
