/** When a model of Anthropic thinks on after answers of tools, and what it is given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolRound, WrittenBlock } from '../../../src/core/tools.ts';
import { roundMessages } from '../../../src/models/tools/tool-messages.ts';
import { BlockCollector, canThinkOn } from '../../../src/models/tools/written-blocks.ts';

const THOUGHT: WrittenBlock = { type: 'thinking', thinking: 'Hm.', signature: 'abc' };

function round(model: string | undefined, blocks: readonly WrittenBlock[]): ToolRound {
  const calls = ['a', 'b'].map((id) => ({ id, name: 'look', arguments: '{}' }));
  const written = model === undefined ? undefined : { model, blocks };
  return { text: 'So.', calls, results: ['1', '2'], written };
}

function canGoOn(rounds: readonly ToolRound[], style: 'budget' | 'adaptive' = 'budget'): boolean {
  return canThinkOn({ definitions: [], rounds, mayCall: true }, 'claude', style);
}

test('all rounds have to be of the same model, which thought from the first one on', () => {
  const spoken: WrittenBlock = { type: 'text', text: 'So.' };
  assert.equal(canGoOn([]), true);
  assert.equal(canGoOn([round('claude', [THOUGHT]), round('claude', [spoken])]), true);
  assert.equal(canGoOn([round('claude', [THOUGHT]), round('other', [THOUGHT])]), false);
  // A server of the version before has kept nothing.
  assert.equal(canGoOn([round('claude', [THOUGHT]), round(undefined, [])]), false);
  assert.equal(canGoOn([round('claude', [spoken])]), false);
  assert.equal(canGoOn([round('claude', [spoken])], 'adaptive'), true);
});

test('calls stand where the model wrote them, and without thinking there are no thoughts', () => {
  const call: WrittenBlock = { type: 'tool_use' };
  const of = (blocks: readonly WrittenBlock[], isThinking: boolean) => {
    const [said] = roundMessages('anthropic', [round('claude', blocks)], isThinking);
    return (said?.content as { type: string; id?: string }[]).map(({ type, id }) => id ?? type);
  };
  assert.deepEqual(of([THOUGHT, call, THOUGHT, call], true), ['thinking', 'a', 'thinking', 'b']);
  assert.deepEqual(of([THOUGHT, call], true), ['thinking', 'a', 'b']);
  assert.deepEqual(of([THOUGHT, call], false), ['text', 'a', 'b']);
});

test('a block is put together from its pieces; one without text is left out', () => {
  const collector = new BlockCollector();
  collector.add([
    { index: 0, type: 'thinking', text: '', signature: '' },
    { index: 0, text: 'H', signature: '' },
    { index: 0, text: 'm.', signature: 'ab' },
    { index: 0, text: '', signature: 'c' },
    { index: 1, type: 'text', text: '\n', signature: '' },
    { index: 7, text: 'of a block that never began', signature: '' },
  ]);
  assert.deepEqual(collector.blocks, [THOUGHT]);
});
