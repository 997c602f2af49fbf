/** The outcome table over real provider APIs: what each ending of a response costs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import type { Chit } from '../../../src/compose.ts';
import { hasCode } from '../../../src/core/errors.ts';
import type { Price } from '../../../src/core/pricing.ts';
import { Catalogue } from '../../../src/models/catalogue.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { measureTexts } from '../../../src/models/input-measure/measure-texts.ts';
import { measuredModelOf } from '../../../src/models/input-measure/measured-model.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import type { Behaviour } from '../../support/providers/behaviour.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 4_000;
const USAGE = { inputTokens: 30, cachedInputTokens: 10, cacheWriteTokens: 0, outputTokens: 12 };
/** Of the usage above: 20 of input, 10 cached at half the price, 12 of output at twice. */
const COST = 20 + 5 + 24;
const TEXT = 'Zwölf Boxkämpfer 👊 jagen 維克多 quer über den großen Sylter Deich. ';

interface Row {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly charged: number | 'counted' | 'part';
  readonly status: 'complete' | 'incomplete' | 'failed';
  readonly source?: 'provider' | 'counted';
  /** How long the provider may be silent, in milliseconds. */
  readonly patience?: { readonly headersTimeoutMs: number } | { readonly idleTimeoutMs: number };
}

const ROWS: Row[] = [
  {
    name: 'complete, with usage',
    behaviour: { text: TEXT, usage: USAGE },
    charged: COST,
    status: 'complete',
    source: 'provider',
  },
  {
    name: 'complete, split at every byte, with CRLF',
    behaviour: { text: TEXT, usage: USAGE, splitBytes: [1, 2, 3], lineEnd: '\r\n' },
    charged: COST,
    status: 'complete',
    source: 'provider',
  },
  {
    name: 'complete, without usage',
    behaviour: { text: TEXT, usage: 'omitted' },
    charged: 'counted',
    status: 'complete',
    source: 'counted',
  },
  {
    name: 'complete, with a usage of zero',
    behaviour: { text: TEXT, usage: 'zero' },
    charged: 'counted',
    status: 'complete',
    source: 'counted',
  },
  {
    name: 'refused for good',
    behaviour: { refuse: { status: 400 } },
    charged: 0,
    status: 'failed',
  },
  {
    name: 'no key',
    behaviour: { refuse: { status: 401 } },
    charged: 0,
    status: 'failed',
  },
  {
    name: 'an error page of a proxy',
    behaviour: { refuse: { status: 403, isHtml: true } },
    charged: 0,
    status: 'failed',
  },
  {
    name: 'silence before the first byte',
    behaviour: { fault: { kind: 'hang' } },
    charged: 0,
    status: 'failed',
    patience: { headersTimeoutMs: 1_000 },
  },
  {
    name: 'silence in the middle',
    behaviour: { text: TEXT, fault: { kind: 'hang', afterChunks: 3 } },
    charged: 'part',
    status: 'incomplete',
    source: 'counted',
    patience: { idleTimeoutMs: 500 },
  },
  {
    name: 'cut in the middle',
    behaviour: { text: TEXT, fault: { kind: 'cut', afterChunks: 3 } },
    charged: 'part',
    status: 'incomplete',
    source: 'counted',
  },
  {
    name: 'an error event in the middle',
    behaviour: { text: TEXT, fault: { kind: 'error-event', afterChunks: 3 } },
    charged: 'part',
    status: 'incomplete',
    source: 'counted',
  },
  {
    name: 'an event that is no JSON',
    behaviour: { text: TEXT, fault: { kind: 'malformed', afterChunks: 3 } },
    charged: 'part',
    status: 'incomplete',
    source: 'counted',
  },
];

for (const wire of ['openai', 'anthropic'] as const) {
  describe(`through the API of ${wire}`, () => {
    let emulator: ProviderEmulator;
    let chit: Chit;
    let userId: number;

    before(async () => {
      emulator = await startProviderEmulator({ key: 'sk-emulated' });
      chit = await openTestChit('sqlite::memory:', modelAt(providerAt(emulator, wire), 'm'));
    });
    /** Silence is waited for, so only tests of it have a short patience: others get no time. */
    const withPatience = (patience: { headersTimeoutMs?: number; idleTimeoutMs?: number }) => {
      const models = [modelAt(providerAt(emulator, wire, patience), 'm')];
      Object.assign(chit.context, { catalogue: new Catalogue(models) });
    };
    beforeEach(async () => {
      emulator.reset();
      withPatience({});
      userId = await newAccount(chit);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await chit.close();
      await emulator.close();
    });

    const balance = async () => (await chit.context.ledger.account(userId))?.postedCredits;
    const ask = (content = 'Wer jagt?') =>
      completeChat(chit.context, { userId, content, idempotency: undefined });

    /** The input of a part of a reply: Anthropic tells it first, OpenAI last. */
    const partInput = async () => (wire === 'anthropic' ? 2 : await countTokens('Wer jagt?'));

    for (const { name, behaviour, charged, status, source, patience } of ROWS) {
      test(name, async () => {
        withPatience(patience ?? {});
        emulator.behave(behaviour);
        const pieces: string[] = [];
        const request = { userId, content: 'Wer jagt?', idempotency: undefined };
        const onText = (text: string) => void pieces.push(text);
        const asked = completeChat(chit.context, { ...request, onText });
        if (status === 'failed') {
          await assert.rejects(asked);
          assert.equal(await balance(), OPENING);
          assert.deepEqual(await chit.context.ledger.account(userId), {
            postedCredits: OPENING,
            heldCredits: 0,
          });
          return;
        }
        const exchange = await asked;
        assert.equal(exchange.reply, pieces.join(''));
        assert.ok(
          status === 'complete' ? exchange.reply === TEXT : TEXT.startsWith(exchange.reply),
        );
        const input = status === 'complete' ? await countTokens('Wer jagt?') : await partInput();
        const counted = input + 2 * (await countTokens(exchange.reply));
        assert.equal(exchange.chargedCredits, typeof charged === 'number' ? charged : counted);
        assert.equal(await balance(), OPENING - exchange.chargedCredits);
        const [line] = await chit.context.transfers.statement(userId, {
          beforeNumber: undefined,
          limit: 1,
        });
        assert.equal(line?.usage?.source, source);
        const message = await chit.context.messages.find(userId, exchange.id);
        assert.equal(message?.status, status);
      });
    }

    test('the operator bears the cost of output beyond the limit', async () => {
      emulator.behave({ words: 3_000, ignoresLimit: true });
      const exchange = await ask();
      const model = measuredModelOf(chit.context.catalogue.defaultModel);
      const held = (measureTexts(['Wer jagt?']).mostTokens(model) ?? 0) + 2 * 1_000;
      assert.equal(exchange.chargedCredits, held);
    });

    test('the output limit sent to the provider is what the balance pays for', async () => {
      emulator.behave({ words: 10 });
      const { ledger, now } = chit.context;
      const ids = { transferId: `poor-${userId}`, accountId: userId, credits: -3_000 };
      const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
      await ledger.submit({ kind: 'grant', ...ids, ...why });
      await ask();
      const body = emulator.requests.at(-1)?.json as { max_tokens: number; model: string };
      const model = measuredModelOf(chit.context.catalogue.defaultModel);
      const { mostTokens } = await measureTexts(['Wer jagt?']).count(model);
      assert.equal(body.max_tokens, Math.floor((1_000 - mostTokens) / 2));
      assert.equal(body.model, 'emulated-small');
    });

    test('temporary failures are retried, and charged once', async () => {
      emulator.behaveNext({ refuse: { status: 503 } }, { refuse: { status: 429, retryAfter: 0 } });
      emulator.behave({ text: TEXT, usage: USAGE });
      assert.equal((await ask()).chargedCredits, COST);
      assert.equal(emulator.requests.length, 3);
      assert.equal(await balance(), OPENING - COST);
    });

    test('an unreachable provider gives 502, and nothing is charged', async () => {
      emulator.behave({ fault: { kind: 'cut' } });
      await assert.rejects(ask(), (error) => hasCode(error, 'model_failed'));
      assert.equal(emulator.requests.length, 3);
      assert.equal(await balance(), OPENING);
    });

    test('a provider that asks for a long delay is not retried, and the client gets the delay', async () => {
      emulator.behave({ refuse: { status: 429, retryAfter: 60 } });
      await assert.rejects(ask(), (error) => {
        assert.ok(hasCode(error, 'model_busy'));
        assert.equal(error.details.retryAfterSeconds, 60);
        return true;
      });
      assert.equal(emulator.requests.length, 1);
    });

    test('a stopped reply is charged for what arrived', async () => {
      emulator.behave({ text: TEXT.repeat(5), chunkDelayMs: 30 });
      const stop = new AbortController();
      const request = { userId, content: 'Wer jagt?', idempotency: undefined, stop: stop.signal };
      let pieces = 0;
      const onText = () => {
        pieces += 1;
        if (pieces === 4) stop.abort();
      };
      const exchange = await completeChat(chit.context, { ...request, onText });
      assert.equal(exchange.failure, 'stopped');
      const counted = (await partInput()) + 2 * (await countTokens(exchange.reply));
      assert.equal(exchange.chargedCredits, counted);
      await emulator.requests[0]?.aborted;
    });
  });
}

test('a fallback replies at its own price if the first model fails', async (t) => {
  const emulator = await startProviderEmulator();
  t.after(() => emulator.close());
  const first = await startProviderEmulator();
  t.after(() => first.close());
  first.behave({ refuse: { status: 500 } });
  emulator.behave({ text: TEXT, usage: USAGE });
  const dear = modelAt(providerAt(first, 'openai'), 'dear', { fallbacks: ['cheap'] });
  const price: Price = { rates: { ...dear.price.rates, output: [1, 1] } };
  const cheap = modelAt(providerAt(emulator, 'anthropic'), 'cheap', { price });
  const chit = await openTestChit('sqlite::memory:', dear);
  t.after(() => chit.close());
  Object.assign(chit.context, { catalogue: new Catalogue([dear, cheap]) });
  const userId = await newAccount(chit);
  const request = { userId, content: 'Wer jagt?', idempotency: undefined };
  const exchange = await completeChat(chit.context, request);
  assert.equal(exchange.model, 'cheap');
  assert.equal(exchange.chargedCredits, COST - 12);
  assert.equal(exchange.reply, TEXT);
  assert.deepEqual(await faultsOf(chit), []);
  await chit.context.catalogue.close();
});
