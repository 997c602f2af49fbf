/** `POST /api/chat/` with a model and as a stream, and the list of models. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

const OPENING = 4_000;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;
const scripted = scriptedModel(flatPrice(100));

before(async () => {
  const staffOnly = { ...scriptedModel(flatPrice(1)), name: 'secret', allow: 'staff' } as const;
  server = await startModelServer([scripted, staffOnly]);
});
beforeEach(async () => {
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
});

const chat = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${server.url}/api/chat/`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${user.access}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });

interface Event {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function eventsIn(text: string): Event[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data) as Record<string, unknown>,
  }));
}

async function spent(): Promise<number> {
  for (let tries = 0; tries < 1_500; tries += 1) {
    if ((await server.balanceOf(user.userId)).heldCredits === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { postedCredits, heldCredits } = await server.balanceOf(user.userId);
  assert.equal(heldCredits, 0);
  return OPENING - postedCredits;
}

test('a stream has deltas, then the usual response and the cost', async () => {
  const message = script({ say: 'Grüße ' }, { waitMs: 20 }, { say: 'aus 東京' });
  const answer = await chat({ message, stream: true });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  assert.equal(answer.headers.get('x-accel-buffering'), 'no');
  assert.equal(answer.headers.get('content-encoding'), null);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  const events = eventsIn(await answer.text());
  assert.deepEqual(
    events.slice(0, -1).map(({ event, data }) => [event, data]),
    [
      ['delta', { text: 'Grüße ' }],
      ['delta', { text: 'aus 東京' }],
    ],
  );
  const { event, data } = events.at(-1) as Event;
  assert.equal(event, 'done');
  assert.equal(data.user, user.userId);
  assert.equal(data.message, message);
  assert.equal(data.response, 'Grüße aus 東京');
  assert.match(String(data.timestamp), /Z$/);
  assert.equal(data.model, 'scripted');
  assert.equal(data.cost, 100);
  assert.equal(await spent(), 100);
});

test('a request that is refused before admission has its own status, as without a stream', async () => {
  assert.equal((await chat({ message: ' ', stream: true })).status, 400);
  assert.equal((await chat({ message: 'hi', model: 'none', stream: true })).status, 404);
  assert.equal((await chat({ message: 'hi', stream: 'often' })).status, 400);
  assert.equal(await spent(), 0);
});

test('a model that fails before its first word sends an error event and is free', async () => {
  const answer = await chat({ message: script({ fail: 'no' }), stream: true });
  const events = eventsIn(await answer.text());
  assert.deepEqual(
    events.map(({ event }) => event),
    ['error'],
  );
  assert.match(String(events[0]?.data.detail), /Nothing was charged/);
  assert.equal(events[0]?.data.code, 'model_failed');
  assert.equal(await spent(), 0);
});

test('a reply that breaks off ends with the reason and the part that was delivered', async () => {
  const answer = await chat({ message: script({ say: 'half' }, { fail: 'no' }), stream: true });
  const events = eventsIn(await answer.text());
  assert.equal(events.at(-1)?.data.response, 'half');
  assert.equal(events.at(-1)?.data.failure, 'The model stopped in the middle of its reply.');
  assert.equal(events.at(-1)?.data.failure_code, 'model_broke_off');
  assert.equal(await spent(), 100);
});

test('an incomplete reply without a stream says so in a header', async () => {
  const half = await chat({ message: script({ say: 'half' }, { fail: 'no' }) });
  assert.equal(half.status, 200);
  assert.equal(half.headers.get('chit-reply-failure'), 'model_broke_off');
  const whole = await chat({ message: script({ say: 'whole' }) });
  assert.equal(whole.headers.get('chit-reply-failure'), null);
});

test('disconnecting does not stop a streamed reply: it is stored and charged in full', async () => {
  const gone = new AbortController();
  const message = script({ say: 'one ' }, { waitMs: 200 }, { say: 'two' });
  const answer = await chat({ message, stream: true }, {}, gone.signal);
  await answer.body?.getReader().read();
  gone.abort();
  assert.equal(await spent(), 100);
  const [line] = await server.chit.context.transfers.statement(user.userId, {
    beforeNumber: undefined,
    limit: 1,
  });
  const kept = await server.chit.context.messages.find(user.userId, line?.messageId ?? '');
  assert.equal(kept?.reply, 'one two');
  assert.equal(kept?.status, 'complete');
});

test('a retry with the same key streams the same reply, and is charged once', async () => {
  const headers = { 'idempotency-key': 'again' };
  const message = script({ say: 'Grüße' });
  const first = eventsIn(await (await chat({ message, stream: true }, headers)).text());
  const before = scripted.requests.length;
  const again = await chat({ message, stream: true }, headers);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.deepEqual(eventsIn(await again.text()), first);
  assert.equal(scripted.requests.length, before);
  assert.equal((await chat({ message }, headers)).status, 422);
  assert.equal(await spent(), 100);
});

test('users see their models; models for staff are hidden from others', async () => {
  const { json } = await getWith(`${server.url}/api/models/`, user.access);
  // Whether others have sent enough messages to it depends on the tests before.
  const [first] = (json as { models: { typical_cost: { from: string } }[] }).models;
  const from = first?.typical_cost.from;
  const price = {
    per_message: 100,
    per_million_input: 0,
    per_million_cached_input: 0,
    per_million_output: 0,
  };
  assert.deepEqual(json, {
    models: [
      {
        name: 'scripted',
        is_default: true,
        price,
        output_limit: 1_000,
        added_input: 0,
        context_limit: null,
        description: null,
        thinks: false,
        effort: [],
        temperature: false,
        tools: false,
        reads: [],
        typical_cost: { tokens: 100, from },
        is_failing: false,
        fallbacks: [],
      },
    ],
  });
  const asked = { message: 'hi', model: 'secret' };
  assert.equal((await postJson(`${server.url}/api/chat/`, asked, user.access)).status, 404);
  assert.equal(await spent(), 0);
});
