/** A message is charged for what was delivered, and for nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount } from '../../src/app/register-user.ts';
import { sendMessage } from '../../src/app/send-message.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import type { Model } from '../../src/models/catalogue.ts';

const SETTINGS = {
  CHIT_DATABASE_URL: 'sqlite::memory:',
  CHIT_SECRET_KEY: 'a secret key that only the tests of this project know',
};

test('the hold is in the book before the model is called', async () => {
  let heldDuringCall: number | undefined;
  const chit = await chitWith(async () => {
    heldDuringCall = (await chit.context.ledger.account(userId))?.heldCredits;
    return { text: 'an answer', usage: undefined };
  });
  const userId = await newAccount(chit);
  const exchange = await sendMessage(chit.context, { userId, content: 'hi' });
  assert.equal(exchange.reply, 'an answer');
  assert.equal(heldDuringCall, 100);
  assert.deepEqual(await chit.context.ledger.account(userId), {
    postedCredits: 3900,
    heldCredits: 0,
  });
  await chit.close();
});

test('a model that fails costs nothing and leaves nothing held', async () => {
  const chit = await chitWith(() => Promise.reject(new Error('the provider is down')));
  const userId = await newAccount(chit);
  await assert.rejects(sendMessage(chit.context, { userId, content: 'hi' }), (error) =>
    hasCode(error, 'model_failed'),
  );
  assert.deepEqual(await chit.context.ledger.account(userId), {
    postedCredits: 4000,
    heldCredits: 0,
  });
  assert.deepEqual((await chit.context.ledger.verify()).differences, []);
  await chit.close();
});

test('a message that cannot be paid for never reaches the model', async () => {
  let calls = 0;
  const chit = await chitWith(async () => {
    calls += 1;
    return { text: 'an answer', usage: undefined };
  }, 4001);
  const userId = await newAccount(chit);
  await assert.rejects(sendMessage(chit.context, { userId, content: 'hi' }), (error) => {
    assert.ok(hasCode(error, 'insufficient_credits'));
    assert.deepEqual(error.details, { neededCredits: 4001, availableCredits: 4000 });
    return true;
  });
  assert.equal(calls, 0);
  await chit.close();
});

test('a model without a valid price stops the start, with its name and what is wrong', async () => {
  const answer = async () => ({ text: '', usage: undefined });
  await assert.rejects(chitWith(answer, -5), /price of model "scripted" has a wrong "perMessage"/);
});

function chitWith(generate: Model['generate'], priceCredits = 100): Promise<Chit> {
  const { config } = loadConfig(SETTINGS, 'no such file');
  return openChit(config, { name: 'scripted', price: flatPrice(priceCredits), generate });
}

function newAccount({ context }: Chit): Promise<number> {
  const flags = { isStaff: false, isSuperuser: false };
  return createAccount(context, { username: 'ada', password: 'Pa55word!x', ...flags });
}
