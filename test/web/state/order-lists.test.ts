/** Which list of the sidebar a chat is in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation } from '../../../web/src/api/types.ts';
import { placeInLists } from '../../../web/src/state/machines/conversation-list.ts';

function chat(id: string, marks: Partial<Conversation> = {}): Conversation {
  return {
    id,
    title: id,
    model: null,
    system_prompt: '',
    effort: null,
    temperature: null,
    leaf: null,
    share: null,
    pinned: false,
    archived: false,
    folder: null,
    temporary: false,
    created_at: '2026-11-23T00:00:00Z',
    updated_at: '2026-11-23T00:00:00Z',
    ...marks,
  };
}

const LISTS = { recent: [chat('a'), chat('b')], pinned: [chat('p', { pinned: true })] };

function placed(conversation: Conversation, isSearch = false) {
  const { recent, pinned } = placeInLists(LISTS, conversation, isSearch);
  return [recent.map(({ id }) => id).toSorted(), pinned.map(({ id }) => id).toSorted()];
}

test('a chat is in one list: pinned, recent, or none of them', () => {
  assert.deepEqual(placed(chat('a', { pinned: true })), [['b'], ['a', 'p']]);
  assert.deepEqual(placed(chat('p')), [['a', 'b', 'p'], []]);
  assert.deepEqual(placed(chat('a', { archived: true })), [['b'], ['p']]);
  assert.deepEqual(placed(chat('p', { pinned: true, archived: true })), [['a', 'b'], []]);
  assert.deepEqual(placed(chat('a', { folder: 'f' })), [['b'], ['p']]);
  assert.deepEqual(placed(chat('new')), [['a', 'b', 'new'], ['p']]);
});

test('a search keeps what it has found, and takes in nothing else', () => {
  assert.deepEqual(placed(chat('a', { archived: true }), true), [['a', 'b'], ['p']]);
  assert.deepEqual(placed(chat('new'), true), [['a', 'b'], ['p']]);
});
