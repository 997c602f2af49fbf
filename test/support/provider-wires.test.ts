/** Each route of the emulated providers has the shape that the provider documents. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { ask, type SentEvent, streamed } from './provider-client.ts';
import { startProviderEmulator } from './provider-emulator.ts';

const TEXT = 'Grüße aus 東京 und';
const emulator = await startProviderEmulator();
after(() => emulator.close());
beforeEach(() => emulator.reset());

const MESSAGES = [{ role: 'user', content: 'Wie geht es dir?' }];
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
};
const ARGUMENTS = { city: 'Zürich 🌦 東京', days: 7 };
const CHAT = { model: 'm', messages: MESSAGES, max_completion_tokens: 4 };
const RESPONSES = { model: 'm', input: 'Wie geht es dir?', max_output_tokens: 4 };
const CLAUDE = { model: 'm', messages: MESSAGES, max_tokens: 4 };

interface Body {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  [key: string]: any;
}

const bodyOf = async (path: string, body: object) =>
  (await ask(emulator.url, path, body)).json as Body;
const types = (events: readonly SentEvent[]) => events.map(({ name }) => name);

test('a chat completion in one body', async () => {
  const body = await bodyOf('/v1/chat/completions', { ...CHAT, max_completion_tokens: 50 });
  assert.equal(body.object, 'chat.completion');
  assert.equal(body.choices[0].message.content.split(' ').length, 12);
  assert.equal(body.choices[0].finish_reason, 'stop');
  assert.deepEqual(
    [body.usage.prompt_tokens, body.usage.completion_tokens, body.usage.total_tokens],
    [4, 12, 16],
  );
  assert.equal(body.usage.prompt_tokens_details.cached_tokens, 0);
  assert.equal(body.usage.completion_tokens_details.reasoning_tokens, 0);
});

test('a chat completion in a stream, cut at the limit, with its usage at the end', async () => {
  const request = { ...CHAT, stream: true, stream_options: { include_usage: true } };
  const { events, isDone } = await streamed(emulator.url, '/v1/chat/completions', request);
  const chunks = events.map(({ data }) => data as Body);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  assert.equal(text, TEXT);
  assert.deepEqual(chunks[0]?.choices[0].delta, { role: 'assistant', content: '', refusal: null });
  assert.equal(chunks.at(-2)?.choices[0].finish_reason, 'length');
  assert.equal(chunks.at(-2)?.usage, null);
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.equal(chunks.at(-1)?.usage.completion_tokens, 4);
  assert.ok(isDone);
});

test('a chat stream has no usage unless it is asked for', async () => {
  const request = { ...CHAT, stream: true };
  const { events } = await streamed(emulator.url, '/v1/chat/completions', request);
  assert.ok(events.every(({ data }) => !('usage' in (data as Body))));
});

test('a chat completion calls the tool until it has its result', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }];
  const request = { ...CHAT, max_completion_tokens: 50, tools };
  const body = await bodyOf('/v1/chat/completions', request);
  const [call] = body.choices[0].message.tool_calls;
  assert.equal(body.choices[0].finish_reason, 'tool_calls');
  assert.deepEqual(JSON.parse(call.function.arguments), ARGUMENTS);

  const { events } = await streamed(emulator.url, '/v1/chat/completions', {
    ...request,
    stream: true,
  });
  const deltas = events.flatMap(({ data }) => (data as Body).choices[0].delta.tool_calls ?? []);
  assert.equal(deltas[0].function.name, 'weather');
  assert.ok(deltas.length > 3);
  const given = deltas.map((it: Body) => it.function.arguments).join('');
  assert.deepEqual(JSON.parse(given), ARGUMENTS);

  const result = { role: 'tool', tool_call_id: call.id, content: 'Regen' };
  const next = await bodyOf('/v1/chat/completions', {
    ...request,
    messages: [...MESSAGES, result],
  });
  assert.equal(next.choices[0].finish_reason, 'stop');
});

test('a chat completion fits a JSON schema and takes pictures', async () => {
  const format = { type: 'json_schema', json_schema: { name: 'city', schema: SCHEMA } };
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const content = [{ type: 'text', text: 'Was ist das?' }, picture];
  const body = await bodyOf('/v1/chat/completions', {
    model: 'm',
    messages: [{ role: 'user', content }],
    response_format: format,
  });
  assert.deepEqual(JSON.parse(body.choices[0].message.content), ARGUMENTS);
  assert.equal(body.usage.prompt_tokens, 3 + 85);
});

test('a response in one body', async () => {
  const body = await bodyOf('/v1/responses', RESPONSES);
  assert.deepEqual([body.object, body.status], ['response', 'incomplete']);
  assert.deepEqual(body.incomplete_details, { reason: 'max_output_tokens' });
  assert.equal(body.output[0].content[0].text, TEXT);
  assert.deepEqual([body.usage.input_tokens, body.usage.output_tokens], [4, 4]);
  assert.equal(body.usage.input_tokens_details.cached_tokens, 0);
});

test('a response in a stream', async () => {
  const request = { ...RESPONSES, max_output_tokens: 12, stream: true };
  const { events, isDone } = await streamed(emulator.url, '/v1/responses', request);
  assert.deepEqual(types(events), [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    ...Array<string>(12).fill('response.output_text.delta'),
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const data = events.map((it) => it.data as Body);
  assert.deepEqual(
    data.map(({ sequence_number: it }) => it),
    [...data.keys()],
  );
  assert.ok(data.every(({ type }, index) => type === events[index]?.name));
  const text = data.map(({ type, delta }) => (type.endsWith('text.delta') ? delta : '')).join('');
  assert.equal(data.at(-1)?.response.output[0].content[0].text, text);
  assert.equal(data.at(-1)?.response.usage.output_tokens, 12);
  assert.ok(!isDone);
});

test('a response that calls a tool, and one that the limit cuts', async () => {
  const tools = [{ type: 'function', name: 'weather', parameters: SCHEMA }];
  const request = { model: 'm', input: MESSAGES, tools, stream: true };
  const { events } = await streamed(emulator.url, '/v1/responses', request);
  const done = events.find(({ name }) => name === 'response.function_call_arguments.done');
  assert.deepEqual(JSON.parse((done?.data as Body).arguments), ARGUMENTS);
  const cut = await streamed(emulator.url, '/v1/responses', { ...RESPONSES, stream: true });
  assert.equal(cut.events.at(-1)?.name, 'response.incomplete');
  const result = { type: 'function_call_output', call_id: 'call_1', output: 'Regen' };
  const next = await bodyOf('/v1/responses', { model: 'm', tools, input: [...MESSAGES, result] });
  assert.equal(next.output[0].type, 'message');
});

test('a message of Anthropic in one body', async () => {
  emulator.behave({ usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10 } });
  const body = await bodyOf('/v1/messages', CLAUDE);
  assert.deepEqual(
    [body.type, body.role, body.stop_reason],
    ['message', 'assistant', 'max_tokens'],
  );
  assert.deepEqual(body.content, [{ type: 'text', text: TEXT }]);
  assert.equal(body.usage.input_tokens, 30);
  assert.equal(body.usage.cache_read_input_tokens, 60);
  assert.equal(body.usage.cache_creation_input_tokens, 10);
  assert.equal(body.usage.output_tokens, 4);
});

test('a message of Anthropic in a stream', async () => {
  const request = { ...CLAUDE, stream: true };
  const { events, isDone } = await streamed(emulator.url, '/v1/messages', request);
  assert.deepEqual(types(events), [
    'message_start',
    'content_block_start',
    'ping',
    ...Array<string>(4).fill('content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  const data = events.map((it) => it.data as Body);
  assert.equal(data[0]?.message.usage.input_tokens, 4);
  assert.equal(data[0]?.message.usage.output_tokens, 1);
  assert.equal(data.map(({ delta }) => delta?.text ?? '').join(''), TEXT);
  assert.equal(data.at(-2)?.delta.stop_reason, 'max_tokens');
  assert.equal(data.at(-2)?.usage.output_tokens, 4);
  assert.ok(!isDone);
});

test('a message of Anthropic that calls a tool', async () => {
  const tools = [{ name: 'weather', input_schema: SCHEMA }];
  const request = { ...CLAUDE, max_tokens: 50, tools };
  const body = await bodyOf('/v1/messages', request);
  assert.equal(body.stop_reason, 'tool_use');
  assert.deepEqual(body.content[0].input, ARGUMENTS);
  const { events } = await streamed(emulator.url, '/v1/messages', { ...request, stream: true });
  const data = events.map((it) => it.data as Body);
  assert.deepEqual(data[1]?.content_block.input, {});
  const json = data.map(({ delta }) => delta?.partial_json ?? '').join('');
  assert.deepEqual(JSON.parse(json), ARGUMENTS);
});

test('a message of Anthropic needs its version and its limit', async () => {
  const unlimited = await ask(emulator.url, '/v1/messages', { model: 'm', messages: MESSAGES });
  assert.equal(unlimited.status, 400);
  assert.equal((unlimited.json as Body).error.type, 'invalid_request_error');
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(CLAUDE) };
  assert.equal((await fetch(`${emulator.url}/v1/messages`, init)).status, 400);
});

test('Anthropic counts tokens without writing any', async () => {
  const body = await bodyOf('/v1/messages/count_tokens', { ...CLAUDE, system: 'Kurz bitte' });
  assert.deepEqual(body, { input_tokens: 6 });
});

test('embeddings are the same numbers in both encodings', async () => {
  const request = { model: 'e', input: ['Grüße aus Wien', 'zwei Worte'], dimensions: 16 };
  const floats = await bodyOf('/v1/embeddings', request);
  const packed = await bodyOf('/v1/embeddings', { ...request, encoding_format: 'base64' });
  assert.deepEqual(floats.usage, { prompt_tokens: 5, total_tokens: 5 });
  for (const [index, { embedding }] of floats.data.entries()) {
    const bytes = Buffer.from(packed.data[index].embedding, 'base64');
    assert.equal(embedding.length, 16);
    assert.deepEqual(
      embedding.map((_: number, at: number) => bytes.readFloatLE(at * 4)),
      embedding,
    );
  }
});

test('each provider lists its models in its own shape', async () => {
  const get = async (headers: Record<string, string>) =>
    (await (await fetch(`${emulator.url}/v1/models`, { headers })).json()) as Body;
  assert.equal((await get({})).data[0].object, 'model');
  assert.equal((await get({ 'anthropic-version': '2023-06-01' })).data[0].type, 'model');
});

test('a path or a method that there is not, a body that is no JSON', async () => {
  assert.equal((await ask(emulator.url, '/v1/nothing', {})).status, 404);
  assert.equal((await fetch(`${emulator.url}/v1/embeddings`)).status, 404);
  const init = { method: 'POST', body: '{' };
  assert.equal((await fetch(`${emulator.url}/v1/responses`, init)).status, 400);
});
