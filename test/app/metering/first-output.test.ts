/** Those who watch a generation are told once when its first output is there, of whatever kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../../src/app/metering/generate.ts';
import { RunningGeneration } from '../../../src/app/metering/generation-registry.ts';
import type { Journal } from '../../../src/app/metering/journal.ts';
import type { Delta } from '../../../src/models/catalogue.ts';

async function firstOutputs(deltas: readonly Delta[]): Promise<number> {
  let told = 0;
  async function* ask(): AsyncGenerator<Delta> {
    yield {};
    assert.equal(told, 0);
    yield* deltas;
  }
  const about = { id: 'g', accountId: 1, payerId: undefined, apiKeyId: undefined };
  const journal: Pick<Journal, 'add'> = { add: () => undefined };
  await generate(ask, {
    idleTimeoutMs: 10_000,
    journal: journal as Journal,
    lease: { isCertain: true, untilCertain: async () => undefined },
    generation: new RunningGeneration(about),
    limit: undefined,
    left: undefined,
    readOnMs: () => 0,
    deliver: undefined,
    onOutput: () => {
      told += 1;
    },
  });
  return told;
}

test('the first output is told once: text, a thought, a call of a tool, or bytes', async () => {
  const call: Delta = { toolCalls: [{ index: 0, id: 'c', name: 'search', arguments: '{}' }] };
  assert.equal(await firstOutputs([call, call]), 1);
  assert.equal(await firstOutputs([{ text: 'a' }, call]), 1);
  assert.equal(await firstOutputs([{ nonReplyOutput: 'hm' }, { text: 'a' }]), 1);
  assert.equal(await firstOutputs([{ bytes: new Uint8Array(3) }]), 1);
  assert.equal(await firstOutputs([]), 0);
});
