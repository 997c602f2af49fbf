import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthChange, isOwnFailure, ModelHealth } from '../../src/models/model-health.ts';
import { ProviderFailure } from '../../src/models/provider-client/provider-failure.ts';

const HOUR_MS = 3_600_000;

test('a model that fails three times in a row is told once, and once when it answers again', () => {
  const health = new ModelHealth();
  const changes: HealthChange[] = [];
  health.onChange = (change) => changes.push(change);
  const cause = new Error('no connection');
  health.record('gpt', 'failed', cause);
  health.record('gpt', 'failed', cause);
  health.record('gpt', 'answered');
  for (let failures = 0; failures < 5; failures += 1) health.record('gpt', 'failed', cause);
  health.record('other', 'answered');
  assert.deepEqual(changes, [{ model: 'gpt', isFailing: true, cause }]);
  health.record('gpt', 'neither');
  assert.equal(health.of('gpt').isFailing, true);
  health.record('gpt', 'answered');
  health.record('gpt', 'answered');
  assert.deepEqual(changes.slice(1), [{ model: 'gpt', isFailing: false, cause: undefined }]);
});

test('attempts count for an hour', () => {
  let nowMs = 5 * HOUR_MS;
  const health = new ModelHealth(() => nowMs);
  health.record('gpt', 'failed');
  for (const isDearer of [true, false]) {
    health.recordFallback({ model: 'gpt', fallback: 'other', isDearer, failures: [] });
  }
  const none = { byFallback: 0, byDearerFallback: 0 };
  nowMs += HOUR_MS / 2;
  health.record('gpt', 'answered');
  assert.deepEqual(health.of('gpt'), {
    answered: 1,
    failed: 1,
    byFallback: 2,
    byDearerFallback: 1,
    isFailing: false,
  });
  nowMs += HOUR_MS / 2;
  assert.deepEqual(health.of('gpt'), { answered: 1, failed: 0, ...none, isFailing: false });
  nowMs += HOUR_MS / 2;
  assert.deepEqual(health.of('gpt'), { answered: 0, failed: 0, ...none, isFailing: false });
});

test('a request that a provider finds invalid says nothing of its health', () => {
  for (const status of [400, 413, 422]) {
    assert.equal(isOwnFailure(new ProviderFailure('refused', '', { status })), false);
  }
  for (const status of [401, 404, 429, 500, 529]) {
    assert.equal(isOwnFailure(new ProviderFailure('refused', '', { status })), true);
  }
  assert.equal(isOwnFailure(new ProviderFailure('unreachable', '')), true);
});
