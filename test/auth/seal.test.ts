import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seal } from '../../src/auth/seal.ts';

const SECRET = 'a secret key of at least 32 bytes, for tests';

test('what is sealed is opened with the same key and for the same purpose only', () => {
  const seal = new Seal(SECRET, 'mail');
  const sealed = seal.seal('/reset#abc – ä');
  assert.ok(!Buffer.from(sealed, 'base64url').includes('reset'));
  assert.equal(seal.open(sealed), '/reset#abc – ä');
  assert.notEqual(seal.seal('/reset#abc – ä'), sealed);
  assert.equal(new Seal(SECRET, 'webhooks').open(sealed), undefined);
  assert.equal(new Seal(`${SECRET}!`, 'mail').open(sealed), undefined);
  const changed = Buffer.from(sealed, 'base64url');
  changed[14] = (changed[14] ?? 0) ^ 1;
  assert.equal(seal.open(changed.toString('base64url')), undefined);
  for (const text of ['', 'x', sealed.slice(0, 30)]) assert.equal(seal.open(text), undefined);
});
