/** A reader follows a message with tools at a server that does not generate it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConversation } from '../../../src/app/chat/conversations.ts';
import { followReply } from '../../../src/app/chat/follow-reply.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { type Delta, MODEL_DEFAULTS, type Model } from '../../../src/models/catalogue.ts';
import { newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { toolAt } from '../../support/mcp-server.ts';

onEachDatabase((at) => {
  test('what is thought in later rounds is seen there while it is thought', async () => {
    const goOn = Promise.withResolvers<void>();
    // As much as is written to the journal at once.
    const thoughts = ['first '.repeat(400), 'second '.repeat(400)] as const;
    const model: Model = {
      ...MODEL_DEFAULTS,
      name: 'calling',
      price: flatPrice(1),
      outputLimit: 10_000,
      usesTools: true,
      async *generate({ tools }): AsyncIterable<Delta> {
        const isFirst = tools?.rounds.length === 0;
        yield { nonReplyOutput: isFirst ? thoughts[0] : thoughts[1] };
        const call = { index: 0, id: '', name: 'library__search', arguments: '{}' };
        if (isFirst) return yield { toolCalls: [call] };
        await goOn.promise;
        yield { text: 'Found.' };
      },
    };
    const here = await openTestChit(at.url, model);
    const elsewhere = await openTestChit(at.url, model);
    here.context.tools.replaceBy([library], 8);
    const userId = await newAccount(here);
    const { id: conversationId } = await createConversation(here.context, userId, {
      tools: ['library'],
    });
    const { message } = await sendMessage(here.context, {
      userId,
      conversationId,
      content: 'What are bees?',
      parentId: undefined,
      model: undefined,
      idempotency: undefined,
      onLimits: () => undefined,
    });
    const request = { userId, id: message.id, from: { text: 0, thinking: 0 } };
    const gone = new AbortController();
    const seen = { thinking: '', text: '' };
    for await (const event of followReply(elsewhere.context, request, gone.signal)) {
      if (event.kind === 'thinking' || event.kind === 'text') seen[event.kind] += event.text;
      if (event.kind === 'done') assert.equal(event.message.status, 'complete');
      // The model has not answered yet.
      if (seen.thinking.includes(thoughts[1])) goOn.resolve();
    }
    assert.deepEqual(seen, { thinking: thoughts.join('\n\n'), text: 'Found.' });
    // A reader whose message ended between two reads is told nothing twice.
    assert.deepEqual(await here.context.toolLoops.thoughtsOf(message.id), [thoughts.join('\n\n')]);
    await here.close();
    await elsewhere.close();
  });
});

const library = {
  settings: toolAt('http://library.invalid'),
  functions: async () => [{ name: 'search', description: '', parameters: { type: 'object' } }],
  call: async () => ({ text: 'bees', isError: false }),
  close: async () => undefined,
};
