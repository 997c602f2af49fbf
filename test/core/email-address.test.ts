import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmailAddress } from '../../src/core/email-address.ts';

test('addresses as people have them are addresses, in all scripts', () => {
  for (const it of [
    'ada@school.example',
    "o'neil+chit@mail.school.example",
    'a@localhost',
    'zoë@schüle.example',
    '用户@例子.广告',
    `${'x'.repeat(64)}@b.example`,
  ]) {
    assert.ok(isEmailAddress(it), it);
  }
});

test('what mail cannot be addressed with is none, however long it is', () => {
  for (const it of [
    '',
    'ada',
    '@school.example',
    'ada@',
    'ada@school..example',
    'ada@-school.example',
    'ada b@school.example',
    'ada@school.example, eve@evil.example',
    'ada@school.example\nBcc: eve@evil.example',
    'Ada <ada@school.example>',
    `a@${'b'.repeat(64)}.example`,
    `a@${'b.'.repeat(200)}example`,
    '@'.repeat(100_000),
  ]) {
    assert.ok(!isEmailAddress(it), it.slice(0, 60));
  }
});
