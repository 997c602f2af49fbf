/** Every row of the outcome table over every relayed API: what arrives and what it costs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { measureRequest } from '../../../src/models/input-measure/measure-request.ts';
import type { JsonObject } from '../../../src/models/provider-apis/provider-api.ts';
import { RequestBody } from '../../../src/models/request-body/request-body.ts';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import type { Behaviour } from '../../support/providers/behaviour.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { published } from '../../support/published/check.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 4_000;
const USAGE = { inputTokens: 30, cachedInputTokens: 10, cacheWriteTokens: 0, outputTokens: 12 };
/** 20 of input, 10 cached at half the price, 12 of output at twice. */
const COST = 20 + 5 + 24;
const TEXT = 'Zwölf Boxkämpfer 👊 jagen 維克多 quer über den großen Sylter Deich. ';

const MESSAGES = [{ role: 'user', content: 'Wer jagt?' }];
const WIRES = {
  '/v1/chat/completions': { model: 'gpt', messages: MESSAGES, max_tokens: 100 },
  '/v1/completions': { model: 'gpt', prompt: 'Wer jagt?', max_tokens: 100 },
  '/v1/responses': { model: 'gpt', input: 'Wer jagt?', max_output_tokens: 100 },
  '/v1/messages': { model: 'claude', messages: MESSAGES, max_tokens: 100 },
} as const;

/** `whole`: 200 and the provider's usage; `counted`: 200 and our count; `part`: what came. */
type Expected = 'whole' | 'counted' | 'part' | 'nothing';
const ROWS: [string, Behaviour, whole: Expected, stream: Expected][] = [
  ['complete', { usage: USAGE }, 'whole', 'whole'],
  ['split anywhere', { usage: USAGE, splitBytes: [1, 2], lineEnd: '\r\n' }, 'whole', 'whole'],
  ['no usage', { usage: 'omitted' }, 'counted', 'counted'],
  ['a usage of zero', { usage: 'zero' }, 'counted', 'counted'],
  ['more than its limit', { words: 3_000, ignoresLimit: true }, 'whole', 'whole'],
  ['refused', { refuse: { status: 400 } }, 'nothing', 'nothing'],
  ['busy for long', { refuse: { status: 429, retryAfter: 60 } }, 'nothing', 'nothing'],
  ['failing', { refuse: { status: 501 } }, 'nothing', 'nothing'],
  ['silent from the start', { fault: { kind: 'hang' } }, 'nothing', 'nothing'],
  ['cut before a word', { fault: { kind: 'cut', afterChunks: 0 } }, 'nothing', 'nothing'],
  ['cut in the middle', { fault: { kind: 'cut', afterChunks: 3 } }, 'nothing', 'part'],
  ['silent in the middle', { fault: { kind: 'hang', afterChunks: 3 } }, 'nothing', 'part'],
  ['an error event', { fault: { kind: 'error-event', afterChunks: 3 } }, 'nothing', 'part'],
  ['an event of no JSON', { fault: { kind: 'malformed', afterChunks: 3 } }, 'nothing', 'part'],
];

/** How long a provider is waited for, by the end of its model's name: little by few rows only. */
const PATIENCE = {
  '': {},
  '-mute': { headersTimeoutMs: 500, idleTimeoutMs: 250 },
  '-pausing': { idleTimeoutMs: 1_000 },
};

/** The model for a row: many wait for a silent provider. */
function modelFor(row: string, { model }: { readonly model: string }): string {
  if (!row.startsWith('silent')) return model;
  return `${model}${row === 'silent in the middle' ? '-pausing' : '-mute'}`;
}

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer(
    Object.entries(PATIENCE).flatMap(([suffix, patience]) => [
      modelAt(providerAt(emulator, 'openai', patience), `gpt${suffix}`),
      modelAt(providerAt(emulator, 'anthropic', patience), `claude${suffix}`),
    ]),
  );
});
beforeEach(async () => {
  emulator.reset();
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

async function ask(path: string, body: object, key?: string): Promise<Answer> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${user.key}`,
    'content-type': 'application/json',
    ...(key ? { 'idempotency-key': key } : {}),
  };
  const url = `${server.url}${path}`;
  return published(path, await send(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** The only charge; undefined if nothing was charged and nothing is held. */
async function charge() {
  const page = { beforeNumber: undefined, limit: 5 };
  const lines = await server.chit.context.transfers.statement(user.userId, page);
  const charges = lines.filter(({ kind }) => kind === 'charge');
  assert.ok(charges.length <= 1);
  const [line] = charges;
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: OPENING + (line?.credits ?? 0),
    heldCredits: 0,
  });
  return line;
}

for (const [path, body] of Object.entries(WIRES)) {
  for (const isStream of [false, true]) {
    describe(`${path}, ${isStream ? 'a stream' : 'a whole answer'}`, () => {
      for (const [name, behaviour, whole, stream] of ROWS) {
        test(name, async () => {
          emulator.behave({ text: TEXT, ...behaviour });
          const expected = isStream ? stream : whole;
          const { status, text } = await ask(path, {
            ...body,
            model: modelFor(name, body),
            stream: isStream,
          });
          const line = await charge();
          if (expected === 'nothing') {
            assert.equal(line, undefined);
            // A stream that has started is a 200; the failure is an event.
            assert.ok(status >= 400 || (isStream && /error/.test(text)), `${status} ${text}`);
            return;
          }
          assert.equal(status, 200);
          if (expected === 'part') assert.match(text, /error/);
          assert.equal(line?.usage?.source, expected === 'whole' ? 'provider' : 'counted');
          if (name === 'more than its limit') {
            const held = (await inputTokens(body)) + 2 * 100;
            assert.ok(0 - (line?.credits ?? 0) <= held, `${line?.credits} of ${held}`);
          } else if (expected === 'whole' && behaviour.usage) {
            assert.equal(line?.credits, -COST);
          } else if (expected === 'counted') {
            const cost = (await inputTokens(body)) + 2 * (await countTokens(TEXT));
            assert.equal(line?.credits, -cost);
          }
        });
      }
    });
  }
}

/** The input of a request that has only text, as it is charged where nobody reports usage. */
async function inputTokens(body: JsonObject): Promise<number> {
  const measure = measureRequest(
    'openai',
    new RequestBody(Buffer.from(JSON.stringify(body)), body),
  );
  const model = { kind: 'openai', upstreamModel: 'gpt', contextTokens: undefined } as const;
  return measure.estimate(model);
}

describe('/v1/embeddings', () => {
  const body = { model: 'gpt', input: 'Wer jagt?' };
  const rows: [string, Behaviour, Expected][] = [
    ['complete', { usage: { inputTokens: 5 } }, 'whole'],
    ['no usage', { usage: 'omitted' }, 'counted'],
    ['a usage of zero', { usage: 'zero' }, 'counted'],
    ['refused', { refuse: { status: 400 } }, 'nothing'],
    ['silent from the start', { fault: { kind: 'hang' } }, 'nothing'],
    ['cut', { fault: { kind: 'cut' } }, 'nothing'],
  ];
  for (const [name, behaviour, expected] of rows) {
    test(name, async () => {
      emulator.behave(behaviour);
      const { status } = await ask('/v1/embeddings', { ...body, model: modelFor(name, body) });
      const line = await charge();
      assert.equal(status === 200, expected !== 'nothing');
      if (expected === 'nothing') assert.equal(line, undefined);
      else assert.equal(line?.usage?.source, expected === 'whole' ? 'provider' : 'counted');
      if (expected === 'counted') assert.equal(line?.credits, 0 - (await inputTokens(body)));
    });
  }
});

describe('a retry with the same Idempotency-Key', () => {
  for (const isStream of [false, true]) {
    test(`gets the same ${isStream ? 'stream' : 'answer'} again, for one charge`, async () => {
      emulator.behave({ text: TEXT, usage: USAGE });
      const body = { ...WIRES['/v1/chat/completions'], stream: isStream };
      const first = await ask('/v1/chat/completions', body, 'key-1');
      const again = await ask('/v1/chat/completions', body, 'key-1');
      assert.equal(again.status, 200);
      assert.equal(again.text, first.text);
      assert.equal(again.headers['content-type'], first.headers['content-type']);
      assert.equal(again.headers['idempotent-replayed'], 'true');
      assert.equal(first.headers['idempotent-replayed'], undefined);
      assert.equal(emulator.requests.length, 1);
      assert.equal((await charge())?.credits, -COST);
      const other = await ask('/v1/chat/completions', { ...body, max_tokens: 50 }, 'key-1');
      assert.equal(other.status, 422);
    });
  }

  test('an incomplete response is neither repeated nor generated again', async () => {
    emulator.behave({ text: TEXT, fault: { kind: 'cut', afterChunks: 3 } });
    const body = { ...WIRES['/v1/chat/completions'], stream: true };
    assert.equal((await ask('/v1/chat/completions', body, 'key-1')).status, 200);
    assert.equal((await ask('/v1/chat/completions', body, 'key-1')).status, 409);
    assert.equal(emulator.requests.length, 1);
    assert.ok(await charge());
  });
});
