import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyPassword } from '../../src/auth/passwords.ts';
import { MAX_CREDITS } from '../../src/core/credits.ts';
import {
  balanceOf,
  idOfChat,
  idOfOpening,
  kindOfPassword,
  midnightOf,
  momentOf,
} from '../../src/core/django.ts';
import { djangoHash } from '../support/django.ts';

/** 32 bytes in base64. */
const HASH = `${'A'.repeat(43)}=`;

test('a password column has a hash, a mark, or the password itself', () => {
  const kinds = {
    checkable: [djangoHash('x'), `pbkdf2_sha256$10000000$salt$${HASH}`],
    unusable: [
      'pbkdf2_sha256$600000$salt$aGFzaA==',
      `pbkdf2_sha256$10000001$salt$${HASH}`,
      `pbkdf2_sha256$99999999$salt$AAAA`,
      `pbkdf2_sha256$0$salt$${HASH}`,
      `pbkdf2_sha256$1000$$${HASH}`,
      `pbkdf2_sha256$1000$salt$${HASH}$`,
      `pbkdf2_sha256$1000$salt$${HASH}\n`,
      '',
      '!',
      '!Xq2',
      'pbkdf2_sha256$x$salt$aGFzaA==',
      'pbkdf2_sha1$1$salt$aGFzaA==',
      'argon2$argon2id$v=19$m=1$a$b',
      'bcrypt_sha256$$2b$12$abc',
      'scrypt$a$b',
      'md5$salt$abc',
      '5f4dcc3b5aa765d61d8327deb882cf99',
    ],
    clear: ['secret', 'pa$$word', ' ', 'pbkdf2_sha256', 'money$100'],
  };
  for (const [kind, texts] of Object.entries(kinds)) {
    for (const text of texts) assert.equal(kindOfPassword(text), kind, text);
  }
});

test('what counts as checkable is what a password is checked against, and nothing else', async () => {
  const kept = djangoHash('right', 1_000);
  assert.equal(kindOfPassword(kept), 'checkable');
  assert.deepEqual(
    [await verifyPassword('right', kept), await verifyPassword('wrong', kept)],
    [true, false],
  );
  const [algorithm, , salt, hash = ''] = kept.split('$');
  for (const parts of [
    [algorithm, '01e3', salt, hash],
    [algorithm, '0x3e8', salt, hash],
    [algorithm, ' 1000', salt, hash],
    [algorithm, '1000', salt, hash.replace('=', '')],
    [algorithm, '1000', salt, ` ${hash}`],
    [algorithm, '1000', salt, hash, ''],
    [algorithm, '1000', salt, 'AAAA'],
  ]) {
    const text = parts.join('$');
    assert.equal(kindOfPassword(text), 'unusable', text);
    assert.equal(await verifyPassword('right', text), false, text);
  }
});

test('a balance is an integer from 0 to the largest one, and anything else is reported', () => {
  const cases: [unknown, number, RegExp | undefined][] = [
    [0n, 0, undefined],
    [3_700n, 3_700, undefined],
    [BigInt(MAX_CREDITS), MAX_CREDITS, undefined],
    [BigInt(MAX_CREDITS) + 1n, MAX_CREDITS, /^the balance 1000000000000001 is too large/],
    [2n ** 53n + 1n, MAX_CREDITS, /^the balance 9007199254740993 is too large/],
    [2n ** 63n - 1n, MAX_CREDITS, /^the balance 9223372036854775807 is too large/],
    [1e300, MAX_CREDITS, /too large/],
    [Number.POSITIVE_INFINITY, MAX_CREDITS, /too large/],
    [-(2n ** 63n), 0, /^the balance was -9223372036854775808; it is 0 here$/],
    [12.9, 12, /^the balance 12.9 is not whole; it is 12 here$/],
    ['many', 0, /^the balance "many" is none; it is 0 here$/],
    [null, 0, /^there is no balance/],
    [new Uint8Array(2), 0, /is none/],
  ];
  for (const [tokens, credits, problem] of cases) {
    const balance = balanceOf(tokens);
    assert.equal(balance.credits, credits, String(tokens));
    if (problem) assert.match(balance.problem ?? '', problem);
    else assert.equal(balance.problem, undefined);
  }
});

test('times of SQLite are in UTC', () => {
  const cases: [string, string | undefined][] = [
    ['2024-05-06 07:08:09.123456', '2024-05-06T07:08:09.123Z'],
    ['2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09.5+02:00', '2024-05-06T05:08:09.500Z'],
    ['yesterday', undefined],
    ['', undefined],
    ['2024-13-06 07:08:09', undefined],
    ['2024-05-06 24:00:00', '2024-05-07T00:00:00.000Z'],
    ['2024-05-06 07:08:60', undefined],
    ['2024-02-29 00:00:00', '2024-02-29T00:00:00.000Z'],
    ['2023-02-29 00:00:00', undefined],
    ['2024-02-31 00:00:00', undefined],
    ['2024-04-31 00:00:00', undefined],
    ['2024-04-00 00:00:00', undefined],
    ['1950-01-01 00:00:00', undefined],
    ['1970-01-01 00:00:00+02:00', undefined],
    ['2024-05-06', undefined],
    ['1714979289', undefined],
  ];
  for (const [text, expected] of cases) {
    const ms = momentOf(text);
    assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), expected, text);
  }
});

test('a day alone begins at midnight in UTC', () => {
  assert.equal(midnightOf('2024-05-06'), Date.UTC(2024, 4, 6));
  for (const text of ['2024-02-31', '1969-12-31', '0024-05-06', '2024-5-6', '20240506', '1', '']) {
    assert.equal(midnightOf(text), undefined, text);
  }
});

test('ids are UUIDs, sort by time and then by the old id, and are no two the same', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
  const ids = [
    idOfOpening(1n),
    idOfOpening(2n ** 53n - 1n),
    idOfChat(9n, 1_000),
    idOfChat(10n, 1_000),
    idOfChat(2n ** 53n - 1n, 1_000),
    idOfChat(2n ** 63n - 1n, 1_000),
    idOfChat(-1n, 1_000),
    idOfChat(1n, 1_001),
  ];
  for (const id of ids) assert.match(id, uuid);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
});
