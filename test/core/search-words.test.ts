/** What a search finds, and that the index names all of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fold,
  hasAllWords,
  letterGroups,
  rangesIn,
  searchWords,
  snippetOf,
} from '../../src/core/search-words.ts';

function groupsOf(text: string): Set<number> {
  const groups = new Set<number>();
  for (const _part of letterGroups(text, groups));
  return groups;
}

/** Whether a text is found; and the index must name it then. */
function finds(search: string, text: string): boolean {
  const words = searchWords(search);
  const isFound = hasAllWords([text], words);
  const groups = groupsOf(text);
  if (isFound) {
    assert.ok(
      words.groups.every((group) => groups.has(group)),
      `${search} in ${text}`,
    );
  }
  return isFound;
}

test('all words in any order, ignoring case, anywhere within a word', () => {
  const text = 'Der Mietvertrag für Frau Müller endet am 31.12., 100% sicher (C++).';
  for (const search of [
    'vertrag',
    'müller MIET',
    'sicher der',
    '31.12.',
    '100%',
    'c++',
    'C',
    'am',
    'Für frau',
    'MÜLLER',
  ]) {
    assert.ok(finds(search, text), search);
  }
  for (const search of ['vertrag kündigen', 'mülller', '200%', 'rt', 'muller']) {
    assert.ok(!finds(search, text), search);
  }
});

test('letters of any script, with spaces between words or without', () => {
  for (const [search, text] of [
    ['机器学习', '我想学机器学习的基础'],
    ['学习', '我想学机器学习的基础'],
    ['基', '我想学机器学习的基础'],
    ['基础 机器', '我想学机器学习的基础'],
    ['カタカナ', 'これはカタカナです'],
    ['한국', '저는 한국어를 배워요'],
    ['ПРИВЕТ ёлк', 'Привет из Ёлкино'],
    ['σοφος', 'ΣΟΦΟΣ ΑΝΗΡ'],
    ['ΣΟΦΟΣ', 'σοφός, σοφος'],
    ['مرحبا', 'قال مرحبا بكم'],
    ['ภาษา', 'ฉันเรียนภาษาไทย'],
    ['GPT模', '用GPT模型'],
    ['𠀀𠀁', '古字𠀀𠀁也'],
    ['नमस्ते', 'उसने नमस्ते कहा'],
  ] as const) {
    assert.ok(finds(search, text), `${search} in ${text}`);
  }
  assert.ok(!finds('学机习', '我想学机器学习的基础'));
});

test('what a regular expression takes for the same letter has the same fold', () => {
  for (let code = 0x21; code <= 0xffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCharCode(code);
    for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
      const isSame = other !== letter && new RegExp(`^[${letter}]$`, 'iu').test(other);
      if (isSame && /\p{L}/u.test(letter)) assert.equal(fold(letter), fold(other), letter);
    }
  }
});

test('the index names whatever is found in a long text, also without spaces in it', () => {
  const unbroken = `${'x'.repeat(120_000)}haystack${'字'.repeat(60_000)}端`;
  const long = `${'ab cd '.repeat(20_000)}needle ${unbroken}`;
  for (const search of ['needle', 'xhay', 'haystack', '字端', 'needle haystack cd']) {
    assert.ok(finds(search, long), search);
  }
});

test('a snippet surrounds the match, marks all words, and cuts no word or letter', () => {
  const text = `${'before '.repeat(40)}the red fox\n\n and the RED dog ${'after '.repeat(60)}`;
  const snippet = snippetOf(text, searchWords('red dog'));
  assert.ok(snippet);
  assert.match(snippet.text, /^… before .*the red fox and the RED dog after.* …$/);
  assert.deepEqual(
    snippet.ranges.map(([from, to]) => snippet.text.slice(from, to)),
    ['red', 'RED', 'dog'],
  );
  assert.equal(snippetOf(text, searchWords('cat')), undefined);
  assert.deepEqual(snippetOf('short one', searchWords('one')), {
    text: 'short one',
    ranges: [[6, 9]],
  });
  const emoji = snippetOf(`${'😀'.repeat(200)}word${'😀'.repeat(200)}`, searchWords('word'));
  assert.ok(emoji?.text.isWellFormed());
});

test('ranges that touch are one', () => {
  assert.deepEqual(rangesIn('foobar bar', ['foo', 'bar', 'ob']), [
    [0, 6],
    [7, 10],
  ]);
});
