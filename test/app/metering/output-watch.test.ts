/** When a stream counts as over its limit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputWatch } from '../../../src/app/metering/output-watch.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';

const SAME = { least: 1, most: 1 };
/** One token each. */
const words = (count: number) => ' international'.repeat(count);

/** A watch, and what it has told. */
function watched(tokens: number, least = 1) {
  const told: number[] = [];
  const limit = { tokens, spread: { ...SAME, least } };
  const { promise, resolve } = Promise.withResolvers<number>();
  const watch = new OutputWatch(limit, (counted) => {
    told.push(counted);
    resolve(counted);
  });
  return { watch, told, passed: promise };
}

/** Where a text is cut to be counted, a token becomes two. */
function assertAbout(told: readonly number[], tokens: number): void {
  assert.equal(told.length, 1);
  assert.ok(Math.abs((told[0] ?? 0) - tokens) < tokens / 100, `${told}`);
}

test('output in small pieces is counted once, and told once it is over', async () => {
  const { watch, passed } = watched(1_000);
  let output = '';
  let isOver = false;
  void passed.then(() => {
    isOver = true;
  });
  for (let piece = 0; !isOver; piece += 1) {
    assert.ok(piece < 1_500, 'it is over and not told');
    output += words(1);
    await watch.add(words(1));
    // The thread answers in between.
    if (piece > 1_000) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const counted = await passed;
  assert.ok(counted > 1_000, `${counted}`);
  assert.ok(counted <= (await countTokens(output)) + 16, `${counted}`);
});

test('a count that nobody needs any more is given up', async () => {
  const { watch, told } = watched(1_000);
  const counting = watch.add(words(200_000));
  watch.end();
  await counting;
  assert.deepEqual(told, []);
});

test('a reader waits for the count of what came too fast', async () => {
  const { watch, told } = watched(1_000);
  await watch.add(words(100_000));
  assertAbout(told, 100_000);
  assert.equal(watch.add(words(100_000)), undefined);
});

test('what other tokenizers could count as less is not over', async () => {
  const { watch, told } = watched(75_000, 0.7);
  await watch.add(words(100_000));
  assert.deepEqual(told, []);
  await watch.add(words(100_000));
  assertAbout(told, 200_000);
});

test('nothing is told of a reply that has ended', async () => {
  const { watch, told } = watched(1_000);
  const counting = watch.add(words(100_000));
  watch.end();
  await counting;
  assert.deepEqual(told, []);
});
