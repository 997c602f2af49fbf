/** The connection to PostgreSQL breaks after a commit was sent and before its response. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { completeChat } from '../../src/app/chat/complete-chat.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let postgres: TestPostgres;
let proxy: TcpProxy;
let proxiedUrl: string;

before(async () => {
  postgres = await startPostgres();
  const url = await postgres.newDatabase();
  proxy = await startTcpProxy(Number(new URL(url).port));
  proxiedUrl = proxy.through(url);
});
after(async () => {
  await proxy.stop();
  await postgres.stop();
});

test('a batch whose response was lost is retried and booked once', async () => {
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(proxiedUrl, model);
  const userId = await newAccount(chit);
  for (let message = 1; message <= 20; message += 1) {
    // Sometimes the hold, sometimes the settle, sometimes both.
    let answersToLose = 1 + (message % 2);
    proxy.decide((chunk) => {
      if (answersToLose === 0 || !chunk.includes('"batch_index"')) return 'forward';
      answersToLose -= 1;
      return 'lose answer';
    });
    const content = `message ${message}`;
    const { reply } = await completeChat(chit.context, { userId, content, idempotency: undefined });
    assert.equal(reply, `You said: ${content}`);
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000 - message * 100, heldCredits: 0 });
  }
  assert.equal(model.requests.length, 20, 'the model was called once for each');
  assert.ok(proxy.lostAnswers >= 20, `only ${proxy.lostAnswers} answers were lost`);
  assert.deepEqual(await faultsOf(chit), []);
  await chit.close();
});
