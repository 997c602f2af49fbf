/** What messages usually cost: from whom it is known, and how often it is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { TypicalCosts } from '../../../src/app/usage/typical-costs.ts';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { typicalCost } from '../../../src/core/typical-cost.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { RecentCostStore } from '../../../src/store/usage/recent-costs.ts';
import { newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const PRICE = textPrice({ perMessage: 5, perMillionOutput: 10_000 });

test('the median of own messages comes first, then that of the site, then an estimate', () => {
  const model = { price: PRICE, thinks: false };
  const many = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
  assert.deepEqual(typicalCost(model, [7, 1, 100], many), { credits: 7, from: 'you' });
  assert.deepEqual(typicalCost(model, [7, 1], many), { credits: 9, from: 'site' });
  assert.deepEqual(typicalCost(model, [7, 1], [9]), { credits: 9, from: 'estimate' });
  const thinking = typicalCost({ ...model, thinks: true }, [], []);
  assert.ok(thinking.credits > typicalCost(model, [], []).credits);
  const flat = { price: flatPrice(3), thinks: false };
  assert.deepEqual(typicalCost(flat, [], []), { credits: 3, from: 'estimate' });
});

test('it is read once a minute for a user, and less often for the site', async () => {
  let nowMs = 0;
  const reads = { user: 0, site: 0 };
  const costs = new TypicalCosts(
    {
      ofUser: async () => {
        reads.user += 1;
        return [1, 2, 3].map((credits) => ({ model: 'scripted', credits }));
      },
      ofSite: async () => {
        reads.site += 1;
        throw new Error('away');
      },
    },
    () => nowMs,
  );
  const models = [scriptedModel(PRICE)];
  for (let round = 0; round < 5; round += 1) {
    assert.deepEqual(await costs.of(1, models), [{ credits: 2, from: 'you' }]);
  }
  assert.deepEqual(reads, { user: 1, site: 1 });
  nowMs = 61_000;
  await costs.of(1, models);
  await costs.of(2, models);
  assert.deepEqual(reads, { user: 3, site: 1 });
});

onEachDatabase((at) =>
  test('messages of chats count with what they would have cost, those of others for the site', async () => {
    const chit = await openTestChit(at.url, scriptedModel(flatPrice(100)));
    const [ada, bob] = [await newAccount(chit), await newAccount(chit)];
    for (const userId of [ada, ada, bob]) {
      await completeChat(chit.context, { userId, content: 'hi', idempotency: undefined });
    }
    const database = openDatabase(at.url);
    const store = new RecentCostStore(database.kysely);
    const cost = { model: 'scripted', credits: 100 };
    assert.deepEqual(await store.ofUser(ada), [cost, cost]);
    assert.deepEqual((await store.ofSite()).slice(0, 3), [cost, cost, cost]);
    await database.close();
    await chit.close();
  }),
);
