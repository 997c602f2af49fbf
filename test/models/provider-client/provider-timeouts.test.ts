/** How long a provider may take to begin: a whole answer begins when all of it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import { startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

test('a whole answer may take longer to begin than a stream', async (t) => {
  const emulator = await startProviderEmulator({ key: 'sk-emulated' });
  t.after(() => emulator.close());
  emulator.behave({ headDelayMs: 1_500 });
  const timeouts = { headersTimeoutMs: 60_000, streamHeadersTimeoutMs: 100, idleTimeoutMs: 20_000 };
  const provider = providerAt(emulator, 'openai', timeouts);
  t.after(() => provider.close());
  const post = async (isStream: boolean) => {
    const body = { model: 'emulated-small', messages: [], stream: isStream };
    const { chunks } = await provider.post({
      path: '/chat/completions',
      model: 'm',
      body: [Buffer.from(JSON.stringify(body))],
      signal: AbortSignal.timeout(60_000),
      isStream,
    });
    return (await Array.fromAsync(chunks)).length;
  };
  const [whole, stream] = await Promise.allSettled([post(false), post(true)]);
  assert.equal(whole.status, 'fulfilled');
  assert.ok(stream.status === 'rejected' && stream.reason instanceof ProviderFailure);
  assert.equal(stream.reason.reason, 'timed_out');
  const model = modelAt(provider, 'gpt');
  assert.deepEqual([model.idleTimeoutMs, model.wholeAnswerTimeoutMs], [20_100, 80_000]);
});
