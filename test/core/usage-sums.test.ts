import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationAt } from '../../src/core/durations.ts';
import {
  addModelSums,
  addUserSums,
  type CompletedUsage,
  GRANULARITIES,
  type ModelSums,
  NO_MODEL_SUMS,
  NO_USER_SUMS,
  UsageSums,
  type UserSums,
} from '../../src/core/usage-sums.ts';

const count = fc.nat({ max: 1_000_000 });
const anyModelSums: fc.Arbitrary<ModelSums> = fc.record(
  {
    messages: count,
    failed: count,
    charged: count,
    shortfall: count,
    refunded: count,
    input: count,
    cachedInput: count,
    output: count,
    durations: fc.array(count, { maxLength: 72 }),
  },
  { noNullPrototype: true },
);
const anyUserSums: fc.Arbitrary<UserSums> = fc.record(
  {
    messages: count,
    failed: count,
    charged: count,
    input: count,
    output: count,
  },
  { noNullPrototype: true },
);

const PERIODS = { hour: '2026-11-23T18', day: '2026-11-23', month: '2026-11' };
const ANSWERED: CompletedUsage = {
  userId: 7,
  model: 'm',
  isAnswered: true,
  periods: PERIODS,
  durationMs: 1_000,
  chargedCredits: 30,
  shortfallCredits: 2,
  inputTokens: 100,
  cachedInputTokens: 40,
  outputTokens: 20,
};
const FAILED: CompletedUsage = {
  ...ANSWERED,
  isAnswered: false,
  durationMs: undefined,
  chargedCredits: 0,
  shortfallCredits: 0,
};

test('sums of models can be added in any order and grouping', () => {
  fc.assert(
    fc.property(anyModelSums, anyModelSums, anyModelSums, (a, b, c) => {
      assert.deepEqual(addModelSums(addModelSums(a, b), c), addModelSums(a, addModelSums(b, c)));
      assert.deepEqual(addModelSums(a, b), addModelSums(b, a));
      assert.deepEqual(addModelSums(a, NO_MODEL_SUMS), a);
    }),
  );
});

test('sums of users can be added in any order and grouping', () => {
  fc.assert(
    fc.property(anyUserSums, anyUserSums, anyUserSums, (a, b, c) => {
      assert.deepEqual(addUserSums(addUserSums(a, b), c), addUserSums(a, addUserSums(b, c)));
      assert.deepEqual(addUserSums(a, b), addUserSums(b, a));
      assert.deepEqual(addUserSums(a, NO_USER_SUMS), a);
    }),
  );
});

test('a generation counts once per granularity, for its model and for its user', () => {
  const sums = new UsageSums();
  sums.add(ANSWERED);
  assert.deepEqual(
    sums.models.map(({ step, period }) => [step, period]),
    GRANULARITIES.map((it) => [it, PERIODS[it]]),
  );
  for (const { sums: ofModel } of sums.models) {
    const { durations, ...numbers } = ofModel;
    assert.deepEqual(numbers, {
      messages: 1,
      failed: 0,
      charged: 30,
      shortfall: 2,
      refunded: 0,
      input: 100,
      cachedInput: 40,
      output: 20,
    });
    assert.ok(Math.abs((durationAt(durations, 1) ?? 0) - 1_000) < 100);
  }
  assert.deepEqual(
    sums.users.map(({ userId, period, sums: ofUser }) => [userId, period, ofUser]),
    GRANULARITIES.map((it) => [
      7,
      PERIODS[it],
      { messages: 1, failed: 0, charged: 30, input: 100, output: 20 },
    ]),
  );
});

test('a generation that failed counts as failed and has no duration', () => {
  const sums = new UsageSums();
  sums.add(FAILED);
  for (const { sums: ofModel } of sums.models) {
    assert.deepEqual([ofModel.messages, ofModel.failed, ofModel.durations], [0, 1, []]);
  }
});

test('a refund counts for its model, in the period of the refund, and for no user', () => {
  const sums = new UsageSums();
  sums.addRefund({ model: 'm', credits: 30, periods: PERIODS });
  assert.deepEqual(sums.users, []);
  assert.equal(sums.models.length, GRANULARITIES.length);
  for (const { sums: ofModel } of sums.models) {
    assert.deepEqual(ofModel, { ...NO_MODEL_SUMS, refunded: 30 });
  }
});

test('models, users and periods are summed apart, and what belongs together is one sum', () => {
  const sums = new UsageSums();
  const nextDay = { hour: '2026-11-24T00', day: '2026-11-24', month: '2026-11' };
  sums.add(ANSWERED);
  sums.add(FAILED);
  sums.add({ ...ANSWERED, model: 'other' });
  sums.add({ ...ANSWERED, userId: 8, periods: nextDay });
  const inMonth = (model: string) =>
    sums.models.find((it) => it.step === 'month' && it.model === model)?.sums;
  assert.deepEqual([inMonth('m')?.messages, inMonth('m')?.failed], [2, 1]);
  assert.equal(inMonth('other')?.messages, 1);
  const days = sums.models.filter((it) => it.step === 'day' && it.model === 'm');
  assert.deepEqual(
    days.map(({ sums: { messages } }) => messages),
    [1, 1],
  );
  const ofUser = sums.users.find((it) => it.userId === 7 && it.period === PERIODS.month);
  assert.deepEqual([ofUser?.sums.messages, ofUser?.sums.charged], [2, 60]);
});
