import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailAddress } from '../../src/core/mail.ts';

test('addresses that providers give out are taken, in every script', () => {
  for (const it of [
    'ann@example.org',
    'ann.o-hara+chit@mail.example.co.uk',
    "o'hara@example.org",
    'ä@straße.de',
    '用户@例子.中国',
  ]) {
    assert.ok(isMailAddress(it), it);
  }
});

test('what could name another address, or no server, is refused', () => {
  const label = 'a'.repeat(64);
  for (const it of [
    '',
    '@example.org',
    'ann',
    'ann@',
    'ann@localhost',
    'ann@example',
    '.ann@example.org',
    'a..b@example.org',
    'ann@-example.org',
    'ann@example.org.',
    'ann@[127.0.0.1]',
    '"ann"@example.org',
    'ann@example.org, eve@example.org',
    'Ann <ann@example.org>',
    'ann@example.org\r\nBcc: eve@example.org',
    'ann\u202e@example.org',
    'ann\0@example.org',
    `${label}a@example.org`,
    `ann@${'a.'.repeat(130)}org`,
  ]) {
    assert.ok(!isMailAddress(it), it);
  }
});
