/** Quote, hold, generate, settle: what the balance must cover, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { idempotencyOf } from '../../../src/app/metering/idempotency.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { measureTexts } from '../../../src/models/input-measure/measure-texts.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

const PER_TOKEN = textPrice({
  perMillionInput: 1_000_000,
  perMillionCachedInput: 1_000_000,
  perMillionOutput: 1_000_000,
});

const BUILT_IN = { kind: undefined, upstreamModel: undefined, contextTokens: undefined };

onEachDatabase((at) => {
  test('the hold is in the ledger before the model is called', async () => {
    const model = scriptedModel(flatPrice(100));
    const chit = await openTestChit(at.url, {
      ...model,
      async *generate(request) {
        const account = await chit.context.ledger.account(userId);
        assert.deepEqual(account, { postedCredits: 4000, heldCredits: 100 });
        yield* model.generate(request);
      },
    });
    const userId = await newAccount(chit);
    const request = { userId, content: 'hi', idempotency: undefined };
    assert.equal((await completeChat(chit.context, request)).reply, 'You said: hi');
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 3900, heldCredits: 0 });
    await chit.close();
  });

  test('a message that the balance cannot pay for never reaches the model', async () => {
    const model = scriptedModel(flatPrice(4001));
    const chit = await openTestChit(at.url, model);
    const userId = await newAccount(chit);
    const request = { userId, content: 'hi', idempotency: undefined };
    await assert.rejects(completeChat(chit.context, request), (error) => {
      assert.ok(hasCode(error, 'insufficient_credits'));
      assert.deepEqual(error.details, { neededCredits: 4001, availableCredits: 4000 });
      return true;
    });
    assert.equal(model.requests.length, 0);
    await chit.close();
  });

  test('the output limit is reduced to what the account can pay', async () => {
    const model = scriptedModel(PER_TOKEN, { outputLimit: 100_000 });
    const chit = await openTestChit(at.url, model);
    const userId = await newAccount(chit);
    const content = 'how much can I get?';
    await completeChat(chit.context, { userId, content, idempotency: undefined });
    assert.equal(model.requests[0]?.outputLimit, 4_000 - (await countTokens(content)));
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
  });

  test('a balance for 16 output tokens is admitted, one credit less is refused', async () => {
    const model = scriptedModel(PER_TOKEN);
    const content = 'is this enough?';
    // A count may be a token too high, where a long word was cut in two.
    const { leastTokens } = await measureTexts([content]).count(BUILT_IN);
    const least = leastTokens + 16;
    const chit = await openTestChit(at.url, model, { CHIT_SIGNUP_TOKENS: String(least) });
    const request = { content, idempotency: undefined };
    await completeChat(chit.context, { ...request, userId: await newAccount(chit) });
    assert.equal(model.requests[0]?.outputLimit, 16);
    await chit.close();

    const poorer = await openTestChit(at.url, model, { CHIT_SIGNUP_TOKENS: String(least - 1) });
    const userId = await newAccount(poorer);
    await assert.rejects(completeChat(poorer.context, { ...request, userId }), (error) => {
      assert.ok(hasCode(error, 'insufficient_credits'));
      assert.deepEqual(error.details, { neededCredits: least, availableCredits: least - 1 });
      return true;
    });
    assert.equal(model.requests.length, 1);
    await poorer.close();
  });

  test('50 concurrent requests with one key: one charge, one call to the model', async () => {
    const model = scriptedModel(flatPrice(100));
    const chit = await openTestChit(at.url, model);
    const userId = await newAccount(chit);
    const content = script({ waitMs: 30 }, { say: 'once' });
    const idempotency = idempotencyOf('the key', [content]);
    const sent = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        completeChat(chit.context, { userId, content, idempotency }),
      ),
    );
    const answered = sent.filter(({ status }) => status === 'fulfilled');
    assert.equal(answered.length, 1);
    for (const it of sent) {
      if (it.status === 'rejected') assert.ok(hasCode(it.reason, 'idempotency_key_running'));
    }
    assert.equal(model.requests.length, 1);
    const again = await completeChat(chit.context, { userId, content, idempotency });
    assert.deepEqual([again.reply, again.isReplayed], ['once', true]);
    assert.equal(model.requests.length, 1);
    assert.equal((await chit.context.ledger.account(userId))?.postedCredits, 3_900);
    await chit.close();
  });

  test('a key is refused for another message, and is free again if nothing was charged', async () => {
    const model = scriptedModel(flatPrice(100));
    const chit = await openTestChit(at.url, model);
    const userId = await newAccount(chit);
    const say = (content: string) =>
      completeChat(chit.context, { userId, content, idempotency: idempotencyOf('k', [content]) });
    const failing = script({ fail: 'down' });
    await assert.rejects(say(failing), (error) => hasCode(error, 'model_failed'));
    await assert.rejects(say(failing), (error) => hasCode(error, 'model_failed'));
    assert.equal(model.requests.length, 2);
    await say('now it works');
    await assert.rejects(say('other'), (error) => hasCode(error, 'idempotency_key_reused'));
    assert.equal(model.requests.length, 3);
    const other = await newAccount(chit);
    const request = { userId: other, content: 'mine', idempotency: idempotencyOf('k', ['mine']) };
    assert.equal((await completeChat(chit.context, request)).isReplayed, false);
    await chit.close();
  });
});

test('a model without a valid price prevents the start; the error names it and the mistake', async () => {
  const model = scriptedModel(flatPrice(-5));
  const wrong = /price of model "scripted" has a wrong "message"/;
  await assert.rejects(openTestChit('sqlite::memory:', model), wrong);
});
