import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbered, usernameFrom } from '../../src/core/username-from.ts';
import { faultOfUsername } from '../../src/core/usernames.ts';

test('a name that is allowed stays as it is, others become as close as they can', () => {
  const cases: [string, string | undefined][] = [
    ['anna', 'anna'],
    ['anna@school.example', 'anna@school.example'],
    [' Dörte  Dachs ', 'Dörte Dachs'],
    ['a:b', 'a b'],
    ['zero\u200bwidth', 'zerowidth'],
    ['ﬁn', 'fin'],
    ['Анна', 'Анна'],
    ['system', undefined],
    ['\u0000\u200b', undefined],
    ['', undefined],
    ['x'.repeat(60), 'x'.repeat(40)],
  ];
  for (const [text, name] of cases) {
    assert.equal(usernameFrom(text), name, JSON.stringify(text));
    if (name) assert.equal(faultOfUsername(name), undefined);
  }
});

test('a number behind a name leaves it within the length that names may have', () => {
  assert.equal(numbered('anna', '2'), 'anna-2');
  const long = numbered('🐶'.repeat(25), '999999');
  assert.ok(long.length <= 50);
  assert.ok(long.isWellFormed());
});
