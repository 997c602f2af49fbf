/** What a charge is for, in words. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { UNITS } from '../../../src/core/units.ts';
import { language } from '../../../web/src/state/preferences.ts';
import { de } from '../../../web/src/strings/de.ts';
import { loadGerman } from '../../../web/src/strings/strings.ts';
import { usageText } from '../../../web/src/strings/usage-text.ts';

const TEXT = { input: 1_240, cached_input: 1_000, output: 90, source: 'provider' } as const;
const MORE = {
  ...TEXT,
  units: { input: 240, cached_input: 1_000, cache_write_5m: 0, output: 90, search: 2 },
  tier: 'priority',
  unpriced: { search: 2 },
};

beforeEach(() => {
  language.value = 'en';
});

test('text has three counts; what is unknown or nothing is left out', () => {
  assert.equal(usageText(TEXT), 'input: 240 · cached input: 1,000 · output: 90');
  assert.equal(usageText({ ...TEXT, cached_input: null }), 'input: 1,240 · output: 90');
  const none = { input: null, cached_input: null, output: null, source: 'flat' } as const;
  assert.equal(usageText(none), '');
  assert.equal(usageText(null), '');
});

test('all units, the tier, and what had no price', async () => {
  assert.equal(
    usageText(MORE),
    'input: 240 · cached input: 1,000 · output: 90 · web search: 2 · tier priority · ' +
      'not charged: web search',
  );
  language.value = 'de';
  await loadGerman();
  assert.equal(
    usageText(MORE),
    'Eingabe: 240 · Eingabe aus dem Cache: 1.000 · Ausgabe: 90 · Websuchen: 2 · ' +
      'Servicestufe priority · nicht berechnet: Websuchen',
  );
});

test('German has a word for every unit', () => {
  assert.deepEqual(Object.keys(de.units).toSorted(), [...UNITS].toSorted());
});
