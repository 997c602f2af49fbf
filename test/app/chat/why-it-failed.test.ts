/** What a user is told of why a model has failed, and what that costs: nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConversation } from '../../../src/app/chat/conversations.ts';
import { followReply } from '../../../src/app/chat/follow-reply.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import {
  type FailureDetails,
  type FailureReason,
  ProviderFailure,
} from '../../../src/models/provider-client/provider-failure.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

type Case = readonly [FailureReason, FailureDetails, code: string, retryAfterSeconds?: number];

const CASES: readonly Case[] = [
  ['operator', { status: 401 }, 'model_unavailable'],
  ['refused', { status: 429, retryAfterMs: 7_000 }, 'model_busy', 7],
  ['refused', { status: 500 }, 'model_failed'],
  ['refused', { status: 400 }, 'model_refused'],
  ['unreachable', {}, 'model_unreachable'],
  ['timed_out', {}, 'model_timed_out'],
  ['unreadable', {}, 'model_failed'],
];

onEachDatabase((at) => {
  test('each way in which a provider fails is told by a code of its own', async () => {
    let next: ProviderFailure | undefined;
    const chit = await openTestChit(at.url, {
      ...scriptedModel(flatPrice(100)),
      // biome-ignore lint/correctness/useYield: It fails before its first word.
      async *generate() {
        throw next;
      },
    });
    const { context } = chit;
    const userId = await newAccount(chit);
    const { id: conversationId } = await createConversation(context, userId, {});
    const none = { parentId: undefined, model: undefined, idempotency: undefined };
    for (const [reason, details, code, retryAfterSeconds] of CASES) {
      next = new ProviderFailure(reason, 'it failed', details);
      const asked = { userId, conversationId, content: 'hi', onLimits: () => {}, ...none };
      const { message } = await sendMessage(context, asked);
      const from = { text: 0, thinking: 0 };
      const { signal } = new AbortController();
      const events = [];
      const reply = followReply(context, { userId, id: message.id, from }, signal);
      for await (const event of reply) events.push(event);
      const [done] = events;
      assert.ok(events.length === 1 && done?.kind === 'done');
      assert.equal(done.message.failure, code);
      assert.equal(done.message.status, 'failed');
      // Whoever comes later is told the same.
      assert.equal((await context.messages.find(userId, message.id))?.failure, code);
      assert.equal(done.retryAfterSeconds, retryAfterSeconds);
    }
    const account = await context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
  });
});
