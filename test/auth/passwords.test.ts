/** Passwords and their hashes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, unmatchableHash, verifyPassword } from '../../src/auth/passwords.ts';

const PASSWORD = 'Über-geheim 🔑';

test('a hash is argon2id with OWASP’s parameters, and another one each time', async () => {
  const [one, two] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  for (const hash of [one, two]) {
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.ok(await verifyPassword(PASSWORD, hash));
  }
  assert.notEqual(one, two);
});

test('a password is what was typed, to the last space and accent', async () => {
  const hash = await hashPassword(PASSWORD);
  for (const other of [
    '',
    ` ${PASSWORD}`,
    `${PASSWORD} `,
    PASSWORD.toLowerCase(),
    PASSWORD.normalize('NFD'),
    `${PASSWORD}\0`,
    PASSWORD.slice(0, -1),
  ]) {
    assert.equal(await verifyPassword(other, hash), false, JSON.stringify(other));
  }
});

test('what is no hash of ours matches no password', async () => {
  for (const stored of [
    '',
    '!',
    PASSWORD,
    'pbkdf2_sha256$600000$salt$hash=',
    '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA',
    '$argon2id$v=19$m=19456,t=2,p=1$$',
  ]) {
    for (const password of ['', PASSWORD, stored]) {
      assert.equal(await verifyPassword(password, stored), false, stored);
    }
  }
  assert.equal(await verifyPassword(PASSWORD, await unmatchableHash()), false);
});
