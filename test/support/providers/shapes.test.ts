/** Each route of the emulated providers has the shape that the provider documents. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { ask, fieldOf, type SentEvent, streamed } from './client.ts';
import { startProviderEmulator } from './emulator.ts';

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

async function bodyOf(path: string, body: object): Promise<unknown> {
  return (await ask(emulator.url, path, body)).json;
}

const namesOf = (events: readonly SentEvent[]) => events.map(({ name }) => name);

/** The texts at one place of all events, put together. */
function textAt(events: readonly SentEvent[], path: string): string {
  return events.map(({ data }) => fieldOf(data, path) ?? '').join('');
}

/** Several fields of one answer. */
function fieldsOf(value: unknown, ...paths: string[]): unknown[] {
  return paths.map((path) => fieldOf(value, path));
}

function jsonAt(value: unknown, path: string): unknown {
  return JSON.parse(String(fieldOf(value, path)));
}

test('a chat completion in one body', async () => {
  const body = await bodyOf('/v1/chat/completions', { ...CHAT, max_completion_tokens: 50 });
  assert.equal(fieldOf(body, 'object'), 'chat.completion');
  assert.equal(String(fieldOf(body, 'choices.0.message.content')).split(' ').length, 12);
  assert.equal(fieldOf(body, 'choices.0.finish_reason'), 'stop');
  const usage = fieldOf(body, 'usage');
  assert.deepEqual(
    fieldsOf(usage, 'prompt_tokens', 'completion_tokens', 'total_tokens'),
    [4, 12, 16],
  );
  assert.equal(fieldOf(usage, 'prompt_tokens_details.cached_tokens'), 0);
  assert.equal(fieldOf(usage, 'completion_tokens_details.reasoning_tokens'), 0);
});

test('a chat completion in a stream, cut at the limit, with its usage at the end', async () => {
  const request = { ...CHAT, stream: true, stream_options: { include_usage: true } };
  const { events, isDone } = await streamed(emulator.url, '/v1/chat/completions', request);
  assert.equal(textAt(events, 'choices.0.delta.content'), TEXT);
  const opening = { role: 'assistant', content: '', refusal: null };
  assert.deepEqual(fieldOf(events[0]?.data, 'choices.0.delta'), opening);
  const [finish, usage] = events.slice(-2).map(({ data }) => data);
  assert.equal(fieldOf(finish, 'choices.0.finish_reason'), 'length');
  assert.equal(fieldOf(finish, 'usage'), null);
  assert.deepEqual(fieldOf(usage, 'choices'), []);
  assert.equal(fieldOf(usage, 'usage.completion_tokens'), 4);
  assert.ok(isDone);
});

test('a chat stream has no usage unless requested', async () => {
  const request = { ...CHAT, stream: true };
  const { raw } = await streamed(emulator.url, '/v1/chat/completions', request);
  assert.doesNotMatch(raw, /usage/);
});

test('a chat completion calls the tool until it has its result', async () => {
  const path = '/v1/chat/completions';
  const tools = [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }];
  const request = { ...CHAT, max_completion_tokens: 50, tools };
  const body = await bodyOf(path, request);
  const call = fieldOf(body, 'choices.0.message.tool_calls.0');
  assert.equal(fieldOf(body, 'choices.0.finish_reason'), 'tool_calls');
  assert.deepEqual(jsonAt(call, 'function.arguments'), ARGUMENTS);

  const { events } = await streamed(emulator.url, path, { ...request, stream: true });
  const delta = 'choices.0.delta.tool_calls.0.function';
  assert.equal(fieldOf(events[0]?.data, `${delta}.name`), 'weather');
  assert.ok(events.length > 5);
  assert.deepEqual(JSON.parse(textAt(events, `${delta}.arguments`)), ARGUMENTS);

  const result = { role: 'tool', tool_call_id: fieldOf(call, 'id'), content: 'Regen' };
  const next = await bodyOf(path, { ...request, messages: [...MESSAGES, result] });
  assert.equal(fieldOf(next, 'choices.0.finish_reason'), 'stop');
});

test('a chat completion follows a JSON schema and accepts images', async () => {
  const format = { type: 'json_schema', json_schema: { name: 'city', schema: SCHEMA } };
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const content = [{ type: 'text', text: 'Was ist das?' }, picture];
  const body = await bodyOf('/v1/chat/completions', {
    model: 'm',
    messages: [{ role: 'user', content }],
    response_format: format,
  });
  assert.deepEqual(jsonAt(body, 'choices.0.message.content'), ARGUMENTS);
  assert.equal(fieldOf(body, 'usage.prompt_tokens'), 3 + 85);
});

test('a response in one body', async () => {
  const body = await bodyOf('/v1/responses', RESPONSES);
  assert.deepEqual(fieldsOf(body, 'object', 'status'), ['response', 'incomplete']);
  assert.deepEqual(fieldOf(body, 'incomplete_details'), { reason: 'max_output_tokens' });
  assert.equal(fieldOf(body, 'output.0.content.0.text'), TEXT);
  assert.deepEqual(fieldsOf(body, 'usage.input_tokens', 'usage.output_tokens'), [4, 4]);
  assert.equal(fieldOf(body, 'usage.input_tokens_details.cached_tokens'), 0);
});

test('a response in a stream', async () => {
  const request = { ...RESPONSES, max_output_tokens: 12, stream: true };
  const { events, isDone } = await streamed(emulator.url, '/v1/responses', request);
  assert.deepEqual(namesOf(events), [
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
  for (const [index, { name, data }] of events.entries()) {
    assert.deepEqual(fieldsOf(data, 'sequence_number', 'type'), [index, name]);
  }
  const last = fieldOf(events.at(-1)?.data, 'response');
  assert.equal(fieldOf(last, 'output.0.content.0.text'), textAt(events, 'delta'));
  assert.equal(fieldOf(last, 'usage.output_tokens'), 12);
  assert.ok(!isDone);
});

test('a response that calls a tool, and one that the limit cuts', async () => {
  const tools = [{ type: 'function', name: 'weather', parameters: SCHEMA }];
  const request = { model: 'm', input: MESSAGES, tools, stream: true };
  const { events } = await streamed(emulator.url, '/v1/responses', request);
  const done = events.find(({ name }) => name === 'response.function_call_arguments.done');
  assert.deepEqual(jsonAt(done?.data, 'arguments'), ARGUMENTS);
  const cut = await streamed(emulator.url, '/v1/responses', { ...RESPONSES, stream: true });
  assert.equal(cut.events.at(-1)?.name, 'response.incomplete');
  const result = { type: 'function_call_output', call_id: 'call_1', output: 'Regen' };
  const next = await bodyOf('/v1/responses', { model: 'm', tools, input: [...MESSAGES, result] });
  assert.equal(fieldOf(next, 'output.0.type'), 'message');
});

test('a message of Anthropic in one body', async () => {
  emulator.behave({ usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10 } });
  const body = await bodyOf('/v1/messages', CLAUDE);
  assert.deepEqual(fieldsOf(body, 'type', 'role', 'stop_reason'), [
    'message',
    'assistant',
    'max_tokens',
  ]);
  assert.deepEqual(fieldOf(body, 'content'), [{ type: 'text', text: TEXT }]);
  const caches = ['cache_read_input_tokens', 'cache_creation_input_tokens'];
  const counts = fieldsOf(fieldOf(body, 'usage'), 'input_tokens', ...caches, 'output_tokens');
  assert.deepEqual(counts, [30, 60, 10, 4]);
});

test('a message of Anthropic in a stream', async () => {
  const request = { ...CLAUDE, stream: true };
  const { events, isDone } = await streamed(emulator.url, '/v1/messages', request);
  assert.deepEqual(namesOf(events), [
    'message_start',
    'content_block_start',
    'ping',
    ...Array<string>(4).fill('content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  const usage = fieldOf(events[0]?.data, 'message.usage');
  assert.deepEqual(fieldsOf(usage, 'input_tokens', 'output_tokens'), [4, 1]);
  assert.equal(textAt(events, 'delta.text'), TEXT);
  const last = fieldsOf(events.at(-2)?.data, 'delta.stop_reason', 'usage.output_tokens');
  assert.deepEqual(last, ['max_tokens', 4]);
  assert.ok(!isDone);
});

test('a message of Anthropic that calls a tool', async () => {
  const tools = [{ name: 'weather', input_schema: SCHEMA }];
  const request = { ...CLAUDE, max_tokens: 50, tools };
  const body = await bodyOf('/v1/messages', request);
  assert.equal(fieldOf(body, 'stop_reason'), 'tool_use');
  assert.deepEqual(fieldOf(body, 'content.0.input'), ARGUMENTS);
  const { events } = await streamed(emulator.url, '/v1/messages', { ...request, stream: true });
  assert.deepEqual(fieldOf(events[1]?.data, 'content_block.input'), {});
  assert.deepEqual(JSON.parse(textAt(events, 'delta.partial_json')), ARGUMENTS);
});

test('a message of Anthropic needs its version and its limit', async () => {
  const unlimited = await ask(emulator.url, '/v1/messages', { model: 'm', messages: MESSAGES });
  assert.equal(unlimited.status, 400);
  assert.equal(fieldOf(unlimited.json, 'error.type'), 'invalid_request_error');
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
  assert.deepEqual(fieldOf(floats, 'usage'), { prompt_tokens: 5, total_tokens: 5 });
  for (const field of ['data.0.embedding', 'data.1.embedding']) {
    const bytes = Buffer.from(String(fieldOf(packed, field)), 'base64');
    const numbers = Array.from({ length: 16 }, (_, at) => bytes.readFloatLE(at * 4));
    assert.deepEqual(fieldOf(floats, field), numbers);
  }
});

test('each provider lists its models in its own shape', async () => {
  const get = async (headers: Record<string, string>) =>
    (await fetch(`${emulator.url}/v1/models`, { headers })).json();
  assert.equal(fieldOf(await get({}), 'data.0.object'), 'model');
  assert.equal(fieldOf(await get({ 'anthropic-version': '2023-06-01' }), 'data.0.type'), 'model');
});

test('an unknown path or method, and a body that is not JSON', async () => {
  assert.equal((await ask(emulator.url, '/v1/nothing', {})).status, 404);
  assert.equal((await fetch(`${emulator.url}/v1/embeddings`)).status, 404);
  const init = { method: 'POST', body: '{' };
  assert.equal((await fetch(`${emulator.url}/v1/responses`, init)).status, 400);
});
