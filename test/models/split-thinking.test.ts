import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delta } from '../../src/models/catalogue.ts';
import { splitThinking } from '../../src/models/split-thinking.ts';

async function split(pieces: readonly string[], failure?: Error) {
  async function* deltas(): AsyncGenerator<Delta> {
    for (const text of pieces) yield { text };
    if (failure) throw failure;
  }
  const parts = { text: '', nonReplyOutput: '' };
  let thrown: unknown;
  try {
    for await (const { text = '', nonReplyOutput = '' } of splitThinking(deltas())) {
      parts.text += text;
      parts.nonReplyOutput += nonReplyOutput;
    }
  } catch (error) {
    thrown = error;
  }
  assert.equal(thrown, failure);
  return [parts.nonReplyOutput, parts.text];
}

test('thinking at the beginning is taken out, however it is cut into pieces', async () => {
  const whole = '\n<think>\nA < b, so </b>.</think>\n\nThe reply: <think> is a tag.</think>';
  const parts = ['A < b, so </b>.', 'The reply: <think> is a tag.</think>'];
  assert.deepEqual(await split([whole]), parts);
  assert.deepEqual(await split([...whole]), parts);
  for (let at = 1; at < whole.length; at += 1) {
    assert.deepEqual(await split([whole.slice(0, at), whole.slice(at)]), parts);
  }
});

test('thinking that is not closed is all thinking, also if the model breaks off', async () => {
  assert.deepEqual(await split(['<think>and so', ' on </thi']), ['and so on </thi', '']);
  const failure = new Error('reset');
  assert.deepEqual(await split(['<think>and so', ' on </thi'], failure), ['and so on </thi', '']);
});

test('a reply without thinking is not changed', async () => {
  for (const reply of ['Use <think>…</think>.', ' plain', '<thi', '<thinking>no</thinking>', '']) {
    assert.deepEqual(await split([reply]), ['', reply]);
    assert.deepEqual(await split([...reply]), ['', reply]);
  }
  assert.deepEqual(await split(['<think></think>', 'at once']), ['', 'at once']);
});
