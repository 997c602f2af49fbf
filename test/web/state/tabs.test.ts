/** What one tab does when another signs somebody in or out, or changes something. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepsDrafts, onChangeNews, onSessionNews } from '../../../web/src/state/machines/tabs.ts';

const signedIn = (user: number) => ({ kind: 'signed_in', user }) as const;
const signedOut = (user: number) => ({ kind: 'signed_out', user }) as const;

test('signing out in one tab signs the same user out in the others', () => {
  assert.equal(onSessionNews(signedOut(1), { current: 1, last: 1 }), 'end_elsewhere');
  assert.equal(onSessionNews(signedOut(1), { current: 2, last: 2 }), undefined);
  assert.equal(onSessionNews(signedOut(1), { current: null, last: 1 }), undefined);
});

test('another user who signs in ends the session of the one before', () => {
  assert.equal(onSessionNews(signedIn(2), { current: 1, last: 1 }), 'end_another');
  assert.equal(onSessionNews(signedIn(1), { current: 1, last: 1 }), undefined);
});

test('a tab goes on only for the user who was signed in there last', () => {
  assert.equal(onSessionNews(signedIn(1), { current: null, last: 1 }), 'resume');
  assert.equal(onSessionNews(signedIn(2), { current: null, last: 1 }), undefined);
  assert.equal(onSessionNews(signedIn(1), { current: null, last: undefined }), undefined);
  assert.equal(onSessionNews(signedIn(1), { current: undefined, last: 1 }), undefined);
});

test('a change is read anew: the thread if it is open, else its mark in the list', () => {
  const news = { kind: 'changed', user: 1, conversation: 'c1', isGenerating: true } as const;
  const tab = { user: 1, openConversation: 'c1' };
  assert.deepEqual(onChangeNews(news, tab), ['reload_list', 'refresh_balance', 'refresh_thread']);
  assert.deepEqual(onChangeNews(news, { ...tab, openConversation: 'c2' }), [
    'reload_list',
    'refresh_balance',
    'mark_generating',
  ]);
  assert.deepEqual(onChangeNews({ kind: 'changed', user: 1 }, tab), ['reload_list']);
});

test('changes of another user, and news of sessions, change nothing', () => {
  const tab = { user: 1, openConversation: undefined };
  assert.deepEqual(onChangeNews({ kind: 'changed', user: 2, conversation: 'c1' }, tab), []);
  assert.deepEqual(onChangeNews(signedIn(1), tab), []);
});

test('drafts outlive a session that ended by itself, and go with a user who signs out', () => {
  assert.equal(keepsDrafts('expired'), true);
  assert.equal(keepsDrafts('another'), true);
  assert.equal(keepsDrafts('left'), false);
  assert.equal(keepsDrafts('elsewhere'), false);
});
