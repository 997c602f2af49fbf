/** What the open conversation shows as messages and replies come, here and in other tabs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutboxEntry } from '../../../web/src/state/machines/sending.ts';
import {
  appendMessage,
  branchOf,
  branchWithEntry,
  emptyThread,
  IN_FLIGHT_ID,
  leafThrough,
  mergeMessage,
  openedThread,
  pendingMessages,
  refreshThread,
  setLeaf,
  type ThreadState,
} from '../../../web/src/state/machines/thread.ts';
import { answersOf, wordingsOf } from '../../../web/src/state/machines/tree.ts';
import { conversationWith, messageWith } from './support.ts';

const FIRST = messageWith({ id: 'm1', content: 'about walruses' });
const EDITED = messageWith({ id: 'm2', content: 'about geese' });
const SECOND = messageWith({ id: 'm3', parent: 'm1', content: 'and seals?' });
const PENDING = messageWith({ id: 'm4', parent: 'm3', status: 'pending', reply: null });
const ALL = [FIRST, EDITED, SECOND, PENDING];

const opened = (leaf: string, search = '') => openedThread(conversationWith({ leaf }), ALL, search);
const idsOf = (state: ThreadState) => branchOf(state).map(({ id }) => id);

test('the branch to the leaf is shown, oldest first', () => {
  assert.deepEqual(idsOf(opened('m4')), ['m1', 'm3', 'm4']);
  assert.deepEqual(idsOf(opened('m2')), ['m2']);
  assert.deepEqual(idsOf(emptyThread), []);
});

test('a search shows the branch that has what was searched for, if the shown one has not', () => {
  assert.deepEqual(idsOf(opened('m2', 'Walruses')), ['m1', 'm3', 'm4']);
  assert.deepEqual(idsOf(opened('m2', 'geese')), ['m2']);
  assert.deepEqual(idsOf(opened('m2', 'found nowhere')), ['m2']);
});

test('choosing a version shows the newest messages below it', () => {
  const state = opened('m2');
  assert.equal(leafThrough(state, 'm1'), 'm4');
  assert.deepEqual(idsOf(setLeaf(state, leafThrough(state, 'm1'))), ['m1', 'm3', 'm4']);
});

test('a reply that ended does not become pending again', () => {
  const done = messageWith({ id: 'm4', parent: 'm3', reply: 'whole' });
  const state = mergeMessage(opened('m4'), done);
  assert.deepEqual(pendingMessages(state), []);
  assert.equal(mergeMessage(state, PENDING), state);
});

test('a message of another conversation is ignored', () => {
  const state = opened('m4');
  assert.equal(mergeMessage(state, messageWith({ id: 'm9', conversation: 'c2' })), state);
});

test('a sent message becomes the end of the branch', () => {
  const sent = messageWith({ id: 'm5', parent: 'm4' });
  assert.deepEqual(idsOf(appendMessage(opened('m4'), sent)), ['m1', 'm3', 'm4', 'm5']);
});

test('a message on its way stands where it will be, without changing the thread', () => {
  const entry = { content: 'soon', parent: 'm1', model: 'demo' } as OutboxEntry;
  const shown = branchWithEntry(opened('m4'), entry);
  assert.deepEqual(
    shown.map(({ id, content, status }) => [id, content, status]),
    [
      ['m1', 'about walruses', 'complete'],
      [IN_FLIGHT_ID, 'soon', 'pending'],
    ],
  );
});

test('messages of another tab are shown at the end of the branch', () => {
  const state = opened('m4');
  const elsewhere = messageWith({ id: 'm5', parent: 'm4' });
  const refreshed = refreshThread(state, {
    conversation: conversationWith({ leaf: 'm5', title: 'Renamed' }),
    messages: [elsewhere],
    before: 'm4',
    isSending: false,
  });
  assert.deepEqual(idsOf(refreshed), ['m1', 'm3', 'm4', 'm5']);
  assert.equal(refreshed.conversation?.title, 'Renamed');
});

test('a refresh does not take a reader away who chose a branch or is sending meanwhile', () => {
  const elsewhere = messageWith({ id: 'm5', parent: 'm4' });
  const read = {
    conversation: conversationWith({ leaf: 'm5' }),
    messages: [elsewhere],
    before: 'm4',
    isSending: false,
  };
  const moved = refreshThread(setLeaf(opened('m4'), 'm2'), read);
  assert.deepEqual(idsOf(moved), ['m2']);
  const sending = refreshThread(opened('m4'), { ...read, isSending: true });
  assert.deepEqual(idsOf(sending), ['m1', 'm3', 'm4']);
  assert.ok(sending.messages.has('m5'));
});

test('a refresh without new messages leaves the chosen branch', () => {
  const refreshed = refreshThread(opened('m2'), {
    conversation: conversationWith({ leaf: 'm4' }),
    messages: [EDITED],
    before: 'm2',
    isSending: false,
  });
  assert.deepEqual(idsOf(refreshed), ['m2']);
});

test('wordings of a message and answers to it are counted apart', () => {
  const siblings = [
    messageWith({ id: 'm1', content: 'geese' }),
    messageWith({ id: 'm2', content: 'geese' }),
    messageWith({ id: 'm3', content: 'ducks' }),
    messageWith({ id: 'm4', content: 'geese' }),
  ];
  const [first, , ducks] = siblings;
  assert.ok(first && ducks);
  assert.deepEqual(answersOf(siblings, first), { index: 0, ids: ['m1', 'm2', 'm4'] });
  assert.deepEqual(answersOf(siblings, ducks), { index: 0, ids: ['m3'] });
  // Another wording is shown with its newest answer.
  assert.deepEqual(wordingsOf(siblings, first), { index: 0, ids: ['m4', 'm3'] });
  assert.deepEqual(wordingsOf(siblings, ducks), { index: 1, ids: ['m4', 'm3'] });
});

test('wordings are told apart by their files too', () => {
  const kind = { kind: 'text' as const, media_type: 'text/plain', name: 'list.txt', size: 1 };
  const files = [{ id: 'f1', ...kind, width: null, height: null, pages: null }];
  const siblings = [
    messageWith({ id: 'm1', content: 'geese', files }),
    messageWith({ id: 'm2', content: 'geese' }),
    messageWith({ id: 'm3', content: 'geese', files }),
  ];
  const [first, second] = siblings;
  assert.ok(first && second);
  assert.deepEqual(answersOf(siblings, first), { index: 0, ids: ['m1', 'm3'] });
  assert.deepEqual(answersOf(siblings, second), { index: 0, ids: ['m2'] });
  assert.deepEqual(wordingsOf(siblings, second), { index: 1, ids: ['m3', 'm2'] });
});
