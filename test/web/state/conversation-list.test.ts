/** The list of conversations while it is read, searched and changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isBegun,
  withConversation,
  withFirstPage,
} from '../../../web/src/state/machines/conversation-list.ts';
import { conversationWith } from './support.ts';

const of = (id: string, day: number) =>
  conversationWith({ id, updated_at: `2026-11-0${day}T00:00:00Z` });
const [NEW, MIDDLE, OLD] = [of('new', 3), of('middle', 2), of('old', 1)];
const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id);

test('pages beyond the first stay when the first is read anew', () => {
  const options = { hasMore: true, isSameSearch: true };
  const merged = withFirstPage([MIDDLE, OLD], [NEW, MIDDLE], options);
  assert.deepEqual(idsOf(merged.conversations), ['new', 'middle', 'old']);
  assert.equal(merged.hasOlder, true);
});

test('they go when something else is searched for, or when there is no more', () => {
  for (const options of [
    { hasMore: true, isSameSearch: false },
    { hasMore: false, isSameSearch: true },
  ]) {
    const merged = withFirstPage([MIDDLE, OLD], [NEW], options);
    assert.deepEqual(idsOf(merged.conversations), ['new']);
    assert.equal(merged.hasOlder, false);
  }
});

test('a changed conversation moves to its place, and is listed once', () => {
  const used = { ...OLD, updated_at: '2026-11-09T00:00:00Z' };
  assert.deepEqual(idsOf(withConversation([NEW, OLD], used)), ['old', 'new']);
});

test('an empty conversation that a failed message left behind is not listed', () => {
  const empty = conversationWith({ title: '', leaf: null, system_prompt: '' });
  assert.equal(isBegun(empty), false);
  assert.equal(isBegun({ ...empty, system_prompt: 'Be kind' }), true);
  assert.equal(isBegun({ ...empty, leaf: 'm1' }), true);
  const options = { hasMore: false, isSameSearch: true };
  assert.deepEqual(withFirstPage([], [empty], options).conversations, []);
});
