/** Counting must neither stop the server nor take forever, whatever the text is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasCode } from '../../../src/core/errors.ts';
import { countSlices } from '../../../src/models/counting/count-slices.ts';
import { countTokens, INLINE_CHARACTERS } from '../../../src/models/counting/count-tokens.ts';
import { LongTextCounter } from '../../../src/models/counting/long-text-counter.ts';
import { tokenSlices } from '../../../src/models/counting/token-slices.ts';

const PROSE = 'It was a bright cold day in April, and the clocks were striking thirteen. ';

/** Letters without an order, the same in every run. */
function randomLetters(length: number): string {
  let state = 1;
  let text = '';
  for (let at = 0; at < length; at += 1) {
    state = (state * 48_271) % 2_147_483_647;
    text += String.fromCharCode(97 + (state % 26));
  }
  return text;
}

describe('slices of a text', () => {
  const texts: Record<string, string> = {
    prose: PROSE.repeat(500),
    letters: randomLetters(20_000),
    spaces: ' '.repeat(20_000),
    'two kinds of spaces': ' \u00a0'.repeat(10_000),
    emoji: '👊'.repeat(10_000),
    'emoji and punctuation': '👊!'.repeat(7_000),
    Chinese: '夜雨寄北'.repeat(5_000),
    'one word of 99 after the other': `${'x'.repeat(99)} `.repeat(200),
  };
  for (const [name, text] of Object.entries(texts)) {
    test(`of ${name} make up the text, and no word in them is long`, () => {
      const slices = [...tokenSlices(text)];
      assert.equal(slices.join(''), text);
      for (const slice of slices) {
        assert.ok(slice.isWellFormed());
        assert.ok(slice.length <= 4_096);
        for (const word of slice.split(/(?<=\S)(?= )/)) assert.ok(word.length <= 101, word);
      }
    });
  }

  test('of nothing are none', () => {
    assert.deepEqual([...tokenSlices('')], []);
    assert.equal(countSlices(''), 0);
  });
});

test('a long text is counted as if it were whole, up to the words that are cut', async () => {
  const text = PROSE.repeat(2_000);
  const whole = countSlices(text);
  const counted = await countTokens(text);
  assert.ok(counted >= whole && counted <= whole * 1.001, `${counted} of ${whole}`);
});

test('while a megabyte of random letters is counted, the event loop is never held', async () => {
  const text = randomLetters(1_000_000);
  await countTokens(text.slice(0, INLINE_CHARACTERS + 1));
  const counting = countTokens(text);
  let isOver = false;
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (!isOver) setTimeout(turn, 1);
  };
  turn();
  const tokens = await counting;
  isOver = true;
  assert.ok(tokens > 400_000 && tokens < 1_000_000, String(tokens));
  // Counted here, it would have been a single turn.
  assert.ok(turns > 20, `only ${turns} turns`);
});

test('of several long texts the one that is done soonest is next', async () => {
  const counter = new LongTextCounter();
  const order: string[] = [];
  const count = async (name: string, characters: number) => {
    await counter.count('one '.repeat(characters / 4), undefined);
    order.push(name);
  };
  // The first has two pieces left when the others come. In turns the third would end before it.
  const pieces = 32_768;
  await Promise.all([
    count('first', 3 * pieces),
    count('second', 4 * pieces),
    count('third', 2 * pieces),
    count('short', 5_000),
  ]);
  assert.deepEqual(order, ['short', 'first', 'third', 'second']);
});

test('a text over the time limit is refused, and the next one is counted', async () => {
  const counter = new LongTextCounter();
  const busy = (error: unknown) => hasCode(error, 'server_busy');
  await assert.rejects(counter.count(randomLetters(200_000), 0), busy);
  assert.equal(await counter.count('one two three', 60_000), 3);
});

test('a short text need not wait for a long one that came first', async () => {
  const counter = new LongTextCounter();
  const ends: string[] = [];
  const long = counter.count(randomLetters(300_000), undefined).then(() => ends.push('long'));
  const short = counter.count('one two three', undefined).then(() => ends.push('short'));
  await Promise.all([long, short]);
  assert.deepEqual(ends, ['short', 'long']);
});

test('more text than can be counted in time is refused; what was delivered is still counted', async () => {
  const counter = new LongTextCounter();
  const text = 'a '.repeat(20_000_000);
  const waiting = [counter.count(text, 1), counter.count(text, 60_000)];
  const outcomes = await Promise.allSettled(waiting);
  for (const it of outcomes) {
    assert.ok(it.status === 'rejected' && hasCode(it.reason, 'server_busy'));
  }
  assert.equal(await counter.count('one two three', undefined), 3);
});
