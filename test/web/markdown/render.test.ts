/** Markdown is read in blocks, also while it grows, and escaped where it could be HTML. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNameFor } from '../../../web/src/markdown/code-file-name.ts';
import { escaped, mathBlock, mathInline } from '../../../web/src/markdown/math.ts';
import {
  blocksOf,
  GrowingBlocks,
  hasDefinitions,
  markup,
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

test('a footnote keeps its text, and is no link', () => {
  const blocks = blocksOf('Water[^1] boils.\n\n[^1]: At *sea* level.\n[^b]: Or not.\n\nEnd.');
  const types = blocks.map(({ token }) => token.type);
  assert.deepEqual(types, ['paragraph', 'footnote', 'footnote', 'paragraph']);
  assert.equal(
    markup(blocks[1] ?? assert.fail()),
    '<p class="footnote"><sup>1</sup> At <em>sea</em> level.</p>',
  );
  assert.match(markup(blocks[0] ?? assert.fail()), /Water<sup class="note-sign">1<\/sup> boils/);
  assert.equal(hasDefinitions('[^1]: At sea level.'), false);
});

const DETAILS = '<details>\n<summary>**Why**</summary>\n\n- one\n- two\n\n</details>\n\nEnd.';

test('a part that can be folded has Markdown in it, also while it is written', () => {
  const [folded, end] = blocksOf(DETAILS);
  const html = '<details><summary><strong>Why</strong></summary><ul>';
  assert.ok(markup(folded ?? assert.fail()).startsWith(html));
  assert.match(markup(folded ?? assert.fail()), /<li>two<\/li>\s*<\/ul>\s*<\/details>$/);
  assert.equal(end?.token.type, 'paragraph');
  const growing = new GrowingBlocks();
  for (let length = 1; length < DETAILS.length; length += 1) growing.read(DETAILS.slice(0, length));
  assert.deepEqual(rawsOf(growing.read(DETAILS)), rawsOf(blocksOf(DETAILS)));
  const nested = `<details>\n${DETAILS}\n</details>`;
  assert.equal(blocksOf(nested).length, 1);
});

test('of HTML only line breaks, indices and keys are rendered', () => {
  const markupOf = (text: string) => blocksOf(text).map(markup).join('');
  assert.equal(markupOf('H<sub>2</sub>O<br/>b'), '<p>H<sub>2</sub>O<br>b</p>');
  assert.equal(
    markupOf('<kbd onclick="x">Ctrl</kbd> & <kbd>a < b</kbd> & <KBD>K</KBD>'),
    '<p><kbd>Ctrl</kbd> &amp; <kbd>a &lt; b</kbd> &amp; <kbd>K</kbd></p>',
  );
  assert.equal(markupOf('<b>x</b> <script>y</script>').includes('<b>'), false);
  assert.equal(markupOf('</details>\n\n<summary>x</summary>').includes('details'), false);
  assert.match(markupOf('| a |\n|---|\n| b<br>c |'), /b<br>c/);
});

test('cells of a table tell how wide they must be, and a line without a language says nothing', () => {
  const table = `| name | long |\n|---|--:|\n| a | ${'word '.repeat(20)}|`;
  const html = blocksOf(table).map(markup).join('');
  assert.match(html, /<td class="short" dir="auto">a</);
  assert.match(html, /<td class="right long" dir="auto">/);
  assert.match(blocksOf('```\nx\n```').map(markup).join(''), /class="code bare one-line"/);
  assert.match(blocksOf('```ts\nx\n```').map(markup).join(''), /<span class="language">ts</);
});

test('code is downloaded under a name with the ending of its language', () => {
  assert.equal(fileNameFor('python'), 'code.py');
  assert.equal(fileNameFor('sql'), 'code.sql');
  assert.equal(fileNameFor(''), 'code.txt');
  assert.equal(fileNameFor('../../x'), 'code.txt');
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
