import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_PROMPT_CONTEXT } from '../../../src/core/conversation.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { Delta } from '../../../src/models/catalogue.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { demoModel } from '../../../src/models/own-models/demo.ts';
import { DEMO_PAGE } from '../../../src/models/own-models/demo-page.ts';

const demo = demoModel({
  name: 'demo',
  provider: 'demo',
  upstreamModel: 'demo',
  price: flatPrice(1),
  providerPrice: undefined,
  contextTokens: undefined,
  outputTokens: 4_096,
  fallbacks: [],
  allowUnpriced: [],
  allow: 'everyone',
});

function textOf(deltas: readonly Delta[]): string {
  return deltas.map((it) => it.text ?? '').join('');
}

test('the page is several kilobytes of Markdown, whole within its limit, with usage', async () => {
  assert.ok(Buffer.byteLength(DEMO_PAGE) > 2_500);
  for (const part of [/^# /m, /^\| /m, /^```sql$/m, /^\$\$$/m, /\$p\$/])
    assert.match(DEMO_PAGE, part);
  const { signal } = new AbortController();
  const request = {
    content: 'hi',
    promptContext: EMPTY_PROMPT_CONTEXT,
    outputLimit: 4_096,
    signal,
  };
  const deltas = await Array.fromAsync(demo.generate(request));
  assert.equal(textOf(deltas).trim(), DEMO_PAGE.trim());
  const last = deltas.at(-1);
  assert.equal(last?.usage?.counts.input, 1);
});

test('the page is cut at the output limit', async () => {
  const { signal } = new AbortController();
  const deltas = await Array.fromAsync(
    demo.generate({ content: 'hi', promptContext: EMPTY_PROMPT_CONTEXT, outputLimit: 20, signal }),
  );
  assert.ok((await countTokens(textOf(deltas))) <= 20);
  assert.ok(textOf(deltas).length > 20);
});

test('the page ends at once when it is aborted', async () => {
  const abort = new AbortController();
  const request = {
    content: 'hi',
    promptContext: EMPTY_PROMPT_CONTEXT,
    outputLimit: 4_096,
    signal: abort.signal,
  };
  await assert.rejects(async () => {
    for await (const _ of demo.generate(request)) abort.abort();
  }, /abort/i);
});
