import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstIdAt, momentOf, newId, newUserId } from '../../src/app/ids.ts';
import { auditEntry, type Principal } from '../../src/app/principal.ts';

test('ids are UUIDs version 7, unique and in order of creation', () => {
  const ids = Array.from({ length: 50_000 }, newId);
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const id of ids) assert.match(id, shape);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids, ids.toSorted());
});

test('the time in an id is the time of its creation', () => {
  const before = Date.now();
  const id = newId();
  const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  assert.ok(ms >= before && ms <= Date.now() + 20, `${ms} is not near ${before}`);
});

test('an entry of the audit log is in the span that begins with it, however long it takes', (t) => {
  let nowMs = Date.now();
  // Each look at the clock is a millisecond later than the one before.
  t.mock.method(Date, 'now', () => {
    nowMs += 1;
    return nowMs;
  });
  const principal: Principal = { actor: 'cli:root', address: undefined, user: undefined };
  const { id, atMs } = auditEntry(principal, { action: 'audit.export', target: 'audit_log' });
  assert.equal(momentOf(id), atMs);
  assert.ok(id >= firstIdAt(atMs) && id < firstIdAt(atMs + 1));
});

test('ids of users are positive integers that a JavaScript number holds exactly', () => {
  for (let index = 0; index < 1_000; index += 1) {
    const id = newUserId();
    assert.ok(Number.isSafeInteger(id) && id > 0);
  }
});
