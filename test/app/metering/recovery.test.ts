/** What remains of a generation when its server dies, and that it is settled once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { recoverHolds } from '../../../src/app/metering/recover-holds.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice, type Price, textPrice } from '../../../src/core/pricing.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Step, script, scriptedModel } from '../../support/scripted-model.ts';

const PER_TOKEN = textPrice({
  perMillionInput: 1_000_000,
  perMillionOutput: 1_000_000,
});
const LEASE_MS = 60_000;

onEachDatabase((at) => {
  test('nothing journaled: nothing is charged, and the message fails', async () => {
    const { userId, other, close } = await abandon(at.url, flatPrice(100), [{ hang: true }]);
    assert.equal(await recoverHolds(other.context), 1);
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
    assert.deepEqual(await faultsOf(other), []);
    await close();
  });

  test('journaled output is charged by our count and kept as incomplete', async () => {
    const words = 'word '.repeat(500);
    const steps: Step[] = [{ say: words }, { say: 'not journaled' }, { hang: true }];
    const { userId, other, close } = await abandon(at.url, PER_TOKEN, steps);
    assert.equal(await recoverHolds(other.context), 1);
    // What the dead server held tells the size of the input roughly: four bytes for a token.
    const input = Math.ceil(Buffer.byteLength(script(...steps)) / 4);
    const cost = input + (await countTokens(words));
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000 - cost, heldCredits: 0 });
    const [line] = await other.context.transfers.statement(userId, NEWEST);
    const message = await other.context.messages.find(userId, line?.messageId ?? '');
    assert.equal(message?.status, 'incomplete');
    assert.equal(message?.reply, words);
    assert.deepEqual(await faultsOf(other), []);
    await close();
  });

  test('journaled thinking is charged by our count, and kept for those who chat', async () => {
    const thought = 'thought '.repeat(500);
    const steps: Step[] = [{ nonReplyOutput: thought }, { hang: true }];
    const { userId, other, close } = await abandon(at.url, PER_TOKEN, steps);
    assert.equal(await recoverHolds(other.context), 1);
    const input = Math.ceil(Buffer.byteLength(script(...steps)) / 4);
    const cost = input + (await countTokens(thought));
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000 - cost, heldCredits: 0 });
    const [line] = await other.context.transfers.statement(userId, NEWEST);
    const message = await other.context.messages.find(userId, line?.messageId ?? '');
    assert.deepEqual([message?.status, message?.reply], ['incomplete', '']);
    assert.deepEqual(message?.thinking?.hasText, true);
    assert.equal(await other.context.messages.thinkingOf(userId, message?.id ?? ''), thought);
    assert.deepEqual(await faultsOf(other), []);
    await close();
  });

  test('what was asked of tools is charged by our count, and is not kept as thinking', async () => {
    const thought = 'thought '.repeat(200);
    const input = JSON.stringify({ query: 'bees '.repeat(200) });
    const steps: Step[] = [{ nonReplyOutput: thought }, { toolInput: input }, { hang: true }];
    const { userId, other, close } = await abandon(at.url, PER_TOKEN, steps);
    assert.equal(await recoverHolds(other.context), 1);
    const asked = Math.ceil(Buffer.byteLength(script(...steps)) / 4);
    const cost = asked + (await countTokens(thought + input));
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000 - cost, heldCredits: 0 });
    const [line] = await other.context.transfers.statement(userId, NEWEST);
    const id = line?.messageId ?? '';
    assert.equal(await other.context.messages.thinkingOf(userId, id), thought);
    assert.deepEqual(await faultsOf(other), []);
    await close();
  });

  test('two servers that recover at the same time end each hold once', async () => {
    const words = 'word '.repeat(500);
    const { userId, other, close } = await abandon(at.url, flatPrice(100), [
      { say: words },
      { hang: true },
    ]);
    const third = await openTestChit(at.url, scriptedModel(flatPrice(100)));
    await Promise.all([recoverHolds(other.context), recoverHolds(third.context)]);
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 3_900, heldCredits: 0 });
    assert.equal((await other.context.transfers.statement(userId, NEWEST)).length, 2);
    assert.equal(await recoverHolds(other.context), 0);
    await third.close();
    await close();
  });

  test('holds of a server with a live lease are left alone', async () => {
    const { userId, other, chit, close } = await abandon(at.url, flatPrice(100), [{ hang: true }]);
    await chit.context.leases.take(chit.context.lease.id, LEASE_MS);
    assert.equal(await recoverHolds(other.context), 0);
    assert.equal((await other.context.ledger.account(userId))?.heldCredits, 100);
    await chit.context.leases.renew(chit.context.lease.id, -1);
    assert.equal(await recoverHolds(other.context), 1);
    assert.equal((await other.context.ledger.account(userId))?.heldCredits, 0);
    await close();
  });

  test('words under /v1/ that nobody paid for are erased; those of a chat stay', async () => {
    const database = openDatabase(at.url);
    for (const isRelayed of [true, false]) {
      const steps: Step[] = [{ note: 'private' }, { hang: true }];
      const left = await abandon(at.url, flatPrice(100), steps);
      const { userId, other, generationId: id, close } = left;
      if (isRelayed) {
        const relayed = database.kysely.updateTable('messages').set({ is_relayed: 1 });
        await relayed.where('id', '=', id).execute();
      }
      const message = () => other.context.messages.find(userId, id);
      assert.equal((await message())?.content, script(...steps));
      assert.equal(await recoverHolds(other.context), 1);
      assert.equal((await message())?.status, 'failed');
      assert.equal((await message())?.content, isRelayed ? '' : script(...steps));
      await close();
    }
    await database.close();
  });

  test('a server that comes back late changes nothing and learns the outcome', async () => {
    const steps: Step[] = [{ waitMs: 600 }, { say: 'late' }];
    const { userId, other, sent, close } = await abandon(at.url, flatPrice(100), steps);
    assert.equal(await recoverHolds(other.context), 1);
    await assert.rejects(sent);
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
    await close();
  });
});

const NEWEST = { beforeNumber: undefined, limit: 10 };

interface Abandoned {
  readonly chit: Chit;
  readonly other: Chit;
  readonly userId: number;
  readonly generationId: string;
  readonly sent: Promise<unknown>;
  close(): Promise<void>;
}

/** A server without a lease that is in the middle of a generation, and another one beside it. */
async function abandon(url: string, price: Price, steps: Step[]): Promise<Abandoned> {
  const stop = new AbortController();
  const chit = await openTestChit(url, scriptedModel(price));
  const other = await openTestChit(url, scriptedModel(price));
  const userId = await newAccount(chit);
  const content = script(...steps);
  const sent = completeChat(chit.context, {
    userId,
    content,
    idempotency: undefined,
    stop: stop.signal,
  });
  sent.catch(() => undefined);
  // A piece as long as this is journaled at once, in the batch after that of the hold.
  const lengths = steps.map((step) => {
    const {
      say = '',
      nonReplyOutput = '',
      toolInput = '',
    } = step as Partial<Record<string, string>>;
    return say.length + nonReplyOutput.length + toolInput.length;
  });
  const isJournaled = lengths.reduce((sum, length) => sum + length, 0) >= 2_048;
  let generationId = '';
  for (let waits = 0; waits < 1_000; waits += 1) {
    await sleep(5);
    const { holds, lease } = other.context;
    const hold = (await holds.abandoned(1_000, lease.id)).find(
      ({ accountId }) => accountId === userId,
    );
    generationId = hold?.generationId ?? '';
    if (!hold) continue;
    const { text, nonReplyOutput } = await holds.journaled(hold.generationId);
    if (!isJournaled || text + nonReplyOutput !== '') break;
  }
  const close = async () => {
    stop.abort();
    await sent.catch(() => undefined);
    await chit.close();
    await other.close();
  };
  return { chit, other, userId, generationId, sent, close };
}
