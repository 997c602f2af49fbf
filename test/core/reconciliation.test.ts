/** Differences between a provider's bill and the book: every class, and that they add up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BILLED_UNITS,
  type BookedDay,
  type Difference,
  differencesOf,
  Tally,
  type TallyEntry,
  type ToldByExport,
} from '../../src/core/reconciliation.ts';
import { INPUT_UNITS } from '../../src/core/units.ts';

const ALL: ToldByExport = { units: new Set(BILLED_UNITS), cache: true, tiers: true, speed: true };

type Counts = Partial<Record<TallyEntry['unit'], number>>;

function tallyOf(counts: Counts, tier = ''): Tally {
  const tally = new Tally();
  for (const [unit, count] of Object.entries(counts)) {
    tally.add({ unit: unit as TallyEntry['unit'], tier, count });
  }
  return tally;
}

function booked(counts: Counts, rest: Partial<BookedDay> = {}): BookedDay {
  return { tally: tallyOf(counts), counted: new Tally(), replies: 1, uncertain: 0, ...rest };
}

/** Such as `cache: input -5, cached_input +5`. */
function texts(differences: readonly Difference[]): string[] {
  return differences.map(({ class: why, entries }) => {
    const parts = entries.map(({ unit, tier, count }) =>
      `${unit} ${count > 0 ? '+' : ''}${count} ${tier}`.trim(),
    );
    return `${why}: ${parts.join(', ')}`;
  });
}

test('what agrees has no difference', () => {
  const counts = { input: 5, cached_input: 3, output: 7, search: 1 };
  assert.deepEqual(differencesOf(booked(counts), tallyOf(counts), ALL), []);
});

test('input that is cached otherwise is a difference of the cache, if all of it agrees', () => {
  const provider = tallyOf({ input: 10, cached_input: 80, cache_write_5m: 10, output: 7 });
  assert.deepEqual(texts(differencesOf(booked({ input: 100, output: 7 }), provider, ALL)), [
    'cache: input -90, cached_input +80, cache_write_5m +10',
  ]);
});

test('an export that does not tell the cache is compared by all input', () => {
  const told = { ...ALL, cache: false };
  const book = booked({ input: 10, cached_input: 90 });
  assert.deepEqual(differencesOf(book, tallyOf({ input: 100 }), told), []);
});

test('the same tokens in another tier are a difference of the tier', () => {
  const book = booked({ input: 10, output: 20 });
  const provider = tallyOf({ input: 10, output: 20 }, 'priority');
  assert.deepEqual(texts(differencesOf(book, provider, ALL)), [
    'tier: input -10, input +10 priority, output -20, output +20 priority',
  ]);
  assert.deepEqual(differencesOf(book, provider, { ...ALL, tiers: false }), []);
});

test('fast answers are told apart from tiers', () => {
  const book = booked({});
  book.tally.addUsage({ counts: { input: 10 }, tier: 'fast' });
  const provider = tallyOf({ input: 10 });
  assert.deepEqual(differencesOf(book, provider, { ...ALL, speed: false }), []);
  assert.deepEqual(texts(differencesOf(book, provider, { ...ALL, tiers: false })), [
    'tier: input +10, input -10 fast',
  ]);
});

test('searches and other tools are differences of their own', () => {
  const book = booked({ input: 10, search: 1 });
  const provider = tallyOf({ input: 10, search: 3, code_session: 1 });
  assert.deepEqual(texts(differencesOf(book, provider, ALL)), ['tool: search +2, code_session +1']);
  const tokens = { ...ALL, units: new Set(INPUT_UNITS) };
  assert.deepEqual(differencesOf(book, provider, tokens), [], 'the export does not tell searches');
});

test('more than was booked is explained by requests that broke off, else by nothing', () => {
  const provider = tallyOf({ input: 60, output: 90 });
  const book = { input: 10, output: 20 };
  assert.deepEqual(texts(differencesOf(booked(book, { uncertain: 1 }), provider, ALL)), [
    'broken off: input +50, output +70',
  ]);
  assert.deepEqual(texts(differencesOf(booked(book), provider, ALL)), [
    'unknown: input +50, output +70',
  ]);
});

test('less than was booked is explained by what Chit counted itself, as far as that goes', () => {
  const book = booked(
    { input: 100, output: 50 },
    { counted: tallyOf({ input: 10, output: 50 }), uncertain: 2 },
  );
  assert.deepEqual(texts(differencesOf(book, tallyOf({ input: 80, output: 40 }), ALL)), [
    'broken off: output -10',
    'unknown: input -20',
  ]);
});

test('one day of a model can differ for several reasons', () => {
  const provider = tallyOf({ input: 10, cached_input: 60, output: 9, search: 1 });
  provider.addAll(tallyOf({ output: 5 }, 'flex').entries());
  const book = booked({ input: 50, output: 12 }, { uncertain: 1 });
  assert.deepEqual(texts(differencesOf(book, provider, ALL)), [
    'broken off: cached_input +20, output +2 flex',
    'cache: input -40, cached_input +40',
    'tool: search +1',
    'tier: output -3, output +3 flex',
  ]);
});

test('tokens of images are text where no answer has told them apart', () => {
  const provider = tallyOf({ input: 10, image_input: 90 });
  assert.deepEqual(differencesOf(booked({ input: 100 }), provider, ALL), []);
  const apart = booked({ input: 95, image_input: 5 });
  assert.deepEqual(texts(differencesOf(apart, provider, ALL)), [
    'cache: input -85, image_input +85',
  ]);
});

const anyTally = fc
  .array(
    fc.record({
      unit: fc.constantFrom(...BILLED_UNITS),
      tier: fc.constantFrom('', 'flex', 'priority'),
      count: fc.nat({ max: 1_000 }),
    }),
    { maxLength: 12 },
  )
  .map((entries) => {
    const tally = new Tally();
    tally.addAll(entries);
    return tally;
  });

test('whatever differs is in exactly one class, and the classes add up', () => {
  fc.assert(
    fc.property(anyTally, anyTally, fc.nat({ max: 2 }), (ours, theirs, uncertain) => {
      // Images are told apart, so that nothing is folded.
      ours.add({ unit: 'image_input', tier: '', count: 1 });
      const book = { tally: ours, counted: new Tally(), replies: 1, uncertain };
      const differences = differencesOf(book, theirs, ALL);
      const sum = new Tally();
      for (const { entries } of differences) sum.addAll(entries);
      sum.addAll(ours.entries());
      assert.deepEqual(sum.entries(), theirs.entries());
      for (const { class: why, entries } of differences) {
        const all = entries.reduce((total, { count }) => total + count, 0);
        if (why === 'cache' || why === 'tier') assert.equal(all, 0, why);
      }
      assert.deepEqual(differencesOf(book, ours, ALL), []);
    }),
  );
});
