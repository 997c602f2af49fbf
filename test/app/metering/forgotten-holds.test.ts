/** Holds of a server that it knows nothing of: the database has lost what it had told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgottenHolds } from '../../../src/app/metering/forgotten-holds.ts';
import { recoverHolds } from '../../../src/app/metering/recover-holds.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { holdOf } from '../../support/ledger-commands.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

onEachDatabase((at) => {
  test('a hold that its own living server has forgotten is ended, one that it runs is not', async () => {
    const chit = await openTestChit(at.url, scriptedModel(flatPrice(100)));
    const { context } = chit;
    const { ledger, lease, generations } = context;
    const userId = await newAccount(chit);
    await lease.renew();
    const posted = (await ledger.account(userId))?.postedCredits ?? 0;
    for (const id of ['forgotten', 'running']) {
      await ledger.submit({ ...holdOf(id, 100, userId), leaseId: lease.id });
    }
    const started = { accountId: userId, payerId: undefined, apiKeyId: undefined };
    const running = generations.start({ id: 'running', ...started });
    const forgotten = new ForgottenHolds(context);
    assert.equal(await forgotten.end(0), 0);
    assert.equal(await forgotten.end(59_999), 0);
    assert.deepEqual(await ledger.account(userId), { postedCredits: posted, heldCredits: 200 });
    // Others must not, as long as its lease lasts.
    assert.equal(await recoverHolds(context), 0);
    assert.equal(await forgotten.end(60_000), 1);
    assert.deepEqual(await ledger.account(userId), { postedCredits: posted, heldCredits: 100 });
    assert.equal((await context.messages.find(userId, 'forgotten'))?.status, 'failed');
    assert.equal(await forgotten.end(200_000), 0);
    assert.deepEqual(await faultsOf(chit), []);
    // A generation that ends at last has the time again.
    generations.end(running);
    assert.equal(await forgotten.end(200_001), 0);
    assert.equal(await forgotten.end(260_001), 1);
    await chit.close();
  });
});
