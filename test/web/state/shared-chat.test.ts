/** A shared chat is read page by page, and read again where it grows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shared } from '../../../web/src/api/types.ts';
import {
  growthCursor,
  isGrowing,
  type SharedChat,
  withPage,
} from '../../../web/src/state/machines/shared-chat.ts';
import { messageWith } from './support.ts';

function page(ids: readonly string[], next: string | null = null, pending?: string): Shared {
  const messages = ids.map((id) =>
    messageWith({ id, status: id === pending ? 'pending' : 'complete' }),
  );
  const about = { kind: 'live', shared_at: null, expires_at: null, username: null } as const;
  return { title: 'A title', ...about, messages, has_more: next !== null, next_cursor: next };
}

const idsOf = ({ messages }: SharedChat) => messages.map(({ id }) => id);

test('pages follow each other until there is no further one', () => {
  const first = withPage(undefined, undefined, page(['1', '2'], '2'));
  assert.deepEqual([idsOf(first), first.next], [['1', '2'], '2']);
  const all = withPage(first, '2', page(['3']));
  assert.deepEqual([idsOf(all), all.next], [['1', '2', '3'], undefined]);
});

test('a page that arrives twice is there once', () => {
  const first = withPage(undefined, undefined, page(['1', '2'], '2'));
  const all = withPage(withPage(first, '2', page(['3'])), '2', page(['3']));
  assert.deepEqual(idsOf(all), ['1', '2', '3']);
});

test('an answer that is being written is read again, from the message before it on', () => {
  const chat = withPage(undefined, undefined, page(['1', '2', '3'], null, '3'));
  assert.equal(isGrowing(chat), true);
  assert.equal(growthCursor(chat), '2');
  const grown = withPage(chat, '2', page(['3', '4'], null, '4'));
  assert.deepEqual(idsOf(grown), ['1', '2', '3', '4']);
  assert.equal(growthCursor(grown), '3');
  assert.equal(isGrowing(withPage(grown, '3', page(['4']))), false);
});

test('a first answer that is being written is read from the beginning', () => {
  const chat = withPage(undefined, undefined, page(['1'], null, '1'));
  assert.equal(growthCursor(chat), undefined);
  assert.deepEqual(idsOf(withPage(chat, undefined, page(['1']))), ['1']);
});

test('nothing is read again before the reader has come to the end', () => {
  assert.equal(isGrowing(withPage(undefined, undefined, page(['1', '2'], '2', '2'))), false);
});

test('where the owner shows another branch, the old one goes', () => {
  const chat = withPage(undefined, undefined, page(['1', '2', '3'], null, '3'));
  assert.deepEqual(idsOf(withPage(chat, '2', page(['5']))), ['1', '2', '5']);
});
