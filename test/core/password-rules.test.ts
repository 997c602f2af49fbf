/** The rules for new passwords; NIST SP 800-63B-4, 3.1.1.2, and OWASP ASVS 5.0, 6.2. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfNewPassword, siteWordsOf } from '../../src/core/password-rules.ts';

const PLACE = {
  minLength: 8,
  username: 'Maria.Huber@school.example',
  siteWords: siteWordsOf('https://chat.fernwood.example/chit/'),
  isCommon: (it: string): boolean => it === 'password1',
};

function codeOf(password: string, place: Partial<typeof PLACE> = {}): string | undefined {
  return faultOfNewPassword(password, { ...PLACE, ...place })?.code;
}

test('a password has eight characters, and each code point is one', () => {
  assert.deepEqual(faultOfNewPassword('abcdefg', PLACE), { code: 'too_short', min: 8 });
  assert.equal(codeOf('🚋🚋🚋🚋'), 'too_short');
  assert.equal(codeOf('🚋🚋🚋🚋🚋🚋🚋🚋'), undefined);
  assert.equal(codeOf('velvet-1', { minLength: 15 }), 'too_short');
});

test('it has at most 1,024 bytes in UTF-8, and all of them count', () => {
  assert.equal(codeOf('v'.repeat(1_024)), undefined);
  const tooLong = { code: 'too_many_bytes', max: 1_024 };
  assert.deepEqual(faultOfNewPassword('v'.repeat(1_025), PLACE), tooLong);
  assert.equal(codeOf('🚋'.repeat(256)), undefined);
  assert.equal(codeOf(`${'🚋'.repeat(256)}!`), 'too_many_bytes');
});

test('any characters will do, and no kinds of them are asked for', () => {
  for (const password of [
    'velvettram',
    'VELVETTRAM',
    '8241907356',
    'velvet tram at dawn',
    '   .   .  ',
    'ÄÖÜ ß ñ 雪 e\u0301',
    'tab\tand\nline',
  ]) {
    assert.equal(codeOf(password), undefined, password);
  }
});

test('a common one is refused', () => {
  assert.equal(codeOf('password1'), 'common_password');
  assert.equal(codeOf('password1 and more'), undefined);
});

test('the username is not in it, in whatever letters, nor what is before its @', () => {
  const refused = ['maria.huber@school.example1', '2026MARIA.HUBER', 'ｍａｒｉａ．ｈｕｂｅｒ1'];
  for (const password of refused) {
    assert.equal(codeOf(password), 'password_has_username', password);
  }
  assert.equal(codeOf('maria-tram-19'), undefined);
  assert.equal(codeOf('ada-velvet-19', { username: 'Ada' }), 'password_has_username');
  // Two letters are in many words.
  assert.equal(codeOf('velvet-tram-19', { username: 'Ve' }), undefined);
});

test('it is more than the name of the program, or of the site', () => {
  assert.deepEqual(PLACE.siteWords, ['chit', 'chat', 'fernwood']);
  for (const password of ['chit2026!', 'Fernwood!', 'fernwoodfernwood', 'CHAT-1234']) {
    assert.equal(codeOf(password), 'password_has_site_name', password);
  }
  assert.equal(codeOf('fernwood-velvet-19'), undefined);
  assert.equal(codeOf('an architect, a tram'), undefined);
});

test('addresses in numbers have no names', () => {
  for (const url of ['', 'http://192.0.2.1:8000', 'http://[2001:db8::1]/', 'http://localhost']) {
    assert.deepEqual(siteWordsOf(url), ['chit'], url);
  }
  assert.deepEqual(siteWordsOf('https://www.ab.example.org'), ['chit', 'example']);
});

test('short ones, where an operator allows them, are only counted', () => {
  const place = { minLength: 1, username: 'ada', isCommon: () => true };
  for (const password of ['x', 'ada', 'chit123']) assert.equal(codeOf(password, place), undefined);
  assert.equal(codeOf('password', place), 'common_password');
});
