/** Every language has every text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { language } from '../../../web/src/state/preferences.ts';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';
import {
  loadGerman,
  locale,
  momentText,
  number,
  shownLanguage,
  strings,
  time,
} from '../../../web/src/strings/strings.ts';

test('no sentence was left in the other language', () => {
  const same = Object.entries(en).filter(
    ([name, words]) => typeof words === 'string' && words === de[name as keyof typeof de],
  );
  // These are the same word in both.
  assert.deepEqual(same.map(([name]) => name).toSorted(), [
    'appName',
    'conversations',
    'keyName',
    'prompts',
    'system',
  ]);
});

test('until German is loaded everything is in English, also numbers and times', async () => {
  language.value = 'de';
  assert.equal(shownLanguage.value, 'en');
  assert.match(locale.value, /^en/);
  assert.equal(strings.value, en);
  await loadGerman();
  assert.equal(shownLanguage.value, 'de');
  assert.match(locale.value, /^de/);
  assert.equal(strings.value, de);
  language.value = 'en';
  assert.equal(strings.value, en);
});

test('a locale that Intl does not know is passed over, and the page is not blank', (t) => {
  let names = ['en-US@posix'];
  t.mock.getter(navigator, 'languages', () => names);
  // The choice is computed anew when the language changes.
  const localeNow = () => {
    language.value = 'de';
    assert.equal(locale.value, 'de');
    language.value = 'en';
    return locale.value;
  };
  assert.equal(localeNow(), 'en');
  assert.equal(number(1_234), '1,234');
  assert.match(time('2026-02-01T12:00:00Z'), /2026/);
  names = ['en-US@posix', 'en-GB'];
  assert.equal(localeNow(), 'en-GB');
});

test('one token is not "1 tokens"', () => {
  const texts = [
    en.balanceLabel('1'),
    en.costs('1'),
    en.costsAtMost('1'),
    en.costLine('1'),
    en.notEnough('1', '0', 'Ada'),
    en.tokenUnit(1),
  ];
  for (const text of texts) assert.match(text, /\btoken\b/);
  assert.equal(en.costs('1,001'), 'Costs 1,001 tokens');
});

test('what renews when a day begins there renews on that day, else at the reader’s time', () => {
  assert.equal(
    momentText('2026-11-30T23:00:00Z', 'Europe/Berlin'),
    momentText('2026-12-01T00:00', null),
  );
  assert.match(momentText('2026-11-30T23:00:00Z', 'Europe/Berlin'), /^(Dec 1|1 Dec)/);
  assert.match(momentText('2026-11-30T12:34:00', 'UTC'), /34/);
});
