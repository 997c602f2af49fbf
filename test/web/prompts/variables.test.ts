/** Variables of prompts, and what is left in the composer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftWith, filledIn, variablesIn } from '../../../web/src/prompts/variables.ts';

test('each variable is asked for once, in the order of the text', () => {
  const text = 'To {{name}} of {{ Firma & Co }}: dear {{name }}, {{größe}}';
  assert.deepEqual(variablesIn(text), ['name', 'Firma & Co', 'größe']);
});

test('what only looks like a variable is text', () => {
  for (const text of ['{name}', '{{}}', '{{ }}', '{{a\nb}}', '{{{}}}', `{{${'x'.repeat(101)}}}`]) {
    assert.deepEqual(variablesIn(text), [], text);
    assert.equal(filledIn(text, {}), text);
  }
  assert.equal(filledIn('{{constructor}}', {}), '{{constructor}}');
});

test('values stand where the names were, and are not read again', () => {
  const filled = filledIn('{{a}}-{{ b }}-{{a}}', { a: '{{b}}', b: '$& $1' });
  assert.equal(filled, '{{b}}-$& $1-{{b}}');
});

test('twenty thousand braces are read at once', () => {
  const text = '{{ '.repeat(6_666);
  assert.deepEqual(variablesIn(text), []);
  assert.deepEqual(variablesIn(`{{${' '.repeat(19_990)}`), []);
});

test('a prompt takes the place of what found it, and is added to what was written', () => {
  assert.equal(draftWith('/let', 'Dear', true), 'Dear');
  assert.equal(draftWith('  ', 'Dear', false), 'Dear');
  assert.equal(draftWith('Hello \n', 'Dear', false), 'Hello\nDear');
});
