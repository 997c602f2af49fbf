/**
 * Reads the bytes of a JSON text (RFC 8259) without parsing it, to bound what parsing will cost: in
 * `[[],[],…]` each three bytes become an object of a hundred.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

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

/** Longer strings are shortened for parsing, if they may be files. */
const LONG_STRING_BYTES = 4_096;
/** So much of them is kept, which tells what they are. */
const KEPT_BYTES = 256;
/** Names of the members that files stand in; whether one does, its place tells. */
const FILE_MEMBERS: ReadonlySet<string> = new Set([
  'url',
  'image_url',
  'data',
  'file_data',
  'result',
]);
const LONGEST_FILE_MEMBER = 9;
/** Ends what is kept of a string, before its number. */
const MARK = '\u0000';
const LONG_STRING_NUMBER = /^\d{1,6}$/;

/** Within short strings, a loop is faster than a search. */
const LOOP_BYTES = 64;

/** Why a JSON text is not parsed. */
export type JsonFault = 'too_deep' | 'too_many_values' | 'too_long';

/** A string of a JSON text, by the indexes of its first byte and of its closing quote. */
export interface LongString {
  readonly start: number;
  readonly end: number;
}

/** A text that may be parsed. */
export interface BoundedJson {
  readonly json: Buffer;
  /** The strings of which `json` has only the beginning; see `lengthBeforeMark`. */
  readonly longStrings: readonly LongString[];
}

/**
 * Checks what parsing a JSON text would cost. Whether it is valid only parsing tells.
 * @param options.shortensFiles whether to leave out most of long strings in members that may have
 *   files
 * @returns the text to parse, or why it should not be parsed
 */
export function boundedJson(
  json: Buffer,
  options: { readonly shortensFiles: boolean },
): BoundedJson | JsonFault {
  const shortensFiles = options.shortensFiles && json.length > LONG_STRING_BYTES;
  const longStrings: LongString[] = [];
  let lastTextByte = MAX_JSON_TEXT_BYTES;
  let cost = 0;
  let depth = 0;
  /** The last string, and whether a colon was the last that meant something. */
  let lastStart = 0;
  let lastEnd = 0;
  let isMember = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    // What is still to come may be a file, but what was read is text.
    if (at > lastTextByte) return 'too_long';
    if (MEANS_SOMETHING[byte] === 0) continue;
    if (byte === QUOTE) {
      cost += COST.string;
      const end = endOfString(json, at + 1);
      if (shortensFiles) {
        if (isMember && end - at > LONG_STRING_BYTES && isFileMember(json, lastStart, lastEnd)) {
          longStrings.push({ start: at + 1, end });
          lastTextByte += end - at;
        }
        lastStart = at + 1;
        lastEnd = end;
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
    isMember = byte === COLON;
    if (cost > MAX_COST) return 'too_many_values';
  }
  if (json.length - 1 > lastTextByte) return 'too_long';
  return { json: shortened(json, longStrings), longStrings };
}

/**
 * How much of a parsed string stands before the mark of those that were shortened.
 * @returns undefined if it has none: it was parsed as a whole
 */
export function lengthBeforeMark(text: string): number | undefined {
  const mark = text.length > KEPT_BYTES + 8 ? -1 : text.lastIndexOf(MARK);
  return mark !== -1 && LONG_STRING_NUMBER.test(text.slice(mark + 1)) ? mark : undefined;
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

function isFileMember(json: Buffer, start: number, end: number): boolean {
  if (end - start > LONGEST_FILE_MEMBER) return false;
  return FILE_MEMBERS.has(json.toString('latin1', start, end));
}

/** Each long string becomes its beginning, the mark, and its number. */
function shortened(json: Buffer, longStrings: readonly LongString[]): Buffer {
  if (longStrings.length === 0) return json;
  const parts: Buffer[] = [];
  let done = 0;
  longStrings.forEach(({ start, end }, index) => {
    parts.push(json.subarray(done, keptEnd(json, start)), Buffer.from(`\\u0000${index}`));
    done = end;
  });
  parts.push(json.subarray(done));
  return Buffer.concat(parts);
}

/** The end of what is kept, neither within an escape sequence nor within a character. */
function keptEnd(json: Buffer, start: number): number {
  let end = start + KEPT_BYTES;
  // An escape sequence has six bytes at most, and a character four.
  const slash = json.subarray(0, end).lastIndexOf(BACKSLASH);
  if (slash >= end - 5 && slash >= start) end = firstSlash(json, slash, start);
  while (((json[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

/** The first of the backslashes that end at an index: the string is cut before all of them. */
function firstSlash(json: Buffer, slash: number, start: number): number {
  let first = slash;
  while (first > start && json[first - 1] === BACKSLASH) first -= 1;
  return first;
}
