import { endOfString } from '../../core/json-bytes.ts';

/** One change of a text: the bytes from `start` to `end` are replaced. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Sets members of the top-level object of a JSON text and leaves every other byte alone: numbers
 * keep their digits, members their order, and duplicates stay duplicates.
 * @param json valid JSON whose value is an object
 * @param members values by name; undefined takes a member out
 * @returns the new text in parts, most of them parts of the old one
 */
export function setMembers(json: Buffer, members: Readonly<Record<string, unknown>>): Buffer[] {
  const wanted = new Map(Object.entries(members));
  const edits: Edit[] = [];
  const open = json.indexOf('{');
  let at = skipSpace(json, open + 1);
  const missing = new Map([...wanted].filter(([, value]) => value !== undefined));
  /** Behind the brace, or behind the comma before the member. */
  let memberStart = open + 1;
  let hasOthers = false;
  while (json[at] === QUOTE) {
    const nameEnd = skipString(json, at);
    const name = JSON.parse(json.toString('utf8', at, nameEnd)) as string;
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const end = skipValue(json, start);
    at = skipSpace(json, end);
    const isLast = json[at] !== COMMA;
    const isTakenOut = wanted.has(name) && wanted.get(name) === undefined;
    if (isTakenOut) {
      // With the comma before it, or else the one behind it.
      const from = hasOthers ? memberStart - 1 : memberStart;
      edits.push({ start: from, end: hasOthers || isLast ? at : at + 1, text: '' });
    } else if (wanted.has(name)) {
      edits.push({ start, end, text: JSON.stringify(wanted.get(name)) });
    }
    hasOthers ||= !isTakenOut;
    missing.delete(name);
    if (isLast) break;
    memberStart = at + 1;
    at = skipSpace(json, memberStart);
  }
  const added = [...missing].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const ahead = added.join(',') + (hasOthers && added.length > 0 ? ',' : '');
  return replaced(json, [{ start: open + 1, end: open + 1, text: ahead }, ...edits]);
}

function replaced(json: Buffer, edits: readonly Edit[]): Buffer[] {
  const parts: Buffer[] = [];
  let done = 0;
  for (const { start, end, text } of edits) {
    parts.push(json.subarray(done, start), Buffer.from(text));
    done = end;
  }
  parts.push(json.subarray(done));
  return parts;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}

/** The index behind the closing quote of the string that opens at `from`. */
function skipString(json: Buffer, from: number): number {
  return endOfString(json, from + 1) + 1;
}

function skipValue(json: Buffer, from: number): number {
  const first = json[from];
  if (first === QUOTE) return skipString(json, from);
  if (!isOpening(first)) {
    let at = from;
    while (at < json.length && !endsScalar(json[at])) at += 1;
    return at;
  }
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = skipString(json, at) - 1;
    else if (isOpening(byte)) depth += 1;
    else if (isClosing(byte)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return json.length;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === COMMA || isClosing(byte) || isSpace(byte);
}

/** `[` or `{` */
function isOpening(byte: number | undefined): boolean {
  return byte === 0x5b || byte === 0x7b;
}

/** `]` or `}` */
function isClosing(byte: number | undefined): boolean {
  return byte === 0x5d || byte === 0x7d;
}
