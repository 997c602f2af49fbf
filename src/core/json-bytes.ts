/**
 * Reads the bytes of a JSON text (RFC 8259) without parsing it, to bound what parsing will cost: in
 * `[[],[],…]` each three bytes become an object of a hundred.
 */
import { isEncodedData } from './encoded-data.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;

/** Far deeper than any real body, and far less than would overflow the stack. */
export const MAX_JSON_DEPTH = 100;
/** Text takes milliseconds per megabyte; a million model tokens are about half of this. */
export const MAX_JSON_TEXT_BYTES = 8_388_608;
/** Parsing and reading so much takes about 25 ms, whatever it consists of. */
const MAX_COST = 500_000;
/** What the parts of a value cost, relative to a number in a list. */
const COST = { comma: 1, container: 4, string: 4, member: 12 } as const;

/** Whether a byte means anything outside of a string, as the members of lists and objects do. */
const MEANS_SOMETHING = new Uint8Array(256);
for (const character of '"[]{},:') MEANS_SOMETHING[character.charCodeAt(0)] = 1;

/** Longer encoded data is shortened for parsing. */
const LONG_DATA_BYTES = 4_096;
/** Enough of it to be recognized. */
const DATA_START_BYTES = 2_000;
/** Within short strings, a loop is faster than a search. */
const LOOP_BYTES = 64;

/** Why a JSON text is not parsed. */
export type JsonFault = 'too_deep' | 'too_many_values' | 'too_long';

/** A part of a text that parsing can do without. */
interface Cut {
  readonly start: number;
  readonly end: number;
}

/**
 * Checks what parsing a JSON text would cost. Whether it is valid only parsing tells.
 * @param options.shortensData whether to leave out most of images, documents and the like
 * @returns the text to parse, or why it should not be parsed
 */
export function boundedJson(
  json: Buffer,
  options: { readonly shortensData: boolean },
): Buffer | JsonFault {
  const shortensData = options.shortensData && json.length > LONG_DATA_BYTES;
  const cuts: Cut[] = [];
  let lastTextByte = MAX_JSON_TEXT_BYTES;
  let cost = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    // What is still to come may be data, but what was read is text.
    if (at > lastTextByte) return 'too_long';
    if (MEANS_SOMETHING[byte] === 0) continue;
    if (byte === QUOTE) {
      cost += COST.string;
      const dataStart = shortensData ? startOfData(json, at + 1) : undefined;
      const end = endOfString(json, at + 1);
      if (dataStart !== undefined && end > dataStart) {
        cuts.push({ start: dataStart, end });
        lastTextByte += end - dataStart;
      }
      at = end;
    } else if (byte === COMMA) cost += COST.comma;
    else if (byte === COLON) cost += COST.member;
    // `[` and `{`, `]` and `}` differ in this bit.
    else if ((byte | 0x20) === 0x7b) {
      depth += 1;
      cost += COST.container;
      if (depth > MAX_JSON_DEPTH) return 'too_deep';
    } else if ((byte | 0x20) === 0x7d) depth -= 1;
    if (cost > MAX_COST) return 'too_many_values';
  }
  if (json.length - 1 > lastTextByte) return 'too_long';
  return cuts.length === 0 ? json : without(json, cuts);
}

/**
 * The index of the quote that ends a string, or the length of the text if none does.
 * @param from the index behind the quote that opens it
 */
export function endOfString(json: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const near = Math.min(at + LOOP_BYTES, json.length);
    for (; at < near; at += 1) {
      const byte = json[at];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at += 1;
    }
    if (at >= json.length) return json.length;
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) return json.length;
    let slashes = 0;
    while (quote - slashes > at && json[quote - slashes - 1] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

/** The index behind the first part of encoded data; undefined if a string is none, or is short. */
function startOfData(json: Buffer, from: number): number | undefined {
  if (json.length - from < LONG_DATA_BYTES) return undefined;
  let at = from;
  while (at - from < DATA_START_BYTES) {
    const byte = json[at];
    if (byte === QUOTE || byte === undefined) return undefined;
    const escapeBytes = json[at + 1] === SMALL_U ? 6 : 2;
    at += byte === BACKSLASH ? escapeBytes : 1;
  }
  // Not within a character of several bytes.
  while (((json[at] ?? 0) & 0xc0) === 0x80) at += 1;
  const start = json.toString('utf8', from, at);
  return isEncodedData(start.replaceAll('\\/', '/')) ? at : undefined;
}

function without(json: Buffer, cuts: readonly Cut[]): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (const { start, end } of cuts) {
    parts.push(json.subarray(done, start));
    done = end;
  }
  parts.push(json.subarray(done));
  return Buffer.concat(parts);
}
