/** The words of a message are stored with its reply; files in it are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userTextOf } from '../../../src/models/request-body/request-text.ts';
import { base64, bodyOf, png } from '../input-measure/inputs.ts';

function wordsOf(body: object): string {
  return userTextOf(bodyOf(body).value);
}

function inMessage(content: unknown): object {
  return {
    messages: [
      { role: 'user', content: 'before' },
      { role: 'user', content },
    ],
  };
}

test('words are stored however they look', () => {
  for (const text of ['Wer jagt?', 'data:x, is how it begins', 'a'.repeat(2_000)]) {
    assert.equal(wordsOf(inMessage(text)), text);
    assert.equal(wordsOf(inMessage([{ type: 'text', text }])), text);
    assert.equal(wordsOf({ input: text }), text);
    assert.equal(wordsOf({ input: ['before', text] }), text);
    assert.equal(wordsOf({ prompt: text }), text);
    const document = { type: 'document', title: 'T', source: { type: 'text', data: text } };
    assert.equal(wordsOf(inMessage([document])), `T\n${text}`);
  }
});

test('files are not, however small', () => {
  const url = base64(png(9, 9), 'image/png');
  const source = { type: 'base64', media_type: 'image/png', data: url };
  for (const part of [
    { type: 'image_url', image_url: { url, detail: 'low' } },
    { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    { type: 'input_image', image_url: url },
    { type: 'input_file', file_data: url, filename: 'a.pdf' },
    { type: 'file', file: { file_data: url } },
    { type: 'input_audio', input_audio: { data: url, format: 'wav' } },
    { type: 'image', source },
    { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
  ]) {
    assert.equal(wordsOf(inMessage([{ type: 'text', text: 'Wer jagt?' }, part])), 'Wer jagt?');
    assert.equal(wordsOf(inMessage([part])), '');
  }
});

test('a long text is cut and marked, also one that was parsed in part', () => {
  const long = 'Zwölf Boxkämpfer '.repeat(2_000);
  const words = wordsOf(inMessage(long));
  assert.ok(
    words.length === 16_384 && words.endsWith(' […]') && long.startsWith(words.slice(0, -4)),
  );
  const document = { type: 'document', source: { type: 'text', data: long } };
  const beginning = wordsOf(inMessage([document]));
  assert.ok(beginning.endsWith(' […]') && long.startsWith(beginning.slice(0, -4)));
  assert.ok(!beginning.includes('\0'));
});
