/** Codes of vouchers: as they are printed, and as people type them. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { hashOfCode, readCode, VoucherCodes } from '../../src/auth/voucher-codes.ts';

const KEY = 'a secret key of an installation';

test('a code follows from the key, the batch and the number, and from nothing less', () => {
  const codes = new VoucherCodes(KEY);
  const code = codes.codeOf('batch', 1);
  assert.equal(new VoucherCodes(KEY).codeOf('batch', 1), code);
  const others = [
    codes.codeOf('batch', 2),
    codes.codeOf('batch', 11),
    codes.codeOf('batch 1', 1),
    new VoucherCodes(`${KEY}.`).codeOf('batch', 1),
  ];
  assert.equal(new Set([code, ...others]).size, 5);
  // 80 bits of an HMAC, whose key is used for nothing else.
  const key = createHmac('sha256', KEY).update('chit: vouchers').digest();
  const bits = createHmac('sha256', key).update('batch 1').digest().subarray(0, 10);
  const digits = [...code.replaceAll('-', '')];
  const value = digits.reduce(
    (sum, it) => sum * 32n + BigInt('0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(it)),
    0n,
  );
  assert.equal(value, BigInt(`0x${bits.toString('hex')}`));
});

test('a typed code is read in any case, with any dashes, and with letters like digits', () => {
  const code = '0123-4567-89AB-CDEF';
  for (const typed of [
    '0123456789ABCDEF',
    '0123 4567 89ab cdef',
    ' o123–4567-89AB—cdef\n',
    'OL23-4567-89AB-CDEF',
    'oI23.4567_89ab.cdef',
    '０１２３４５６７８９ＡＢＣＤＥＦ',
  ]) {
    assert.equal(readCode(typed), code, typed);
  }
  assert.equal(hashOfCode(code), hashOfCode('0123456789ABCDEF'));
});

test('what cannot be a code is none', () => {
  for (const typed of [
    '',
    '0123-4567-89AB-CDE',
    '0123-4567-89AB-CDEF0',
    '0123-4567-89AB-CDEU',
    '0123-4567-89AB-CDEÄ',
    `0123-4567-89AB-CDEF${' '.repeat(1_000)}`,
  ]) {
    assert.equal(readCode(typed), undefined, typed);
  }
});
