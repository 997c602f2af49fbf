/**
 * A server is killed while a message with a file is sent, and between any two steps of its tools:
 * nothing is charged twice, and no file is left for more than its hour.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepFiles } from '../../src/app/chat/files/sweep-files.ts';
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { type ShownMessage, Talker } from '../support/conversations.ts';
import { onEachDatabase } from '../support/databases.ts';
import { type DrivenProvider, startDrivenProvider } from '../support/driven-provider.ts';
import { type McpServer, startMcpServer } from '../support/mcp-server.ts';
import { PATIENT_SETTINGS } from '../support/patient-settings.ts';
import { uploadForm } from '../support/sample-files.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, SECRET_KEY } from '../support/server.ts';
import { openAiStream } from '../support/tool-streams.ts';
import { startAgain } from './fleet/faults.ts';
import { IS_LONG } from './fleet/run.ts';
import { FleetServer } from './fleet/servers.ts';

const SETTINGS = {
  ...PATIENT_SETTINGS,
  CHIT_SECRET_KEY: SECRET_KEY,
  CHIT_LEASE_SECONDS: '3',
  CHIT_SIGNUP_TOKENS: '1000000000',
  CHIT_LOG_LEVEL: 'error',
};
const HOUR_MS = 3_600_000;
const WITHIN_MS = 60_000;
/** A credit for a token of input, two for one of output, seven for the call. */
const FIRST_COST = 50 + 2 * 10;
const COST = FIRST_COST + 90 + 2 * 5 + 7;

/** Where the server dies, for the how manieth time, and what is charged in the end. */
const ALL_DEATHS = [
  // Nothing was charged yet, so that it is answered when it is sent again.
  { point: 'after-attach', count: 1, charged: COST },
  { point: 'after-hold', count: 1, charged: COST },
  { point: 'after-begin', count: 1, charged: COST },
  { point: 'after-settle', count: 1, charged: FIRST_COST },
  { point: 'after-hold', count: 2, charged: FIRST_COST },
  { point: 'after-endCall', count: 1, charged: FIRST_COST + 7 },
  { point: 'after-settle', count: 2, charged: COST },
] as const;
/** In the short form, those where something is on its way: a file, a call, its result. */
const SHORT_DEATHS = ALL_DEATHS.filter(
  ({ point, count }) =>
    point === 'after-attach' ||
    point === 'after-endCall' ||
    (point === 'after-hold' && count === 2),
);
const DEATHS = IS_LONG ? ALL_DEATHS : SHORT_DEATHS;

onEachDatabase((at) => {
  let provider: DrivenProvider;
  let mcp: McpServer;
  let observer: Chit;
  let server: FleetServer;
  let folder: string;
  const over = new AbortController();

  before(async () => {
    provider = await startDrivenProvider();
    mcp = await startMcpServer();
    folder = newFolder();
    mkdirSync(join(folder, 'server'));
    const config = join(folder, 'chit.json');
    writeFileSync(config, JSON.stringify(deploymentAt(provider.url, mcp.url)));
    const settings = { ...SETTINGS, CHIT_CONFIG: config, CHIT_DATABASE_URL: at.url };
    observer = await openTestChit(at.url, scriptedModel(flatPrice(1)), SETTINGS);
    server = new FleetServer(join(folder, 'server'), settings);
    await startAgain(server);
    void answerAll(provider, over.signal);
  });
  after(async () => {
    over.abort();
    await server.kill();
    await observer.close();
    await provider.close();
    await mcp.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  for (const { point, count, charged } of DEATHS) {
    test(`a server dies at ${point} ${count}: charged once, told as it is booked`, async () => {
      const { context } = observer;
      const userId = await newAccount(observer);
      const { token } = context.tokens.issue('access', userId, context.now());
      const talker = () => new Talker(server.url, token);
      const { id } = await talker().begin({ tools: ['library'] });
      const sent = await upload(server.url, token, 'sent.txt');
      const unsent = await upload(server.url, token, 'unsent.txt');
      mcp.calls.length = 0;
      const key = randomUUID();
      const say = () => talker().say(id, 'What are bees?', { files: [sent] }, key);
      const dying = server.dieAt(point, count, WITHIN_MS);
      const first = await say().catch(() => undefined);
      assert.equal(await dying, 'there');
      await startAgain(server);
      // Whoever was told nothing sends it again; whoever was told is told the same.
      const again = await until(say, ({ status }) => status === 201);
      const { id: messageId } = again.json as ShownMessage;
      const messages = await until(
        () => talker().messages(id),
        (all) => all.every(({ status }) => status !== 'pending'),
      );
      const [last, ...others] = messages;
      assert.equal(last?.id, messageId);
      // One that failed for nothing may stand before it.
      assert.deepEqual(
        others.map(({ status, cost }) => [status, cost]),
        others.map(() => ['failed', 0]),
      );
      const told = first && (first.json as ShownMessage).id;
      assert.ok(told === undefined || messages.some((it) => it.id === told));
      const account = await until(
        async () => (await context.ledger.account(userId)) ?? assert.fail(),
        ({ heldCredits }) => heldCredits === 0,
      );
      const booked = 1_000_000_000 - account.postedCredits;
      assert.deepEqual([last?.cost, booked], [charged, charged]);
      assert.ok(mcp.calls.length <= 1);
      const { json } = await talker().call('GET', '/api/tokens/history/');
      const { results } = json as { results: { amount: number }[] };
      assert.equal(
        results.reduce((sum, { amount }) => sum + amount, 0),
        account.postedCredits,
      );

      await sweepFiles({ ...context, now: () => Date.now() + HOUR_MS + 1_000 });
      assert.ok(await context.files.find(userId, sent), 'the message has it');
      assert.equal(await context.files.find(userId, unsent), undefined);
      assert.equal((await talker().call('DELETE', `/api/conversations/${id}/`)).status, 204);
      assert.equal(await context.files.find(userId, sent), undefined);
      assert.equal(await context.files.bytesOf(userId), 0);
      assert.deepEqual(await faultsOf(observer), []);
    });
  }

  test('a file whose message was never written is gone after its hour', async () => {
    const { context } = observer;
    const userId = await newAccount(observer);
    const { token } = context.tokens.issue('access', userId, context.now());
    const talker = new Talker(server.url, token);
    const { id } = await talker.begin();
    const file = await upload(server.url, token, 'orphan.txt');
    const dying = server.dieAt('after-attach', 1, WITHIN_MS);
    await talker.say(id, 'x', { files: [file] }).catch(() => undefined);
    assert.equal(await dying, 'there');
    await startAgain(server);
    await sweepFiles(context);
    assert.ok(await context.files.find(userId, file), 'it can still be sent');
    await sweepFiles({ ...context, now: () => Date.now() + HOUR_MS + 1_000 });
    assert.equal(await context.files.bytesOf(userId), 0);
    assert.deepEqual(await Array.fromAsync(context.files.pieces(file, 'content')), []);
    const account = await context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 1_000_000_000, heldCredits: 0 });
    assert.deepEqual(await faultsOf(observer), []);
  });
});

/** Asks for a tool first, and answers once it has been called. */
async function answerAll(provider: DrivenProvider, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const request = await provider.next();
    const messages = request.body.messages as { role: string }[];
    const isSecond = messages.some(({ role }) => role === 'tool');
    const call = { name: 'library__search', input: { query: 'bees' } };
    request.end(
      openAiStream(
        isSecond
          ? { text: 'Insects.', usage: { input: 90, output: 5 } }
          : { text: 'Let me look.', calls: [call], usage: { input: 50, output: 10 } },
      ),
    );
  }
}

async function upload(url: string, access: string, name: string): Promise<string> {
  const headers = { authorization: `Bearer ${access}` };
  const body = uploadForm(name, Buffer.from(name));
  const response = await fetch(`${url}/api/files/`, { method: 'POST', headers, body });
  return ((await response.json()) as { id: string }).id;
}

/** Asks until it is as wanted; a server that was just killed needs its lease to end first. */
async function until<T>(ask: () => Promise<T>, isWanted: (it: T) => boolean): Promise<T> {
  for (const endMs = Date.now() + WITHIN_MS; ; await sleep(50)) {
    const found = await ask();
    if (isWanted(found)) return found;
    assert.ok(Date.now() < endMs, JSON.stringify(found));
  }
}

function deploymentAt(providerUrl: string, toolUrl: string): object {
  return {
    providers: { own: { wire: 'openai', baseUrl: `${providerUrl}/v1` } },
    models: [
      {
        name: 'small',
        provider: 'own',
        price: { perMillionInput: 1_000_000, perMillionOutput: 2_000_000 },
        tools: true,
      },
    ],
    defaultModel: 'small',
    tools: {
      library: { url: toolUrl, pricePerCall: 7, approval: 'never', allowPrivate: true },
    },
  };
}
