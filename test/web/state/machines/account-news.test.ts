/** What a browser tells of the account, and what it does not tell twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountNotice } from '../../../../web/src/api/types.ts';
import { newsIn } from '../../../../web/src/state/machines/account-news.ts';

const KINDS = ['sign_in.new', 'password.new', 'key.new'];
const KNOWN = { told: '', begunAt: undefined, resets: [], kinds: KINDS };

function notice(id: string, kind: string, at = `2026-03-01T10:00:0${id}Z`): AccountNotice {
  return { id, kind, data: {}, created_at: at, is_seen: false };
}

function idsOf(notices: readonly AccountNotice[]): string[] {
  return notices.map(({ id }) => id);
}

const ALL = [notice('4', 'key.new'), notice('3', 'balance.low'), notice('2', 'sign_in.new')];

test('what is newer than what was told here is told, whatever was seen elsewhere', () => {
  assert.deepEqual(idsOf(newsIn(ALL, { ...KNOWN, told: '1' })), ['4', '2']);
  assert.deepEqual(idsOf(newsIn(ALL, { ...KNOWN, told: '2' })), ['4']);
  assert.deepEqual(idsOf(newsIn(ALL, { ...KNOWN, told: '4' })), []);
  const seen = ALL.map((it) => ({ ...it, is_seen: true }));
  assert.deepEqual(idsOf(newsIn(seen, { ...KNOWN, told: '1' })), ['4', '2']);
});

test('a new browser tells what was seen nowhere, but not its own sign-in', () => {
  const begunAt = '2026-03-01T10:00:01Z';
  assert.deepEqual(idsOf(newsIn(ALL, { ...KNOWN, begunAt })), ['4']);
  const earlier = [notice('1', 'sign_in.new', '2026-03-01T09:00:00Z')];
  assert.deepEqual(idsOf(newsIn(earlier, { ...KNOWN, begunAt })), ['1']);
  const seen = earlier.map((it) => ({ ...it, is_seen: true }));
  assert.deepEqual(newsIn(seen, { ...KNOWN, begunAt }), []);
});

test('a password that a link of staff has set is told by the notice that says whose link', () => {
  const reset = [notice('5', 'password.new', '2026-03-01T11:00:00Z')];
  assert.deepEqual(newsIn(reset, { ...KNOWN, told: '1', resets: ['2026-03-01T11:00:00.2Z'] }), []);
  const other = { ...KNOWN, told: '1', resets: ['2026-03-01T10:30:00Z'] };
  assert.deepEqual(idsOf(newsIn(reset, other)), ['5']);
});
