/** Errors are read in whatever shape a provider sends them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorIn } from '../../../src/models/provider-client/provider-error.ts';

test('the words of an error are found wherever a provider puts them', () => {
  for (const [body, message] of [
    ['{"error":{"message":"a","type":"x"}}', 'a'],
    ['{"error":"b"}', 'b'],
    ['{"object":"error","message":"c","type":"x"}', 'c'],
    ['{"detail":"d"}', 'd'],
    ['{"detail":[{"loc":["body","n"],"msg":"e"}]}', 'body.n: e'],
    ['{"detail":[{"msg":"f"}]}', 'f'],
    ['{"type":"response.failed","response":{"error":{"message":"g"}}}', 'g'],
    ['{"error":{"message":{"a":1}}}', ''],
    ['<html><body>Bad Gateway</body></html>', ''],
    ['', ''],
    ['null', ''],
  ] as const) {
    assert.equal(errorIn(body).message, message, body);
  }
});

test('a code may be a number, and the member at fault is named', () => {
  const { code, param } = errorIn('{"error":{"code":400,"param":"n","message":"x"}}');
  assert.deepEqual([code, param], ['400', 'n']);
});
