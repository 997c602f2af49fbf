import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codePointsIn } from '../../src/core/code-points.ts';

test('a text has as many code points as an iterator finds, lone surrogates too', () => {
  const unit = fc.constantFrom('a', 'ß', '👊', '\ud83d', '\udc4a');
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      assert.equal(codePointsIn(text), [...text].length);
    }),
  );
});
