import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perFrame } from '../../../web/src/ui/per-frame.ts';

test('pieces are given on once for each frame, and none is lost', () => {
  const frames: (() => void)[] = [];
  Object.assign(globalThis, {
    document: { hidden: false },
    requestAnimationFrame: (draw: () => void) => frames.push(draw),
  });
  const shown: string[] = [];
  const { add, flush } = perFrame((text) => shown.push(text));
  for (const piece of ['a', 'b', 'c']) add(piece);
  assert.deepEqual([shown, frames.length], [[], 1]);
  frames.pop()?.();
  assert.deepEqual(shown, ['abc']);
  add('d');
  flush();
  frames.pop()?.();
  assert.deepEqual(shown, ['abc', 'd']);
});
