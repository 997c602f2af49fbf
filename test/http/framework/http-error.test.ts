/** The headers of an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../../src/http/framework/http-error.ts';

test('parameters that are too long for a header are left out of it, one by one', () => {
  const choices = ['x'.repeat(3_000)];
  const error = new HttpError('invalid_fields', {
    status: 400,
    body: {},
    params: {
      fields: {
        long: [{ code: 'not_a_choice', choices }],
        short: [{ code: 'required' }],
      },
    },
  });
  const told = JSON.parse(error.headers['chit-error-params'] ?? '');
  assert.deepEqual(told, { fields: { short: [{ code: 'required' }] } });
  const tooLong = new HttpError('model_not_found', {
    status: 404,
    detail: 'No.',
    params: { model: 'x'.repeat(3_000) },
  });
  assert.equal(tooLong.headers['chit-error-params'], undefined);
});
