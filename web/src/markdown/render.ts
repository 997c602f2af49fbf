/** Markdown as HTML that can do nothing: what a model writes is not to be trusted. */
import DOMPurify from 'dompurify';
import { Marked, type Token, type Tokens } from 'marked';

/** A part of a reply between blank lines, such as a paragraph, a list or a block of code. */
export interface Block {
  readonly raw: string;
  readonly token: Token;
}

const LINKS = /^(https?:|mailto:)/i;

const mathBlock = {
  name: 'mathBlock',
  level: 'block' as const,
  start: (source: string) => source.match(/^\$\$/m)?.index,
  tokenizer(source: string) {
    const match = /^\$\$\s*\n?([\s\S]+?)\n?\s*\$\$(?:\n|$)/.exec(source);
    return match ? { type: 'mathBlock', raw: match[0], text: match[1] } : undefined;
  },
  renderer: ({ text }: Tokens.Generic) => `<p class="math block">${escaped(String(text))}</p>`,
};
const mathInline = {
  name: 'mathInline',
  level: 'inline' as const,
  start: (source: string) => source.indexOf('$'),
  tokenizer(source: string) {
    // A space inside, or a digit behind, makes it a sum of money.
    const match = /^\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\d)/.exec(source);
    return match ? { type: 'mathInline', raw: match[0], text: match[1] } : undefined;
  },
  renderer: ({ text }: Tokens.Generic) => `<span class="math">${escaped(String(text))}</span>`,
};

const marked = new Marked({
  gfm: true,
  extensions: [mathBlock, mathInline],
  renderer: {
    code({ text, lang = '' }) {
      const language = /^[\w+#.-]+/.exec(lang)?.[0] ?? '';
      const head = `<span>${escaped(language)}</span><button type="button" class="copy"></button>`;
      const body = `<code data-language="${escaped(language)}">${escaped(text)}</code>`;
      return `<div class="code"><div class="code-head">${head}</div><pre>${body}</pre></div>`;
    },
    table(token) {
      const row = (cells: Tokens.TableCell[], tag: string) =>
        `<tr>${cells
          .map((it) => {
            const align = it.align ? ` class="${it.align}"` : '';
            return `<${tag}${align}>${this.parser.parseInline(it.tokens)}</${tag}>`;
          })
          .join('')}</tr>`;
      const head = row(token.header, 'th');
      const body = token.rows.map((it) => row(it, 'td')).join('');
      const table = `<table><thead>${head}</thead><tbody>${body}</tbody></table>`;
      return `<div class="table" tabindex="0">${table}</div>`;
    },
    // Another host would learn who reads what, so a picture is a link to it.
    image: ({ href, text }) => linkTo(href, escaped(text || href)),
    link(token) {
      return linkTo(token.href, this.parser.parseInline(token.tokens));
    },
    html: ({ text }) => escaped(text),
  },
});

/** Whether a link somewhere in a text may be explained elsewhere in it. */
export function hasDefinitions(text: string): boolean {
  return /^ {0,3}\[[^\]]+\]:/m.test(text);
}

/** The blocks of a text; its last one may go on. */
export function blocksOf(text: string): Block[] {
  const tokens = marked.lexer(text);
  return tokens.filter(isShown).map((token) => ({ raw: token.raw, token }));
}

/**
 * The blocks of a text that grows. What is complete is not read again, so that a long reply takes
 * no more time with each word than a short one.
 */
export class GrowingBlocks {
  #complete: Block[] = [];
  #completeLength = 0;
  #last: Block[] = [];
  #lastText = '';

  /** @param text begins with what it was the last time */
  read(text: string): readonly Block[] {
    const tail = text.slice(this.#completeLength);
    if (tail === this.#lastText) return [...this.#complete, ...this.#last];
    const tokens = marked.lexer(tail);
    let done = 0;
    for (const token of tokens.slice(0, -1)) {
      done += token.raw.length;
      if (isShown(token)) this.#complete.push({ raw: token.raw, token });
    }
    this.#completeLength += done;
    const last = tokens.at(-1);
    this.#last = last && isShown(last) ? [{ raw: last.raw, token: last }] : [];
    this.#lastText = text.slice(this.#completeLength);
    return [...this.#complete, ...this.#last];
  }
}

function isShown({ type }: Token): boolean {
  return type !== 'space' && type !== 'def';
}

/** A block as HTML in which nothing is left that could do anything. */
export function htmlOf({ token }: Block): string {
  const html = marked.parser([token]);
  return DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'img', 'picture', 'video', 'audio', 'source'],
    FORBID_ATTR: ['style', 'id', 'name', 'srcset', 'action'],
    ADD_ATTR: ['target'],
  });
}

function linkTo(href: string, label: string): string {
  if (!LINKS.test(href)) return label;
  return `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
