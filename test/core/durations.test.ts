import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Durations,
  durationAt,
  sumOfDurations,
  withDuration,
} from '../../src/core/durations.ts';

const HOUR_MS = 3_600_000;
const NONE: Durations = [];
const anyMs = fc.integer({ min: 0, max: HOUR_MS });
const someMs = fc.array(anyMs, { minLength: 1, maxLength: 50 });
const anyShare = fc.double({ min: 0, max: 1, noNaN: true });

function durationsOf(all: readonly number[]): Durations {
  return all.reduce<Durations>(withDuration, NONE);
}

test('nothing has no percentile', () => {
  assert.equal(durationAt(NONE, 0.5), undefined);
  assert.equal(durationAt([0, 0], 0.5), undefined);
});

test('a percentile is within a tenth of a duration that was added', () => {
  for (const ms of [10, 11, 99, 1_000, 12_345, 600_000]) {
    const found = durationAt(durationsOf([ms]), 0.95) ?? 0;
    assert.ok(Math.abs(found - ms) <= ms * 0.1 + 1, `${found} for ${ms}`);
  }
});

test('percentiles are bounded by the shortest and the longest duration, to a tenth', () => {
  fc.assert(
    fc.property(someMs, anyShare, (all, share) => {
      const found = durationAt(durationsOf(all), share) ?? Number.NaN;
      // Everything under 10 ms is one bucket, read as 5 ms.
      const shortest = Math.min(...all) < 10 ? 5 : Math.min(...all) * 0.9 - 1;
      const longest = Math.max(10, Math.max(...all)) * 1.1 + 1;
      assert.ok(shortest <= found && found <= longest, `${found}`);
    }),
  );
});

test('a percentile of a larger share is never shorter', () => {
  fc.assert(
    fc.property(someMs, anyShare, anyShare, (all, one, other) => {
      const durations = durationsOf(all);
      const at = (share: number) => durationAt(durations, share) ?? 0;
      assert.ok(at(Math.min(one, other)) <= at(Math.max(one, other)));
    }),
  );
});

test('durations that are summed are those that were added together, in any order', () => {
  fc.assert(
    fc.property(someMs, someMs, (one, other) => {
      const [a, b] = [durationsOf(one), durationsOf(other)];
      assert.deepEqual(sumOfDurations(a, b), durationsOf([...one, ...other]));
      assert.deepEqual(sumOfDurations(a, b), sumOfDurations(b, a));
      assert.deepEqual(sumOfDurations(a, NONE), a);
    }),
  );
});

test('a duration beyond the last bucket is counted in the last bucket', () => {
  const durations = withDuration(NONE, 1_000 * HOUR_MS);
  assert.deepEqual(durations, withDuration(NONE, 2_000 * HOUR_MS));
  assert.equal(durations.at(-1), 1);
});

test('adding a duration leaves the durations before as they are', () => {
  const before = durationsOf([20]);
  const copy = [...before];
  withDuration(before, 20);
  assert.deepEqual(before, copy);
});
