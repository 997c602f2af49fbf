/**
 * Finds a member that an object of a JSON text has twice. RFC 8259, section 4: some parsers take
 * the first of them and some the last, so what Chit reads need not be what a provider reads.
 */
import { ChitError } from '../../core/errors.ts';
import { endOfString } from '../../core/json-bytes.ts';
import { MAX_PATH_LENGTH } from './inspection.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;

const MEANS_SOMETHING = new Uint8Array(256);
for (const character of '"[]{},') MEANS_SOMETHING[character.charCodeAt(0)] = 1;

/**
 * Names with escapes have to be decoded, which takes ten times as long as comparing them. Real
 * bodies have a few kilobytes of them.
 */
const MAX_ESCAPED_BYTES = 262_144;

/** An object or a list that is open. */
interface Level {
  isObject: boolean;
  /** The names so far, or nothing for a list. */
  readonly names: Set<string>;
  /** The last name; of a list, the index of the current value. */
  name: string;
  index: number;
}

/** Used again for each text, since most are short. */
const LEVELS: Level[] = [];

/**
 * Reads each byte once, and strings faster than that.
 * @param json valid JSON that is not too deep
 * @returns the path of the first member that comes a second time, such as `messages[0].role`;
 *   undefined if none does
 * @throws ChitError `member_invalid` if there are more names with escapes than can be compared
 */
export function repeatedMember(json: Buffer): string | undefined {
  try {
    return firstRepeated(json);
  } finally {
    for (const { names } of LEVELS) if (names.size > 0) names.clear();
  }
}

function firstRepeated(json: Buffer): string | undefined {
  let depth = -1;
  let isNameNext = false;
  let escapedBytes = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (MEANS_SOMETHING[byte] === 0) continue;
    if (byte === QUOTE) {
      const end = endOfString(json, at + 1);
      if (isNameNext) {
        isNameNext = false;
        const level = LEVELS[depth] as Level;
        const bytes = json.toString('latin1', at + 1, end);
        const isEscaped = bytes.includes('\\');
        if (isEscaped) escapedBytes += bytes.length;
        if (escapedBytes > MAX_ESCAPED_BYTES) throw tooManyEscapes();
        level.name = isEscaped ? decoded(json, at, end + 1) : bytes;
        if (level.names.has(level.name)) return pathOf(LEVELS.slice(0, depth + 1));
        level.names.add(level.name);
      }
      at = end;
    } else if (byte === COMMA) {
      const level = LEVELS[depth] as Level;
      isNameNext = level.isObject;
      level.index += 1;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1;
      isNameNext = byte === OPENING_BRACE;
      open(depth, isNameNext);
    } else {
      depth -= 1;
      isNameNext = false;
    }
  }
  return undefined;
}

function open(depth: number, isObject: boolean): void {
  const level = LEVELS[depth];
  if (!level) {
    LEVELS.push({ isObject, names: new Set(), name: '', index: 0 });
    return;
  }
  level.isObject = isObject;
  level.index = 0;
  if (level.names.size > 0) level.names.clear();
}

/** A name as its bytes, one character each, which tells names apart as well as its characters. */
function decoded(json: Buffer, start: number, end: number): string {
  const name = JSON.parse(json.toString('utf8', start, end)) as string;
  return Buffer.from(name).toString('latin1');
}

function tooManyEscapes(): ChitError<'member_invalid'> {
  const expected = 'written with fewer escapes in the names of its members';
  return new ChitError('member_invalid', { member: 'body', expected });
}

function pathOf(levels: readonly Level[]): string {
  const steps = levels.map(({ isObject, name, index }) =>
    isObject ? `.${Buffer.from(name, 'latin1').toString('utf8')}` : `[${index}]`,
  );
  return steps.join('').replace(/^\./, '').slice(0, MAX_PATH_LENGTH);
}
