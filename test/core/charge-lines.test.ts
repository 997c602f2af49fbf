/** How the cost of a charge comes about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOfCharge } from '../../src/core/charge-lines.ts';
import { costOf, flatPrice, textPrice } from '../../src/core/pricing.ts';

test('the lines come to the cost, which is rounded up once', () => {
  const amount = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(amount, amount, amount, amount, amount, (message, a, b, input, output) => {
      const price = textPrice({ perMessage: message, perMillionInput: a, perMillionOutput: b });
      const usage = { counts: { input, output } };
      const { lines, costCredits } = linesOfCharge(price, usage);
      const sum = lines.reduce((total, { credits }) => total + credits, 0);
      assert.equal(costCredits, costOf(price, usage));
      assert.ok(sum <= costCredits + 1e-3 && sum > costCredits - 1 - 1e-3, `${sum} ${costCredits}`);
    }),
  );
});

test('a tier multiplies all but the message, and what has no price is named', () => {
  const price = {
    ...textPrice({ perMessage: 5, perMillionInput: 1_000_000, perMillionOutput: 0 }),
  };
  const tiered = { ...price, tiers: { fast: [2, 1] as const } };
  const { lines, factor, costCredits } = linesOfCharge(tiered, {
    counts: { input: 10, search: 3 },
    tier: 'fast',
  });
  assert.deepEqual(
    lines.map(({ unit, count, rate, credits }) => [unit, count, rate, credits]),
    [
      ['message', 1, 5, 5],
      ['input', 10, 1_000_000, 20],
      ['search', 3, undefined, 0],
    ],
  );
  assert.deepEqual([factor, costCredits], [2, 25]);
});

test('a flat price has the one line of the message, for each answer', () => {
  const { lines } = linesOfCharge(flatPrice(100), { counts: { input: 7 }, answers: 2 });
  assert.deepEqual(lines[0], { unit: 'message', count: 2, rate: 100, per: 1, credits: 200 });
});
