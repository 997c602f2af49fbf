/**
 * Each thing in turn that a server sends to PostgreSQL for a request is lost, or its answer is:
 * what the client is told, then and when it asks again with its key, is what the book says.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { flatPrice } from '../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf } from '../support/chit.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type ProviderEmulator, startProviderEmulator } from '../support/providers/emulator.ts';
import { type Fate, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { modelAt, providerAt } from '../support/upstream.ts';
import { openHolds, readBook } from './fleet/book.ts';
import { type Client, openConversation, resolve } from './fleet/clients.ts';
import { COLUMNS, findingsOf } from './fleet/compare.ts';
import { type Kind, modelsOf, type Spending, spend } from './fleet/kinds.ts';
import { obey, plainScript } from './fleet/scripts.ts';

const FATES: readonly Fate[] = ['cut', 'lose answer'];
const KINDS: readonly Kind[] = [
  'chat',
  'chat stream',
  'conversation',
  'completions',
  'completions stream',
  'messages stream',
];
/** More than any request sends. */
const MOST_CHUNKS = 60;
const RESOLVED_WITHIN_MS = 60_000;

let postgres: TestPostgres;
let proxy: TcpProxy;
let provider: ProviderEmulator;
let server: ModelServer;
let database: OpenDatabase;
let client: Client;

before(async () => {
  postgres = await startPostgres();
  const url = await postgres.newDatabase();
  proxy = await startTcpProxy(Number(new URL(url).port));
  provider = await startProviderEmulator({ remembers: false });
  provider.behave(obey);
  const openai = providerAt(provider, 'openai');
  const models = [
    modelAt(openai, 'flat', { price: flatPrice(100) }),
    modelAt(openai, 'metered'),
    modelAt(providerAt(provider, 'anthropic'), 'claude'),
  ];
  const settings = { CHIT_DATABASE_URL: proxy.through(url), CHIT_SIGNUP_TOKENS: '1000000000' };
  server = await startModelServer(models, settings);
  database = openDatabase(url);
  const { userId, access, key } = await server.newUser();
  client = { account: { userId, access, apiKey: key }, conversationId: '', sent: [] };
  await openConversation(server.url, client);
});
after(async () => {
  await server.close();
  await database.close();
  await provider.close();
  await proxy.stop();
  await postgres.stop();
});

for (const kind of KINDS) {
  for (const fate of FATES) {
    test(`${kind}, whatever PostgreSQL is sent meets this fate: ${fate}`, async () => {
      const sinceMs = Date.now();
      client.sent = [];
      let isReached = true;
      for (let chunk = 1; isReached && chunk < MOST_CHUNKS; chunk += 1) {
        isReached = await sendWith(kind, fate, chunk);
      }
      assert.ok(!isReached, 'a request ends');
      await untilNothingIsHeld();
      const book = await readBook(database, sinceMs);
      const found = client.sent.flatMap((sent) => findingsOf(sent, book));
      assert.deepEqual(
        found.map(({ column, what }) => `${COLUMNS[column]}: ${what}`),
        [],
      );
      assert.deepEqual(await faultsOf(server.chit), []);
    });
  }
}

/** Sends a request of which one chunk meets its fate; returns whether it came to that chunk. */
async function sendWith(kind: Kind, fate: Fate, chunkNumber: number): Promise<boolean> {
  const script = plainScript();
  const spending: Spending = {
    kind,
    content: script.content,
    model: modelsOf(kind)[0] ?? '',
    key: randomUUID(),
    conversationId: client.conversationId,
  };
  const sent = { spending, script, account: client.account, tries: [], follows: [] } as const;
  const tries = [
    await withFate(fate, chunkNumber, () => spend(server.url, client.account, spending)),
  ];
  client.sent.push({ ...sent, tries: tries.map(({ told }) => told), follows: [] });
  await resolve(client, () => server.url, Date.now() + RESOLVED_WITHIN_MS);
  return tries.every(({ isReached }) => isReached);
}

async function withFate<T>(
  fate: Fate,
  chunkNumber: number,
  act: () => Promise<T>,
): Promise<{ told: T; isReached: boolean }> {
  let chunks = 0;
  proxy.decide(() => {
    chunks += 1;
    return chunks === chunkNumber ? fate : 'forward';
  });
  const told = await act();
  const isReached = chunks >= chunkNumber;
  proxy.resume();
  return { told, isReached };
}

async function untilNothingIsHeld(): Promise<void> {
  for (const endMs = Date.now() + RESOLVED_WITHIN_MS; (await openHolds(database)) > 0; ) {
    assert.ok(Date.now() < endMs, 'holds stay open');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
