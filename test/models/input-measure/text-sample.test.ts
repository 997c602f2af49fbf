/** Where nobody reports usage, somebody is charged for an estimate: it must not lean either way. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { countSlices } from '../../../src/models/counting/count-slices.ts';
import { measureRequest } from '../../../src/models/input-measure/measure-request.ts';
import { sampleOf, tokensOf } from '../../../src/models/input-measure/text-sample.ts';
import { bodyOf, measured, modelOf } from './inputs.ts';

const NEVER_OVER = () => 0;
const MODEL = modelOf('openai', 'gpt-4o');

/** Numbers from 0 to 1 in an order that is the same in every run. */
function ordered(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const random = ordered(7);
const CHARACTERS = [...'夜雨寄北君問歸期未有期巴山夜雨漲秋池何當共剪西窗燭卻話巴山夜雨時'];
const TEXTS: Readonly<Record<string, string>> = {
  prose: readFileSync('CHANGELOG.md', 'utf8').slice(0, 30_000),
  code: readFileSync('src/core/reference-ledger.ts', 'utf8'),
  JSON: readFileSync('package-lock.json', 'utf8').slice(0, 30_000),
  Chinese: Array.from({ length: 8_000 }, () => CHARACTERS[Math.floor(random() * 32)]).join(''),
  base64: randomBytes(15_000).toString('base64'),
  letters: Array.from({ length: 9_000 }, () =>
    String.fromCharCode(97 + Math.floor(random() * 26)),
  ).join(''),
  emoji: '👊🏽 🇩🇪 '.repeat(1_000),
};

describe('the estimate of a long text is as often too high as too low', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    test(name, () => {
      const due = countSlices(text);
      const places = ordered(name.length);
      let sum = 0;
      for (let run = 0; run < 12; run += 1) {
        const tokens = tokensOf(sampleOf([text], places), countSlices, NEVER_OVER);
        assert.ok(Math.abs(tokens / due - 1) < 0.2, `${tokens} of ${due}`);
        sum += tokens;
      }
      assert.ok(Math.abs(sum / 12 / due - 1) < 0.05, `${sum / 12} of ${due}`);
    });
  }
});

test('up to 4,096 characters it is exact', () => {
  for (const texts of [
    [],
    [''],
    ['a'],
    ['one', 'two three'],
    [TEXTS.code?.slice(0, 4_096) ?? ''],
  ]) {
    const whole = texts.join('\n');
    assert.equal(tokensOf(sampleOf(texts), countSlices), countSlices(whole));
  }
});

test('many short texts are sampled as if they were one', () => {
  const texts = (TEXTS.prose ?? '').split('\n');
  const due = countSlices(texts.join('\n'));
  const tokens = tokensOf(sampleOf(texts, ordered(3)), countSlices, NEVER_OVER);
  assert.ok(Math.abs(tokens / due - 1) < 0.15, `${tokens} of ${due}`);
});

test('when its time is over, eight pieces from all over the text have been counted', () => {
  const [first, second] = ['a b c d e f g h ', '夜雨寄北君問歸期'].map((it) => it.repeat(2_000));
  const counted: string[] = [];
  let clock = 0;
  const count = (text: string) => {
    counted.push(text);
    return countSlices(text);
  };
  const now = () => {
    clock += 1_000;
    return clock;
  };
  const tokens = tokensOf(sampleOf([`${first}${second}`], ordered(5)), count, now);
  assert.equal(counted.length, 16);
  const due = countSlices(`${first}${second}`);
  assert.ok(Math.abs(tokens / due - 1) < 0.2, `${tokens} of ${due}`);
});

test('what is kept of a request when its body is dropped is a few kilobytes', async () => {
  const text = TEXTS.prose ?? '';
  const body = bodyOf({ messages: [{ role: 'user', content: text }] });
  const measure = measureRequest('openai', body);
  const most = measure.mostTokens(MODEL);
  body.drop();
  assert.equal(body.json.length, 0);
  assert.equal(measure.mostTokens(MODEL), most);
  const tokens = await measure.estimate(MODEL);
  assert.ok(Math.abs(tokens / countSlices(text) - 1) < 0.2);
  const sample = sampleOf([text]);
  assert.ok(sample.pieces.join('').length <= 4_096);
});

test('what was counted exactly is not estimated', async () => {
  const measure = measured('openai', { input: [TEXTS.prose] });
  const { tokens } = await measure.count(MODEL);
  measure.release();
  assert.ok(Math.abs((await measure.estimate(MODEL)) - tokens) <= 8);
});
