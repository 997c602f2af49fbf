import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CheckedCharge, faultsOfCharge, isAnswered } from '../../src/core/charge-check.ts';
import { costOf, flatPrice, textPrice } from '../../src/core/pricing.ts';
import { textUsage } from '../../src/core/usage.ts';

const PRICE = textPrice({
  perMessage: 10,
  perMillionInput: 1_000_000,
  perMillionOutput: 2_000_000,
});
const USAGE = textUsage({ input: 10, cachedInput: 0, output: 5 });
/** A charge of 30 credits, as it is to be. */
const CHARGE: CheckedCharge = {
  id: 'c',
  credits: -30,
  shortfallCredits: 0,
  price: PRICE,
  usage: USAGE,
  storedCounts: { input: 10, cachedInput: 0, output: 5 },
  unpriced: undefined,
  usageSource: 'provider',
  messageStatus: 'complete',
  holdState: 'settled',
  heldCredits: 30,
};

test('a charge that fits its usage, its hold and its message has no fault', () => {
  assert.deepEqual(faultsOfCharge(CHARGE), []);
  assert.deepEqual(faultsOfCharge({ ...CHARGE, messageStatus: 'incomplete' }), []);
  const flat = { ...CHARGE, credits: -10, price: flatPrice(10), usageSource: 'flat' } as const;
  assert.deepEqual(faultsOfCharge(flat), []);
});

test('a shortfall accounts for what the hold did not cover', () => {
  const short = { ...CHARGE, credits: -25, heldCredits: 25 };
  assert.deepEqual(faultsOfCharge({ ...short, shortfallCredits: 5 }), []);
  assert.equal(faultsOfCharge(short).length, 1);
});

const STORED = CHARGE.storedCounts;
const SEARCHED = { counts: { ...USAGE.counts, search: 2 } };
const FAULTY: [string, Partial<CheckedCharge>, RegExp][] = [
  ['a message that failed', { messageStatus: 'failed' }, /answered message.* failed/],
  ['a message that is missing', { messageStatus: null }, /answered message.* missing/],
  ['a hold that was released', { holdState: 'released' }, /settled hold.* released/],
  ['a hold that is missing', { holdState: null, heldCredits: null }, /settled hold.* missing/],
  ['usage of a source that does not fit the price', { usageSource: 'flat' }, /"flat"/],
  ['more credits than were held', { heldCredits: 29 }, /\b30\b.* \b29\b/],
  ['more credits than the usage costs', { credits: -31, heldCredits: 31 }, /\b31\b.* \b30\b/],
  ['counts that are not its usage', { storedCounts: { ...STORED, output: 6 } }, /counts/],
  ['usage without a price that is not recorded', { usage: SEARCHED }, /nothing.*search/],
  ['a record of usage without a price that had one', { unpriced: { input: 1 } }, /input.*nothing/],
  ['fewer credits than the usage costs', { credits: -29 }, /\b29\b.* \b30\b/],
];

for (const [name, change, fault] of FAULTY) {
  test(`a charge with ${name} has one fault, which names the charge`, () => {
    const faults = faultsOfCharge({ ...CHARGE, ...change });
    assert.equal(faults.length, 1, faults.join(' '));
    assert.match(faults[0] ?? '', /^Charge c /);
    assert.match(faults[0] ?? '', fault);
  });
}

test('each fault of a charge is reported', () => {
  const wrong = { messageStatus: 'pending', holdState: 'open', credits: -40 };
  assert.equal(faultsOfCharge({ ...CHARGE, ...wrong }).length, 4);
});

test('any amount but the cost of the usage is a fault', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), (charged, shortfall) => {
      const credits = 0 - charged;
      const charge = { ...CHARGE, credits, shortfallCredits: shortfall, heldCredits: 20_000 };
      const isRight = charged + shortfall === costOf(PRICE, USAGE);
      assert.equal(faultsOfCharge(charge).length, isRight ? 0 : 1);
    }),
  );
});

test('only complete and incomplete messages are answered', () => {
  assert.ok(isAnswered('complete') && isAnswered('incomplete'));
  assert.ok(!isAnswered('failed') && !isAnswered('pending') && !isAnswered(null));
});
