/** Renders Markdown as sanitized HTML: what a model writes is not trusted. */
import DOMPurify from 'dompurify';
import { Marked, type Token, type Tokens } from 'marked';
import { lexBounded, plainBlock } from './bounded-lexer.ts';
import { escaped, mathBlock, mathInline } from './math.ts';
import { detailsBlock, footnoteBlock, footnoteSign, safeHtml, safeRawText } from './safe-html.ts';

/** A part of a reply between blank lines, such as a paragraph, a list or a block of code. */
export interface Block {
  readonly raw: string;
  readonly token: Token;
}

const LINKS = /^(https?:|mailto:)/i;
/** Up to this many characters a cell of a table is one line, whatever else is in its row. */
const SHORT_CELL = 16;
/** From this many on it has room for several words in a line. */
const LONG_CELL = 48;

const marked = new Marked({
  gfm: true,
  extensions: [mathBlock, mathInline, plainBlock, detailsBlock, footnoteBlock, footnoteSign],
  renderer: {
    // A heading in a quotation or a list is not part of the page's outline.
    heading(token) {
      const { tokens, depth, level } = token as Tokens.Heading & Partial<Level>;
      const tag = level === undefined ? 'p' : `h${level}`;
      return `<${tag} class="heading depth-${depth}">${this.parser.parseInline(tokens)}</${tag}>`;
    },
    listitem(item) {
      const kind = item.task ? ' class="task"' : '';
      return `<li${kind}>${this.parser.parse(item.tokens)}</li>`;
    },
    // Nobody can tick it, so it is not a control. U+FE0E asks for the text form, not an emoji.
    checkbox: ({ checked }) => `${checked ? '☑' : '☐'}\uFE0E `,
    code({ text, lang = '' }) {
      const language = /^[\w+#.-]+/.exec(lang)?.[0] ?? '';
      // A line without a language has nothing to say: its buttons stand beside the code.
      const kind = language === '' ? 'code bare' : 'code';
      const size = text.includes('\n') ? '' : ' one-line';
      const name = language === '' ? '' : `<span class="language">${escaped(language)}</span>`;
      const head = `<div class="code-head" data-language="${escaped(language)}">${name}</div>`;
      const body = `<code data-language="${escaped(language)}">${escaped(text)}</code>`;
      const pre = `<pre tabindex="0">${body}</pre>`;
      return `<div class="${kind}${size}" dir="ltr">${head}${pre}</div>`;
    },
    codespan: ({ text }) => `<code dir="ltr">${escaped(text)}</code>`,
    table(token) {
      const row = (cells: Tokens.TableCell[], tag: string) =>
        `<tr>${cells
          .map((it) => {
            const words = this.parser.parseInline(it.tokens);
            return `<${tag} class="${cellClass(it)}" dir="auto">${words}</${tag}>`;
          })
          .join('')}</tr>`;
      const head = row(token.header, 'th');
      const body = token.rows.map((it) => row(it, 'td')).join('');
      const table = `<table><thead>${head}</thead><tbody>${body}</tbody></table>`;
      return `<div class="table" tabindex="0">${table}</div>`;
    },
    // An image would tell its host who reads what, so it becomes a link.
    image: ({ href, text }) => linkTo(href, escaped(text || href)),
    link(token) {
      return linkTo(token.href, this.parser.parseInline(token.tokens));
    },
    html: ({ text }) => safeHtml(text),
    // Marked takes text within <kbd> for HTML, and leaves it as it is.
    text: (token) => ('escaped' in token && token.escaped ? safeRawText(token.text) : false),
  },
});

/** Whether a text has link reference definitions. */
export function hasDefinitions(text: string): boolean {
  return /^ {0,3}\[(?!\^)[^\]]+\]:/m.test(text);
}

/** The blocks of a complete text. */
export function blocksOf(text: string): Block[] {
  const outline: number[] = [];
  return lexBounded(text, marked.defaults)
    .filter(isShown)
    .map((token) => blockOf(token, outline));
}

/**
 * The blocks of a growing text. Complete blocks are not parsed again, so that each new word of a
 * long reply costs no more than one of a short reply.
 */
export class GrowingBlocks {
  #complete: Block[] = [];
  #completeLength = 0;
  #last: Block[] = [];
  readonly #outline: number[] = [];
  #lastText = '';

  /** @param text must begin with the text of the last call */
  read(text: string): readonly Block[] {
    const tail = text.slice(this.#completeLength);
    if (tail === this.#lastText) return [...this.#complete, ...this.#last];
    const tokens = lexBounded(tail, marked.defaults);
    let done = 0;
    for (const token of tokens.slice(0, -1)) {
      done += token.raw.length;
      if (isShown(token)) this.#complete.push(blockOf(token, this.#outline));
    }
    this.#completeLength += done;
    const last = tokens.at(-1);
    this.#last = last && isShown(last) ? [blockOf(last, [...this.#outline])] : [];
    this.#lastText = text.slice(this.#completeLength);
    return [...this.#complete, ...this.#last];
  }
}

interface Level {
  /** From 3 to 6: the page's title and the speakers are h1 and h2. */
  readonly level: number;
}

/**
 * A block; a heading gets a level that skips none, whatever level the reply begins with.
 * @param outline depths of the headings above the block; a heading is added
 */
function blockOf(token: Token, outline: number[]): Block {
  if (token.type !== 'heading') return { raw: token.raw, token };
  while ((outline.at(-1) ?? 0) >= token.depth) outline.pop();
  outline.push(token.depth);
  const level = Math.min(6, 2 + outline.length);
  return { raw: token.raw, token: Object.assign(token, { level } satisfies Level) };
}

/** Whether a block may become a table with the next words, so that it is not shown yet. */
export function mayBecomeTable({ raw }: Block): boolean {
  return /^ {0,3}\|[^\n]*(\n[ |:-]*)?$/.test(raw);
}

function isShown({ type }: Token): boolean {
  return type !== 'space' && type !== 'def';
}

/** A block as HTML without scripts, forms, styles or embedded content. */
export function htmlOf(block: Block): string {
  return DOMPurify.sanitize(markup(block), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'img', 'picture', 'video', 'audio', 'source'],
    FORBID_ATTR: ['style', 'id', 'name', 'srcset', 'action'],
    ADD_ATTR: ['target'],
  });
}

/** A block as HTML that is not sanitized yet. */
export function markup({ token, raw }: Block): string {
  try {
    return marked.parser([token]).trim();
  } catch {
    // Too deeply nested for the stack.
    return plainBlock.renderer({ raw });
  }
}

/** Wide tables scroll before their cells are narrower than what is in them can bear. */
function cellClass({ align, text }: Tokens.TableCell): string {
  const length = text.length > LONG_CELL ? 'long' : text.length <= SHORT_CELL ? 'short' : '';
  return [align ?? '', length].filter((it) => it !== '').join(' ');
}

function linkTo(href: string, label: string): string {
  if (!LINKS.test(href)) return label;
  return `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}
