/** Whatever a reply contains, it is read in bounded time and none of its text is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { blocksOf } from '../../../web/src/markdown/render.ts';

/** Without bounds each of these takes from ten seconds to hours, or fills the stack. */
const LIMIT_MS = 20_000;
const LENGTH = 60_000;

const repeated = (text: string) => text.repeat(Math.ceil(LENGTH / text.length));

const HOSTILE: Readonly<Record<string, string>> = {
  'a formula that never ends': `$$${repeated('\n')}`,
  'openings of formulas': repeated('$$\n'),
  'formulas without an end': repeated('$$ a\n\n'),
  'quotes in quotes': repeated('> '),
  'lists in lists': repeated('- '),
  'numbered lists in lists': repeated('1. '),
  'quotes and lists in each other': repeated('> - '),
  'a list of many items': repeated('* a\n'),
  emphasis: repeated('**_a'),
  asterisks: `${repeated('*')}a${repeated('*')}`,
  'underscores in a word': repeated('_a'),
  'a link with much punctuation': `http://a${repeated('!')}`,
  'an address that never ends': `${repeated('a.')}@`,
  'brackets in brackets': `${repeated('![a')}${repeated('](b)')}`,
  'parts in parts that are never closed': repeated('<details>\n'),
  'ends of parts': repeated('</details> <sub>'),
  'footnotes without a text': repeated('[^a]:\n'),
  'signs of footnotes': repeated('[^a'),
  'many paragraphs': repeated('a\n\n'),
};

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`in bounded time: ${name}`, () => {
    const context = vm.createContext({ read: () => blocksOf(text) });
    // The timeout ends also what runs inside a regular expression.
    const blocks = vm.runInContext('read()', context, { timeout: LIMIT_MS });
    const shown = (blocks as { raw: string }[]).map(({ raw }) => raw).join('');
    assert.equal(shown.replaceAll(/\s/g, '').length, text.replaceAll(/\s/g, '').length);
  });
}

test('a paragraph that fills the stack is plain text; what surrounds it is not', () => {
  const text = `# Title\n\n${'> '.repeat(2_000)}\n\nThe *end*.`;
  const expected = ['heading', 'plain', 'paragraph'];
  let types: string[] = [];
  // On a machine that is busy just then the time for a text may be over before its end.
  for (let tries = 0; tries < 10 && String(types) !== String(expected); tries += 1) {
    types = blocksOf(text).map(({ token }) => token.type);
  }
  assert.deepEqual(types, expected);
});

test('a long text of ordinary Markdown is read as such to its end', () => {
  const part =
    '## Part\n\nSome *words* and `code`.\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n';
  const types = blocksOf(part.repeat(300)).map(({ token }) => token.type);
  assert.equal(types.length, 900);
  assert.deepEqual(types.slice(-3), ['heading', 'paragraph', 'code']);
});
