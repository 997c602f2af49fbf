/** What a PATCH of SCIM may have, so that reading it holds nobody up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupChangeIn, userChangeIn } from '../../../src/http/directory/scim-operations.ts';

const REFUSED = { code: 'scim_refused' };

test('a thousand members leave in one request, as the specification has it', () => {
  const Operations = Array.from({ length: 1_000 }, (_, nth) => ({
    op: 'remove',
    path: `members[value eq "${1_234_567_890_123_000 + nth}"]`,
  }));
  assert.equal(groupChangeIn({ Operations }).leaving.size, 1_000);
});

test('paths and attributes that would take long to read are refused', () => {
  const where = Array.from({ length: 60 }, () => 'value eq "1"').join(' or ');
  const long = { op: 'remove', path: `members[${where}]` };
  assert.equal(groupChangeIn({ Operations: [long] }).leaving.size, 1);
  const Operations = Array.from({ length: 1_000 }, () => long);
  assert.throws(() => groupChangeIn({ Operations }), REFUSED);
  const value = Object.fromEntries(Array.from({ length: 60_000 }, (_, nth) => [`a${nth}`, 1]));
  assert.throws(() => userChangeIn({ Operations: [{ op: 'add', value }] }), REFUSED);
});
