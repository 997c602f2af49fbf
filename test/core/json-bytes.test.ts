/** What a JSON text costs is known before it is parsed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  boundedJson,
  endOfString,
  lengthBeforeMark,
  MAX_JSON_TEXT_BYTES,
} from '../../src/core/json-bytes.ts';

const IMAGE = 'iVBORw0KGgo'.repeat(1_000);

function bounded(json: string, shortensFiles = true): string {
  const result = boundedJson(Buffer.from(json), { shortensFiles });
  return typeof result === 'string' ? result : result.json.toString('utf8');
}

describe('a text that is refused before it is parsed', () => {
  for (const [name, json, fault] of [
    ['empty lists', `[${'[],'.repeat(1_000_000)}[]]`, 'too_many_values'],
    ['empty objects', `[${'{},'.repeat(1_000_000)}{}]`, 'too_many_values'],
    ['numbers', `[${'1,'.repeat(1_000_001)}1]`, 'too_many_values'],
    ['short strings', `[${'"",'.repeat(400_000)}""]`, 'too_many_values'],
    [
      'members',
      `{${Array.from({ length: 70_000 }, (_, at) => `"${at}":1`).join()}}`,
      'too_many_values',
    ],
    ['levels', `${'['.repeat(101)}${']'.repeat(101)}`, 'too_deep'],
    ['levels of objects', `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, 'too_deep'],
    ['text', JSON.stringify('a b '.repeat(MAX_JSON_TEXT_BYTES / 4)), 'too_long'],
    ['spaces', `[${' '.repeat(MAX_JSON_TEXT_BYTES)}]`, 'too_long'],
    [
      'text behind an image',
      JSON.stringify({ url: IMAGE, text: 'a b '.repeat(2_097_152) }),
      'too_long',
    ],
    ['text that looks like an image', JSON.stringify([IMAGE.repeat(800)]), 'too_long'],
  ] as const) {
    test(`has too many ${name}`, () => assert.equal(bounded(json), fault));
  }
});

describe('a text that is parsed', () => {
  for (const [name, json] of [
    [
      'a conversation',
      JSON.stringify({ messages: Array(2_000).fill({ role: 'user', content: 'a' }) }),
    ],
    ['token ids', JSON.stringify({ input: Array(300_000).fill(12_345) })],
    ['a hundred levels', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['brackets and commas in a string', JSON.stringify('[,{:'.repeat(1_000_000))],
    ['what is no JSON', '}}]]"\\'],
  ] as const) {
    test(`may be ${name}`, () => assert.equal(bounded(json), json));
  }
});

describe('a long string in a member that may have a file', () => {
  for (const [name, data] of [
    ['base64', IMAGE],
    ['a data URL', `data:image/png;base64,${IMAGE}`],
    ['base64 with escaped slashes, as PHP writes it', IMAGE.replaceAll('R', '\\/')],
    ['text in two bytes', 'ä'.repeat(5_000)],
    ['text with escape sequences', `a${'\\u00e4'.repeat(2_000)}`],
    ['backslashes', '\\\\'.repeat(5_000)],
  ] as const) {
    test(`is shortened if it is ${name}, and nothing else is`, () => {
      const json =
        `{"a":[{"url":"${data}"},"${data}"],"data" : "${data}",` + `"b":"${data}","c":"\\"}"}`;
      const result = boundedJson(Buffer.from(json), { shortensFiles: true });
      assert.ok(typeof result !== 'string');
      const { a, b, c, ...others } = JSON.parse(result.json.toString('utf8'));
      const whole = JSON.parse(`"${data}"`);
      [a[0].url, others.data].forEach((value: string, index) => {
        const length = lengthBeforeMark(value);
        assert.ok(length !== undefined && length <= 256, String(length));
        assert.equal(value.slice(0, length), whole.slice(0, length));
        assert.equal(value.slice(length + 1), String(index));
        const { start, end } = result.longStrings[index] ?? { start: 0, end: 0 };
        assert.equal(Buffer.from(json).toString('utf8', start, end), data);
      });
      for (const value of [a[1], b]) assert.equal(value, whole);
      assert.equal(c, '"}');
      assert.equal(bounded(json, false), json);
    });
  }

  test('does not count as text: twenty images of a megabyte and a half are one body', () => {
    const images = Array(20).fill({ url: 'QUJD'.repeat(400_000) });
    const result = boundedJson(Buffer.from(JSON.stringify(images)), { shortensFiles: true });
    assert.ok(typeof result !== 'string' && result.json.length < 50_000);
  });

  test('has a mark that other strings do not have', () => {
    for (const text of [
      '',
      'a',
      '\u0000',
      'a\u0000b',
      `a\u0000${'1'.repeat(7)}`,
      'a'.repeat(300),
    ]) {
      assert.equal(lengthBeforeMark(text), undefined);
    }
  });
});

test('the end of a string is that which JSON.parse finds', () => {
  const texts = fc.array(fc.constantFrom('\\', '"', 'a', '\n', 'ä', '👊', 'x'.repeat(70)));
  fc.assert(
    fc.property(texts, (parts) => {
      const string = Buffer.from(JSON.stringify(parts.join('')));
      const json = Buffer.concat([string, Buffer.from(',"other"')]);
      assert.equal(endOfString(json, 1), string.length - 1);
    }),
  );
});
