/** Which two answers are read side by side. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../../web/src/api/types.ts';
import { comparedWith } from '../../../../web/src/state/machines/comparison.ts';
import { childrenOf } from '../../../../web/src/state/machines/tree.ts';

const at = (seconds: number) => new Date(seconds * 1_000).toISOString();

function message(id: string, changed: Partial<Message> = {}): Message {
  const begun = { created_at: at(0), ended_at: at(10) };
  return { id, parent: null, content: 'hi', model: id, ...begun, ...changed } as Message;
}

function pairOf(...messages: Message[]) {
  const children = childrenOf(messages);
  return messages.map((it) => comparedWith(it, children)?.id);
}

test('two models that were asked the same together are compared, until somebody goes on', () => {
  const [a, b] = [message('a'), message('b', { created_at: at(1) })];
  assert.deepEqual(pairOf(a, b), ['b', 'a']);
  assert.deepEqual(pairOf(a, b, message('c', { parent: 'b' })), [undefined, undefined, undefined]);
});

test('what was asked while the first answer came belongs to it; later it is a new answer', () => {
  const a = message('a');
  assert.deepEqual(pairOf(a, message('b', { created_at: at(9) })), ['b', 'a']);
  assert.deepEqual(pairOf(a, message('b', { created_at: at(11) })), [undefined, undefined]);
  const failed = message('a', { status: 'failed', ended_at: at(0) });
  const soon = message('b', { created_at: at(0.3) });
  assert.deepEqual(pairOf(failed, soon), [undefined, undefined]);
  assert.deepEqual(pairOf(message('a', { ended_at: at(0) }), soon), ['b', 'a']);
  const running = message('a', { ended_at: null });
  assert.deepEqual(pairOf(running, message('b', { created_at: at(99) })), ['b', 'a']);
});

test('an edit, and another answer of the same model, are no comparison', () => {
  const a = message('a');
  assert.deepEqual(pairOf(a, message('b', { content: 'ho' })), [undefined, undefined]);
  assert.deepEqual(pairOf(a, message('b', { model: 'a' })), [undefined, undefined]);
});
