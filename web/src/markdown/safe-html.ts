/**
 * The little HTML that models write in Markdown: line breaks, indices, keys and foldable parts, and
 * footnotes. Any other tag is shown as the text that it is.
 */
import type { Token, TokenizerThis, Tokens } from 'marked';
import { escaped } from './math.ts';

const TAGS = /<(\/?)(br|sub|sup|kbd|details|summary)(?:\s[^<>]{0,200})?\/?>/gi;
const OPENING = /^ {0,3}<details(\s+open)?(?:\s[^<>]{0,200})?>[ \t]*\n?/i;
const DETAILS_TAGS = /<(\/?)details\b[^<>]*>/gi;
const SUMMARY = /^\s*<summary>([\s\S]{0,2000}?)<\/summary>/i;
const NOTE =
  /^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*([^\n]*(?:\n(?![ \t]*\n| {0,3}\[\^)[^\n]+)*)(?:\n+|$)/;
/** Marked asks once for each paragraph where the next block may begin; longer ones have none. */
const MAX_PARAGRAPH = 2_000;

/** HTML of a model with the few tags that are allowed, without their attributes; else escaped. */
export function safeHtml(html: string): string {
  let safe = '';
  let at = 0;
  for (const { 0: tag, 1: slash, 2: name = '', index } of html.matchAll(TAGS)) {
    safe += escaped(html.slice(at, index)) + tagOf(name.toLowerCase(), slash === '/');
    at = index + tag.length;
  }
  return safe + escaped(html.slice(at));
}

/** Text within `<kbd>`, which Marked takes for HTML: entities stay, and nothing is a tag. */
export function safeRawText(text: string): string {
  return text
    .replace(/&(?!#?\w{1,32};)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function tagOf(name: string, isEnd: boolean): string {
  if (name === 'br') return '<br>';
  // What is left of a part that was cut in two.
  if (name === 'details' || name === 'summary') return '';
  return isEnd ? `</${name}>` : `<${name}>`;
}

interface Details extends Tokens.Generic {
  readonly isOpen: boolean;
  readonly summary: Token[];
  readonly tokens: Token[];
}

/** A part that can be folded, with Markdown in it; while it is written it has no end. */
export const detailsBlock = {
  name: 'details',
  level: 'block' as const,
  start: (source: string) => startOf(source, / {0,3}<details/gi),
  tokenizer(this: TokenizerThis, source: string): Details | undefined {
    const [opening, open] = OPENING.exec(source) ?? [];
    if (opening === undefined) return undefined;
    const { innerEnd, end } = endOfDetails(source, opening.length);
    const inner = source.slice(opening.length, innerEnd);
    const [whole = '', words = ''] = SUMMARY.exec(inner) ?? [];
    const summary: Token[] = [];
    this.lexer.inline(words.trim(), summary);
    const tokens = this.lexer.blockTokens(inner.slice(whole.length), []);
    const isOpen = open !== undefined;
    return { type: 'details', raw: source.slice(0, end), isOpen, summary, tokens };
  },
  renderer(this: { parser: Parsing }, token: Tokens.Generic) {
    const { isOpen, summary, tokens } = token as Details;
    const words = summary.length === 0 ? '…' : this.parser.parseInline(summary);
    const body = this.parser.parse(tokens);
    return `<details${isOpen ? ' open' : ''}><summary>${words}</summary>${body}</details>`;
  },
};

interface Parsing {
  parse(tokens: Token[]): string;
  parseInline(tokens: Token[]): string;
}

/** Where the content of a part ends, and the part itself. */
function endOfDetails(source: string, from: number): { innerEnd: number; end: number } {
  let depth = 1;
  DETAILS_TAGS.lastIndex = from;
  for (let tag = DETAILS_TAGS.exec(source); tag; tag = DETAILS_TAGS.exec(source)) {
    depth += tag[1] === '/' ? -1 : 1;
    if (depth > 0) continue;
    const end = tag.index + tag[0].length;
    const blank = /^[ \t]*\n*/.exec(source.slice(end, end + MAX_PARAGRAPH))?.[0].length ?? 0;
    return { innerEnd: tag.index, end: end + blank };
  }
  return { innerEnd: source.length, end: source.length };
}

/** The text of a footnote, shown where it stands. */
export const footnoteBlock = {
  name: 'footnote',
  level: 'block' as const,
  start: (source: string) => startOf(source, / {0,3}\[\^[^\]\s]{1,40}\]:/g),
  tokenizer(this: TokenizerThis, source: string): Tokens.Generic | undefined {
    const match = NOTE.exec(source);
    if (!match) return undefined;
    const [raw, label = '', words = ''] = match;
    const tokens: Token[] = [];
    this.lexer.inline(words, tokens);
    return { type: 'footnote', raw, label, tokens };
  },
  renderer(this: { parser: Parsing }, { label, tokens = [] }: Tokens.Generic) {
    const words = this.parser.parseInline(tokens);
    return `<p class="footnote"><sup>${escaped(String(label))}</sup> ${words}</p>`;
  },
};

/** The sign of a footnote in a sentence. */
export const footnoteSign = {
  name: 'footnoteSign',
  level: 'inline' as const,
  start: (source: string) => {
    const index = source.indexOf('[^');
    return index === -1 ? undefined : index;
  },
  tokenizer(source: string): Tokens.Generic | undefined {
    const match = /^\[\^([^\]\s]{1,40})\]/.exec(source);
    return match ? { type: 'footnoteSign', raw: match[0], text: match[1] } : undefined;
  },
  renderer: ({ text }: Tokens.Generic) => `<sup class="note-sign">${escaped(String(text))}</sup>`,
};

/** Where a block begins at the start of a line of the first paragraph. */
function startOf(source: string, pattern: RegExp): number | undefined {
  const end = source.indexOf('\n\n');
  const paragraph = source.slice(0, end === -1 ? MAX_PARAGRAPH : Math.min(end, MAX_PARAGRAPH));
  for (const { index } of paragraph.matchAll(pattern)) {
    if (index > 0 && paragraph[index - 1] === '\n') return index;
  }
  return undefined;
}
