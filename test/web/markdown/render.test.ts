/** Markdown is read in blocks, also while it grows, and escaped where it could be HTML. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escaped, mathBlock, mathInline } from '../../../web/src/markdown/math.ts';
import {
  blocksOf,
  GrowingBlocks,
  hasDefinitions,
  mayBecomeTable,
} from '../../../web/src/markdown/render.ts';

const REPLY = [
  '# Title\n\n',
  'A paragraph\nof two lines.\n\n',
  '- one\n- two\n\n',
  '```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n',
  '## Part\n\n',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n',
  '$$\ny = 2\n$$\n\n',
  'The end.',
].join('');

const rawsOf = (blocks: readonly { raw: string }[]) => blocks.map(({ raw }) => raw);
const levelsOf = (text: string) =>
  blocksOf(text).map(({ token }) => (token as { level?: number }).level);

test('a reply is read in blocks, blank lines left out', () => {
  assert.deepEqual(
    blocksOf(REPLY).map(({ token }) => token.type),
    ['heading', 'paragraph', 'list', 'code', 'heading', 'table', 'mathBlock', 'paragraph'],
  );
});

test('a growing reply has at its end the blocks of the whole one, however it is cut', () => {
  for (const size of [1, 3, 10, 50]) {
    const growing = new GrowingBlocks();
    for (let end = 0; end < REPLY.length; end += size) growing.read(REPLY.slice(0, end));
    const read = growing.read(REPLY);
    assert.deepEqual(
      rawsOf(read).map((it) => it.trimEnd()),
      rawsOf(blocksOf(REPLY)).map((it) => it.trimEnd()),
    );
  }
});

test('a block that is complete is not read again', () => {
  const growing = new GrowingBlocks();
  const [first] = growing.read('One.\n\nTwo');
  assert.equal(growing.read('One.\n\nTwo and three')[0], first);
});

test('headings are numbered below those of the page, and no level is left out', () => {
  assert.deepEqual(levelsOf('# a\n\n#### b\n\n# c'), [3, 4, 3]);
  assert.deepEqual(levelsOf('###### a'), [3]);
});

test('a line that may become the head of a table waits', () => {
  const last = (text: string) => mayBecomeTable(blocksOf(text).at(-1) ?? assert.fail());
  assert.equal(last('| a | b |'), true);
  assert.equal(last('| a | b |\n|--'), true);
  assert.equal(last('| a | b |\nwords'), false);
  assert.equal(last('words'), false);
});

test('definitions of links are found, as they may stand at the end', () => {
  assert.equal(hasDefinitions('See [it][1].\n\n[1]: https://example.org/'), true);
  assert.equal(hasDefinitions('See [it](https://example.org/).'), false);
});

test('formulas are told from sums of money', () => {
  const formulaIn = (source: string) => mathInline.tokenizer(source)?.text;
  assert.equal(formulaIn('$x^2$ and'), 'x^2');
  assert.equal(formulaIn('\\(x^2\\)'), 'x^2');
  assert.equal(formulaIn('\\[y\\]'), 'y');
  assert.equal(formulaIn('$5 and $10'), undefined);
  assert.equal(formulaIn('$ x $'), undefined);
  assert.equal(mathBlock.tokenizer('$$\ny = 2\n$$\n')?.text, 'y = 2');
});

test('what a model writes in a formula is escaped', () => {
  const hostile = '<img src=x onerror="alert(1)">';
  const token = { type: 'mathInline', raw: `$${hostile}$`, text: hostile };
  for (const { renderer } of [mathInline, mathBlock]) {
    assert.ok(renderer(token).includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'));
  }
  assert.equal(escaped('<a href="?a&b">'), '&lt;a href=&quot;?a&amp;b&quot;&gt;');
});
