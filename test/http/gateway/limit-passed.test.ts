/** A provider that ignores the limit of a stream is cut, and its client gets a proper end. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { faultsOf } from '../../support/chit.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';
import { WIRE_EVENTS } from '../../support/wire-events.ts';

const OPENING = 4_000;
const LIMIT = 50;
/** Each is a token or more. */
const WORDS = Array.from({ length: 400 }, (_, index) => ` word${index}`).join('');
const MESSAGES = [{ role: 'user' as const, content: 'Hello?' }];

let provider: DrivenProvider;
let server: ModelServer;
let user: { readonly userId: number; readonly key: string };

before(async () => {
  provider = await startDrivenProvider();
  server = await startModelServer(
    [
      modelAt(providerAt(provider, 'openai', { idleTimeoutMs: 30_000 }), 'gpt'),
      modelAt(providerAt(provider, 'anthropic', { idleTimeoutMs: 30_000 }), 'claude'),
    ],
    {},
    { areAnswersOdd: true },
  );
});
beforeEach(async () => {
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await provider.close();
});

/** What the SDK of each API makes of a stream: why it ended, and its text. */
const CLIENTS: Readonly<Record<string, () => Promise<{ reason: unknown; text: string }>>> = {
  '/v1/chat/completions': async () => {
    const stream = openAi().chat.completions.stream({
      model: 'gpt',
      messages: MESSAGES,
      max_tokens: LIMIT,
    });
    const { choices } = await stream.finalChatCompletion();
    return { reason: choices[0]?.finish_reason, text: choices[0]?.message.content ?? '' };
  },
  '/v1/responses': async () => {
    const events = await openAi().responses.create({
      model: 'gpt',
      input: 'Hello?',
      max_output_tokens: LIMIT,
      stream: true,
    });
    let reason: unknown;
    let text = '';
    for await (const event of events) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type !== 'response.incomplete') continue;
      assert.equal(event.sequence_number, 2);
      reason = event.response.incomplete_details?.reason;
      const [item] = event.response.output;
      assert.equal(item?.type === 'message' && item.content[0]?.type, 'output_text');
    }
    return { reason, text };
  },
  '/v1/messages': async () => {
    const client = new Anthropic({ baseURL: server.url, apiKey: user.key, maxRetries: 0 });
    const stream = client.messages.stream({
      model: 'claude',
      messages: MESSAGES,
      max_tokens: LIMIT,
    });
    const { stop_reason: reason, content } = await stream.finalMessage();
    return { reason, text: content[0]?.type === 'text' ? content[0].text : '' };
  },
};
const REASONS: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'length',
  '/v1/responses': 'max_output_tokens',
  '/v1/messages': 'max_tokens',
};

function openAi(): OpenAI {
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: user.key, maxRetries: 0 });
}

async function booked() {
  const { generations, transfers, messages } = server.chit.context;
  await generations.idle();
  const [line] = await transfers.statement(user.userId, { beforeNumber: undefined, limit: 1 });
  const message = await messages.find(user.userId, line?.messageId ?? '');
  const balance = await server.balanceOf(user.userId);
  assert.deepEqual(balance, { postedCredits: OPENING + (line?.credits ?? 0), heldCredits: 0 });
  return { charged: 0 - (line?.credits ?? 0), usage: line?.usage, message };
}

for (const [path, wire] of Object.entries(WIRE_EVENTS)) {
  const client = CLIENTS[path] ?? assert.fail();

  test(`${path}: a stream that passes its limit is cut, with the end that its API has`, async () => {
    const answer = client();
    const upstream = await provider.next();
    upstream.write(wire.opening + wire.word(WORDS));
    await upstream.closed;
    assert.ok(upstream.isAborted);
    assert.deepEqual(await answer, { reason: REASONS[path], text: WORDS });
    const { charged, usage, message } = await booked();
    assert.equal(message?.status, 'complete');
    assert.equal(message?.reply, WORDS);
    assert.equal(usage?.source, 'counted');
    // The hold: what the input can be at most, and the limit of the output.
    assert.ok(charged >= 2 * LIMIT && charged <= 400 + 2 * LIMIT, `${charged}`);
  });

  test(`${path}: one of more bytes than its limit has tokens is not`, async () => {
    const answer = client();
    const upstream = await provider.next();
    const text = ' international'.repeat(LIMIT);
    upstream.end(
      wire.opening + wire.word(text) + wire.finish + wire.ending({ input: 20, output: 50 }),
    );
    const { reason, text: received } = await answer;
    assert.notEqual(reason, REASONS[path]);
    assert.equal(received, text);
    const { charged, usage } = await booked();
    assert.equal(usage?.source, 'provider');
    assert.equal(charged, 20 + 2 * 50);
  });
}
