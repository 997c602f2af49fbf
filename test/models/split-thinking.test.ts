import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatPrice } from '../../src/core/pricing.ts';
import type { Delta, GenerateRequest } from '../../src/models/catalogue.ts';
import { replyOf, splitThinking } from '../../src/models/split-thinking.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const REQUEST: GenerateRequest = {
  content: 'hello',
  promptContext: { systemPrompt: '', turns: [] },
  outputLimit: 100,
  signal: new AbortController().signal,
};

async function split(pieces: readonly string[], failure?: Error, isOpened = false) {
  async function* deltas(): AsyncGenerator<Delta> {
    for (const text of pieces) yield { text };
    if (failure) throw failure;
  }
  const parts = { text: '', nonReplyOutput: '' };
  let thrown: unknown;
  try {
    for await (const { text = '', nonReplyOutput = '' } of splitThinking(deltas(), isOpened)) {
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

test('thinking that the prompt has opened ends with its end, however it is cut', async () => {
  const whole = '\nA < b, so </b>.\n</think>\n\nThe reply: </think> is a tag.';
  const parts = ['A < b, so </b>.\n', 'The reply: </think> is a tag.'];
  const opened = (pieces: readonly string[], failure?: Error) => split(pieces, failure, true);
  assert.deepEqual(await opened([whole]), parts);
  assert.deepEqual(await opened([...whole]), parts);
  // Some servers repeat what the prompt ends with.
  assert.deepEqual(await opened([`<think>${whole}`]), parts);
  assert.deepEqual(await opened(['</think>', 'at once']), ['', 'at once']);
  assert.deepEqual(await opened(['<thi']), ['<thi', '']);
  assert.deepEqual(await opened(['and so on'], new Error('reset')), ['and so on', '']);
});

test('a server that tells thinking apart after all is believed', async () => {
  async function* deltas(): AsyncGenerator<Delta> {
    yield { nonReplyOutput: 'Let me see.' };
    yield { text: 'Yes.' };
  }
  const all: Delta[] = [];
  for await (const delta of splitThinking(deltas(), true)) all.push(delta);
  assert.equal(all.map(({ text = '' }) => text).join(''), 'Yes.');
  assert.equal(all.map(({ nonReplyOutput = '' }) => nonReplyOutput).join(''), 'Let me see.');
});

test('a model that is told not to think, or opens nothing, begins with its reply', async () => {
  const textFrom = async (opensThinking: boolean, effort: 'none' | 'high') => {
    const model = {
      ...scriptedModel(flatPrice(1)),
      opensThinking,
      async *generate(): AsyncGenerator<Delta> {
        yield { text: 'Hm.</think>Yes.' };
      },
    };
    let text = '';
    for await (const delta of replyOf(model, { ...REQUEST, options: { effort } })) {
      text += delta.text ?? '';
    }
    return text;
  };
  assert.equal(await textFrom(true, 'high'), 'Yes.');
  assert.equal(await textFrom(true, 'none'), 'Hm.</think>Yes.');
  assert.equal(await textFrom(false, 'high'), 'Hm.</think>Yes.');
});
