import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommonPasswords, commonPasswords } from '../../src/auth/common-passwords.ts';

test('the passwords that everybody tries first are on the list, in capitals too', async () => {
  const common = await commonPasswords();
  for (const password of [
    'password',
    'Password123',
    'PASSWORT',
    'hallo123',
    'qwertzui',
    'iloveyou',
    'trustno1',
    'ｐａｓｓｗｏｒｄ',
    ' password ',
    'passwordpassword',
  ]) {
    assert.ok(common.has(password), password);
  }
  for (const password of ['velvet-tram-19', 'correct horse battery', 'Pa55word!x', '', '\n', '!']) {
    assert.ok(!common.has(password), password);
  }
});

test('every line is found, and nothing between two lines', () => {
  const lines = ['aardvark', 'abacuses', 'abacuses1', 'über-alt', '雪雪雪雪雪雪雪雪'];
  const common = new CommonPasswords(Buffer.from(lines.map((it) => `${it}\n`).join('')));
  for (const line of lines) assert.ok(common.has(line), line);
  for (const other of ['aardvar', 'aardvarks', 'abacuses0', 'abacuses2', 'zz', 'a', 'abacuses\n']) {
    // A line feed behind a password is not part of what is compared.
    assert.equal(common.has(other), other === 'abacuses\n', other);
  }
  assert.ok(!new CommonPasswords(Buffer.alloc(0)).has('password'));
});
