/** Estimates the tokens of a long text from pieces of it, in a time that does not depend on it. */
import { INLINE_CHARACTERS } from '../counting/count-tokens.ts';

const PIECES = 32;
/** Before each piece, so that its first word is not cut. */
const LEAD_CHARACTERS = 16;
const PIECE_CHARACTERS = INLINE_CHARACTERS / PIECES - LEAD_CHARACTERS;
const SEPARATOR = '\n';
/** So many pieces are counted in any case, and no more once the time is over. */
const LEAST_PIECES = 8;
const MOST_MS = 3;

/** What is kept of a text to estimate its tokens: a few kilobytes. */
export interface TextSample {
  readonly characters: number;
  /** The whole text, or pieces with their leads. */
  readonly pieces: readonly string[];
  readonly isWhole: boolean;
}

/**
 * Keeps a text, or pieces from random places, one from each stretch of it.
 * @param random as `Math.random`
 */
export function sampleOf(texts: readonly string[], random = Math.random): TextSample {
  let characters = Math.max(0, texts.length - 1);
  for (const text of texts) characters += text.length;
  if (characters <= INLINE_CHARACTERS) {
    return { characters, pieces: [copied(texts.join(SEPARATOR))], isWhole: true };
  }
  const pieces: string[] = [];
  const stretch = characters / PIECES;
  const last = characters - LEAD_CHARACTERS - PIECE_CHARACTERS;
  const reader = new Reader(texts);
  for (let at = 0; at < PIECES; at += 1) {
    // As likely to begin anywhere, but for the last few characters, which all may be in it.
    const start = Math.min(last, Math.floor((at + random()) * stretch));
    pieces.push(copied(reader.read(start, LEAD_CHARACTERS + PIECE_CHARACTERS)));
  }
  return { characters, pieces, isWhole: false };
}

/**
 * How many tokens the sampled text has, exactly if it is short. A piece has the tokens that it adds
 * to its lead, so that what cutting adds is in both, and the estimate is neither high nor low.
 * @param count counts the tokens of a text
 * @param now as `performance.now`
 */
export function tokensOf(
  { characters, pieces, isWhole }: TextSample,
  count: (text: string) => number,
  now = () => performance.now(),
): number {
  if (isWhole) return count(pieces[0] ?? '');
  const end = now() + MOST_MS;
  let tokens = 0;
  let sampled = 0;
  for (let at = 0; at < PIECES; at += 1) {
    if (at >= LEAST_PIECES && now() > end) break;
    const piece = pieces[spreadOut(at)] ?? '';
    tokens += count(piece) - count(piece.slice(0, LEAD_CHARACTERS));
    sampled += piece.length - LEAD_CHARACTERS;
  }
  return Math.max(1, Math.round((tokens / sampled) * characters));
}

/** The bits of an index in reverse order: however few come first, they are from all over a text. */
function spreadOut(index: number): number {
  let spread = 0;
  for (let bit = 1; bit < PIECES; bit *= 2) spread = spread * 2 + (index & bit ? 1 : 0);
  return spread;
}

/** Reads texts as if they were one, from ascending indexes. */
class Reader {
  readonly #texts: readonly string[];
  #text = 0;
  #start = 0;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  read(from: number, length: number): string {
    while (from > this.#start + this.#at(this.#text).length) {
      this.#start += this.#at(this.#text).length + SEPARATOR.length;
      this.#text += 1;
    }
    let read = this.#at(this.#text).slice(from - this.#start, from - this.#start + length);
    for (let next = this.#text + 1; read.length < length && next < this.#texts.length; next += 1) {
      read += SEPARATOR + this.#at(next).slice(0, length - read.length);
    }
    return read.slice(0, length);
  }

  #at(index: number): string {
    return this.#texts[index] ?? '';
  }
}

/** A slice would keep the whole text in memory. It may begin or end within a character. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
