/** The emulated providers do what they are told, and remember what they were asked. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from './behaviour.ts';
import { ask, fieldOf, post, streamed } from './client.ts';
import { startProviderEmulator } from './emulator.ts';

const emulator = await startProviderEmulator();
after(() => emulator.close());
beforeEach(() => emulator.reset());

const MESSAGES = [{ role: 'user', content: 'Wie geht es dir?' }];
const STREAMS: Readonly<Record<string, object>> = {
  '/v1/chat/completions': {
    model: 'm',
    messages: MESSAGES,
    stream: true,
    stream_options: { include_usage: true },
  },
  '/v1/responses': { model: 'm', input: 'Wie geht es dir?', stream: true },
  '/v1/messages': { model: 'm', messages: MESSAGES, max_tokens: 100, stream: true },
};
const PATHS = Object.keys(STREAMS);
const CHAT = '/v1/chat/completions';

const read = (path = CHAT) => streamed(emulator.url, path, STREAMS[path] ?? {});
const whole = (path = CHAT) => ask(emulator.url, path, { ...STREAMS[path], stream: false });
const chunksIn = (raw: string) =>
  raw.match(/"content":"[^"]|\.delta"|_delta","text"/g)?.length ?? 0;

test("every error status has the provider's error format", async () => {
  for (const status of [400, 401, 403, 404, 429, 500, 502, 503, 504, 529]) {
    emulator.behave({ refuse: { status, message: 'Nein.' } });
    const chat = await whole();
    assert.equal(chat.status, status);
    assert.equal(fieldOf(chat.json, 'error.message'), 'Nein.');
    assert.equal(fieldOf(chat.json, 'error.param'), null);
    const claude = await whole('/v1/messages');
    assert.equal(claude.status, status);
    assert.equal(fieldOf(claude.json, 'type'), 'error');
    assert.match(String(fieldOf(claude.json, 'error.type')), /_error$/);
    assert.equal(fieldOf(claude.json, 'request_id'), claude.headers.get('request-id'));
  }
});

test("an error may have Retry-After, or be a proxy's HTML page", async () => {
  emulator.behave({ refuse: { status: 429, retryAfter: 7 } });
  assert.equal((await whole()).headers.get('retry-after'), '7');
  emulator.behave({ refuse: { status: 502, isHtml: true } });
  const page = await whole();
  assert.match(page.text, /^<html>/);
  assert.equal(page.headers.get('content-type'), 'text/html');
});

test('queued behaviours apply first, one per request', async () => {
  emulator.behave({ words: 3 });
  emulator.behaveNext({ refuse: { status: 503 } }, { refuse: { status: 500 } });
  const statuses = [(await whole()).status, (await whole()).status, (await whole()).status];
  assert.deepEqual(statuses, [503, 500, 200]);
  emulator.behave(({ path }) => (path === CHAT ? {} : { refuse: { status: 404 } }));
  assert.deepEqual([(await whole()).status, (await whole('/v1/responses')).status], [200, 404]);
});

test('a hang before the first byte and after chunks, until the client disconnects', async () => {
  for (const afterChunks of [undefined, 0, 3]) {
    emulator.reset();
    emulator.behave({
      fault: { kind: 'hang', ...(afterChunks === undefined ? {} : { afterChunks }) },
    });
    const leave = new AbortController();
    const answered = post(emulator.url, CHAT, STREAMS[CHAT] ?? {}, leave.signal);
    const [request] = await emulator.waitForRequests(1);
    assert.ok(request);
    if (afterChunks !== undefined) await answered;
    while (request.chunksSent < (afterChunks ?? 0)) await pause(1);
    assert.ok(!request.isAborted);
    leave.abort();
    await answered.then((it) => it.text()).catch(() => undefined);
    await request.aborted;
    assert.ok(request.isAborted);
    assert.equal(request.chunksSent, afterChunks ?? 0);
  }
});

test('a cut before the first byte gives no response', async () => {
  emulator.behave({ fault: { kind: 'cut' } });
  for (const path of PATHS) await assert.rejects(read(path), /fetch failed/);
});

test('a cut after chunks delivers all of them and is not counted as a client disconnect', async () => {
  for (const path of PATHS) {
    for (const afterChunks of [0, 1, 5, 12, 99]) {
      emulator.reset();
      emulator.behave({ fault: { kind: 'cut', afterChunks } });
      const { raw, isBroken, isDone } = await read(path);
      assert.ok(isBroken && !isDone);
      assert.equal(chunksIn(raw), Math.min(afterChunks, 12), `${path} ${afterChunks}`);
      const [request] = emulator.requests;
      await request?.ended;
      assert.equal(request?.isAborted, false);
    }
  }
});

test('an error in the middle of a stream has the format of its API', async () => {
  emulator.behave({ fault: { kind: 'error-event', afterChunks: 2 } });
  const chat = (await read()).events.at(-1);
  assert.equal(fieldOf(chat?.data, 'error.type'), 'server_error');
  const response = (await read('/v1/responses')).events.at(-1);
  assert.equal(response?.name, 'error');
  assert.equal(fieldOf(response?.data, 'code'), 'server_error');
  assert.equal(fieldOf(response?.data, 'sequence_number'), 6);
  const claude = (await read('/v1/messages')).events.at(-1);
  assert.equal(claude?.name, 'error');
  assert.equal(fieldOf(claude?.data, 'error.type'), 'overloaded_error');
  assert.equal((await whole()).status, 500);
  emulator.behave({ fault: { kind: 'failed-event' } });
  const failed = await read('/v1/responses');
  assert.equal(failed.events.length, 1);
  assert.equal(fieldOf(failed.events[0]?.data, 'response.status'), 'failed');
});

test('a truncated JSON event replaces one chunk', async () => {
  for (const path of PATHS) {
    emulator.behave({ fault: { kind: 'malformed', afterChunks: 2 } });
    const broken = await read(path);
    emulator.behave({});
    const good = await read(path);
    assert.equal(broken.unreadable.length, 1);
    assert.equal(broken.events.length, good.events.length - 1);
    assert.equal(good.unreadable.length, 0);
  }
  emulator.behave({ fault: { kind: 'malformed' } });
  const body = await whole();
  assert.deepEqual([body.status, body.json], [200, undefined]);
});

test('a stream may end cleanly without its final event', async () => {
  emulator.behave({ fault: { kind: 'end', afterChunks: 12 } });
  for (const path of PATHS) {
    const { raw, isDone, isBroken } = await read(path);
    assert.equal(chunksIn(raw), 12);
    assert.ok(!isDone && !isBroken);
    assert.doesNotMatch(raw, /message_stop|response\.completed|"finish_reason":"/);
  }
});

test('writes of a few bytes and CRLF carry the same events', async () => {
  for (const path of PATHS) {
    emulator.behave({ splitBytes: [1, 2, 3], lineEnd: '\r\n', words: 6 });
    const split = await read(path);
    emulator.behave({ words: 6 });
    const good = await read(path);
    assert.ok(split.raw.includes('\r\n\r\n') && !good.raw.includes('\r'));
    const names = (it: typeof good) => it.events.map(({ name }) => name);
    assert.deepEqual(names(split), names(good));
    for (const word of ['Grüße', '東京', '🌍']) assert.ok(split.raw.includes(word));
  }
});

test('usage may be omitted, zero, given or invalid', async () => {
  const usageOf = async (behaviour: Behaviour) => {
    emulator.behave(behaviour);
    return fieldOf((await whole()).json, 'usage');
  };
  assert.equal(await usageOf({ usage: 'omitted' }), undefined);
  assert.equal(fieldOf(await usageOf({ usage: 'zero' }), 'total_tokens'), 0);
  const given = {
    inputTokens: 1_000,
    cachedInputTokens: 900,
    outputTokens: 50,
    reasoningTokens: 40,
  };
  const usage = await usageOf({ usage: given });
  assert.equal(fieldOf(usage, 'prompt_tokens_details.cached_tokens'), 900);
  assert.equal(fieldOf(usage, 'completion_tokens_details.reasoning_tokens'), 40);
  assert.equal(fieldOf(usage, 'total_tokens'), 1_050);
  assert.deepEqual(await usageOf({ rawUsage: { prompt_tokens: -1 } }), { prompt_tokens: -1 });

  emulator.behave({ usage: 'omitted' });
  for (const path of PATHS) assert.doesNotMatch((await read(path)).raw, /_tokens":\d/);
});

test('a model may exceed its output limit', async () => {
  emulator.behave({ words: 9, ignoresLimit: true });
  const body = { model: 'm', messages: MESSAGES, max_tokens: 2 };
  const { json } = await ask(emulator.url, CHAT, body);
  assert.equal(fieldOf(json, 'usage.completion_tokens'), 9);
  assert.equal(fieldOf(json, 'choices.0.finish_reason'), 'stop');
});

test('a text chosen by the test is returned unchanged', async () => {
  emulator.behave({ text: 'Zwei  Worte \n' });
  const { json } = await whole('/v1/messages');
  assert.equal(fieldOf(json, 'content.0.text'), 'Zwei  Worte \n');
});

test('the headers, the first chunk and each further one can be delayed', async () => {
  const took = async (behaviour: Behaviour) => {
    emulator.behave(behaviour);
    const startedAtMs = performance.now();
    await read();
    return performance.now() - startedAtMs;
  };
  assert.ok((await took({ headDelayMs: 60 })) > 55);
  assert.ok((await took({ firstChunkDelayMs: 60 })) > 55);
  assert.ok((await took({ chunkDelayMs: 10, words: 7 })) > 55);
});

test('a connection stays open after a response unless configured to close', async () => {
  const openedBy = async (behaviour: Behaviour) => {
    const fresh = await startProviderEmulator();
    fresh.behave(behaviour);
    await ask(fresh.url, CHAT, { ...STREAMS[CHAT], stream: false });
    // The client takes back a connection only a moment after it gave out the body.
    await pause(20);
    if (behaviour.closes) await until(() => fresh.openConnections === 0);
    await ask(fresh.url, CHAT, STREAMS[CHAT] ?? {});
    await fresh.close();
    return fresh.connectionsSoFar;
  };
  assert.equal(await openedBy({}), 1);
  assert.equal(await openedBy({ closes: 'announced' }), 2);
  assert.equal(await openedBy({ closes: 'silently' }), 2);
});

test('a request is recorded as received, even if incomplete', async () => {
  await post(emulator.url, `${CHAT}?a=1`, { model: 'm', messages: [], text: 'Grüße' });
  const [request] = emulator.requests;
  assert.deepEqual([request?.method, request?.path, request?.query], ['POST', CHAT, 'a=1']);
  assert.equal(request?.headers.authorization, 'Bearer key-of-the-test');
  assert.equal(request?.body.toString(), JSON.stringify(request?.json));

  const headers = { 'content-length': 100 };
  const half = httpRequest(`${emulator.url}${CHAT}`, { method: 'POST', headers });
  half.on('error', () => undefined);
  half.write('{"model":', () => setTimeout(() => half.destroy(), 20));
  const [, broken] = await emulator.waitForRequests(2);
  assert.equal(broken?.body.toString(), '{"model":');
  await broken?.aborted;
});

test('a required key must be in the header of its API', async () => {
  const locked = await startProviderEmulator({ key: 'key-of-the-test' });
  const other = await startProviderEmulator({ key: 'another key' });
  for (const path of PATHS) {
    assert.equal((await post(locked.url, path, STREAMS[path] ?? {})).status, 200);
    assert.equal((await post(other.url, path, STREAMS[path] ?? {})).status, 401);
  }
  await Promise.all([locked.close(), other.close()]);
});

test('closing ends all responses, and none counts as a client disconnect', async () => {
  const closing = await startProviderEmulator();
  closing.behave({ chunkDelayMs: 60_000 });
  const streams = PATHS.map((path) => streamed(closing.url, path, STREAMS[path] ?? {}));
  await closing.waitForRequests(3);
  await until(() => closing.requests.every(({ chunksSent }) => chunksSent === 1));
  await closing.close();
  for (const { isBroken } of await Promise.all(streams)) assert.ok(isBroken);
  assert.ok(closing.requests.every(({ isAborted }) => !isAborted));
  assert.equal(closing.openConnections, 0);
});

test('five hundred concurrent streams keep their pace', async () => {
  emulator.behave({ words: 10, firstChunkDelayMs: 20, chunkDelayMs: 20 });
  const all = await Promise.all(Array.from({ length: 500 }, () => read()));
  assert.ok(all.every(({ events, isDone }) => isDone && events.length === 13));
});

test('in its own process it prints its URL and exits when its input ends', async () => {
  const program = join(import.meta.dirname, 'server.ts');
  const child = spawn(process.execPath, [program, '{"words":2}']);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { json } = await ask(line.toString().trim(), '/v1/responses', { model: 'm', input: 'Na?' });
  assert.equal(fieldOf(json, 'usage.output_tokens'), 2);
  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});

function pause(ms: number): Promise<void> {
  return sleep(ms);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(1);
}
