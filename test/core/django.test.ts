import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOfChat, idOfOpening, kindOfPassword, momentOf } from '../../src/core/django.ts';

test('a password column has a hash, a mark, or the password itself', () => {
  const kinds = {
    checkable: ['pbkdf2_sha256$600000$salt$aGFzaA=='],
    unusable: [
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

test('times of SQLite are in UTC', () => {
  const cases: [string, string | undefined][] = [
    ['2024-05-06 07:08:09.123456', '2024-05-06T07:08:09.123Z'],
    ['2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09.5+02:00', '2024-05-06T05:08:09.500Z'],
    ['yesterday', undefined],
    ['', undefined],
    ['2024-13-06 07:08:09', undefined],
    ['1950-01-01 00:00:00', undefined],
  ];
  for (const [text, expected] of cases) {
    const ms = momentOf(text);
    assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), expected, text);
  }
});

test('ids are UUIDs, sort by time and then by the old id, and are no two the same', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
  const ids = [
    idOfOpening(1),
    idOfOpening(2 ** 53 - 1),
    idOfChat(9, 1_000),
    idOfChat(10, 1_000),
    idOfChat(2 ** 53 - 1, 1_000),
    idOfChat(1, 1_001),
  ];
  for (const id of ids) assert.match(id, uuid);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
});
