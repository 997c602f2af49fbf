/**
 * Reads Markdown in bounded time. For some texts Marked needs time that grows with the square of
 * their length, or recurses until the stack is full; a model, or whoever shares a chat, could
 * freeze the page with them. What cannot be read in time is shown as plain text.
 */
import { Lexer, type MarkedOptions, type Token } from 'marked';
import { escaped } from './math.ts';

/** In all for one text, in milliseconds. Texts that people read need a few. */
const BUDGET_MS = 500;
/** Longer texts are read in pieces of about this many characters. */
const PIECE_LENGTH = 20_000;
/** Longest paragraph, heading or cell that is searched for emphasis, links and formulas. */
const MAX_INLINE_LENGTH = 10_000;
/** Most characters in it that could begin or end one. */
const MAX_INLINE_MARKS = 400;
const INLINE_MARKS = /[*_~`[\]$<!\\]/g;

/** Text that is shown as it is, with its line breaks. */
export const plainBlock = {
  name: 'plain',
  renderer: ({ raw }: { readonly raw: string }) => `<p class="plain">${escaped(raw.trim())}</p>`,
};

/** Reads a text into blocks. The `raw` of all blocks together is the text. */
export function lexBounded(text: string, options: MarkedOptions): Token[] {
  const deadlineMs = performance.now() + BUDGET_MS;
  return piecesOf(text.replace(/\r\n?/g, '\n')).flatMap((piece) => {
    try {
      return lex(piece, options, deadlineMs);
    } catch {
      // The stack was full: show only the paragraph at fault as plain text.
      return piece.split(/(?<=\n\n)/).flatMap((part) => lexOrPlain(part, options, deadlineMs));
    }
  });
}

function lexOrPlain(text: string, options: MarkedOptions, deadlineMs: number): Token[] {
  try {
    return lex(text, options, deadlineMs);
  } catch {
    return [plain(text)];
  }
}

function lex(text: string, options: MarkedOptions, deadlineMs: number): Token[] {
  const isTooLate = () => performance.now() > deadlineMs;
  if (isTooLate() || hasLongLine(text)) return [plain(text)];
  const lexer = new Lexer(options);
  const blocks = lexer.blockTokens(text, []);
  for (const { src, tokens } of lexer.inlineQueue) {
    if (isTooLate() || isTooCostly(src)) tokens.push({ type: 'text', raw: src, text: src });
    else lexer.inlineTokens(src, tokens);
  }
  return blocks;
}

function isTooCostly(inline: string): boolean {
  if (inline.length > MAX_INLINE_LENGTH) return true;
  return (
    inline.length > MAX_INLINE_MARKS && (inline.match(INLINE_MARKS)?.length ?? 0) > MAX_INLINE_MARKS
  );
}

/** A line of code may be long; any other has nothing that a reader could use. */
function hasLongLine(text: string): boolean {
  if (text.length <= PIECE_LENGTH || FENCE.test(text)) return false;
  return text.split('\n').some(({ length }) => length > PIECE_LENGTH);
}

function plain(raw: string): Token {
  return { type: 'plain', raw };
}

/** The beginning or the end of a block of code. */
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/m;
/** A line that may go on with what is above a blank line: of a list, or indented. */
const CONTINUES = /^(?:\s|[-+*]\s|\d{1,9}[.)]\s)/;

/** Cuts a long text between blocks, or between lines if it has a block that is too long. */
function piecesOf(text: string): string[] {
  if (text.length <= PIECE_LENGTH) return [text];
  const pieces: string[] = [];
  let start = 0;
  let isCode = false;
  let isAfterBlank = false;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, end);
    const length = at - start;
    const isBetweenBlocks = isAfterBlank && !CONTINUES.test(line);
    const isFull = length > PIECE_LENGTH || (length > PIECE_LENGTH / 2 && isBetweenBlocks);
    if (isFull && !isCode) {
      pieces.push(text.slice(start, at));
      start = at;
    }
    if (FENCE.test(line)) isCode = !isCode;
    isAfterBlank = line.trim() === '';
    at = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}
