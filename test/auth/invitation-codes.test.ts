import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../src/app/ids.ts';
import { InvitationCodes } from '../../src/auth/invitation-codes.ts';

const codes = new InvitationCodes('a secret key');
const ID = '01a2249d-148a-7388-a370-9406a9c8c8eb';

test('a code follows from the key and the invitation, and its shape from what people can type', () => {
  const code = codes.codeOf(ID);
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  assert.equal(code, new InvitationCodes('a secret key').codeOf(ID));
  assert.notEqual(code, new InvitationCodes('another key').codeOf(ID));
  const many = new Set(Array.from({ length: 2_000 }, () => codes.codeOf(newId())));
  assert.equal(many.size, 2_000);
});

test('what is typed in any case, with any dashes and with letters for digits, is the same code', () => {
  const code = codes.codeOf(ID);
  const { codeHash, mailHash } = codes.hashesOf(ID);
  const typed = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
  for (const it of [code, typed, ` ${typed.replace('-', ' – ')} `, code.replace('-', '')]) {
    assert.deepEqual(codes.read(it), { kind: 'code', hash: codeHash }, it);
  }
  assert.deepEqual(codes.read(` ${codes.mailTokenOf(ID)}\n`), { kind: 'mail', hash: mailHash });
});

test('what cannot be a code or a token is none; hashes are those of no other kind and no other key', () => {
  for (const it of ['', 'AAAAA', 'AAAAA-AAAAU', 'AAAAA-AAAAAA', 'x'.repeat(44), '🙂'.repeat(10)]) {
    assert.equal(codes.read(it), undefined, it);
  }
  const code = codes.codeOf(ID);
  assert.notEqual(new InvitationCodes('another key').read(code)?.hash, codes.read(code)?.hash);
});
