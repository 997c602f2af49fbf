/** The connection to PostgreSQL breaks after a commit was sent and before its response. */
import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { completeChat } from '../../src/app/chat/complete-chat.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { scriptedModel } from '../support/scripted-model.ts';

let postgres: TestPostgres;
let proxy: Server;
let proxiedUrl: string;
/** How many more batches are forwarded but lose their response. */
let answersToLose = 0;
let lost = 0;

before(async () => {
  postgres = await startPostgres();
  const url = new URL(await postgres.newDatabase());
  const port = Number(url.port);
  proxy = createServer((client) => relay(client, connect(port, '127.0.0.1')));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url.port = String((proxy.address() as { port: number }).port);
  proxiedUrl = url.href;
});
after(async () => {
  proxy.close();
  await postgres.stop();
});

test('a batch whose response was lost is retried and booked once', async () => {
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(proxiedUrl, model);
  const userId = await newAccount(chit);
  for (let message = 1; message <= 20; message += 1) {
    // Sometimes the hold, sometimes the settle, sometimes both.
    answersToLose = 1 + (message % 2);
    const content = `message ${message}`;
    const { reply } = await completeChat(chit.context, { userId, content, idempotency: undefined });
    assert.equal(reply, `You said: ${content}`);
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000 - message * 100, heldCredits: 0 });
  }
  assert.equal(model.requests.length, 20, 'the model was called once for each');
  assert.ok(lost >= 20, `only ${lost} answers were lost`);
  assert.deepEqual(await faultsOf(chit), []);
  await chit.close();
});

/** Forwards everything, but closes both sides when a response is to be lost. */
function relay(client: Socket, server: Socket): void {
  let isAnswerLost = false;
  client.on('data', (chunk) => {
    if (answersToLose > 0 && chunk.includes('"batch_index"')) {
      answersToLose -= 1;
      isAnswerLost = true;
    }
    server.write(chunk);
  });
  server.on('data', (chunk) => {
    if (!isAnswerLost) {
      client.write(chunk);
      return;
    }
    // The response is here, so the commit is done; it is not forwarded.
    lost += 1;
    client.destroy();
    server.destroy();
  });
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
