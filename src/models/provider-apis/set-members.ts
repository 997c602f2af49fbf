/** One change of a text: the characters from `start` to `end` are replaced. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const WHITESPACE = new Set([' ', '\t', '\n', '\r']);

/**
 * Sets members of the top-level object of a JSON text and leaves every other character alone:
 * numbers keep their digits, members their order, and duplicates stay duplicates.
 * @param json valid JSON whose value is an object
 * @param members values by name; undefined changes nothing
 */
export function setMembers(json: string, members: Readonly<Record<string, unknown>>): string {
  const wanted = new Map(Object.entries(members).filter(([, value]) => value !== undefined));
  const edits: Edit[] = [];
  const open = json.indexOf('{');
  let at = skipSpace(json, open + 1);
  const isEmpty = json[at] === '}';
  const missing = new Map(wanted);
  while (json[at] === '"') {
    const nameEnd = skipString(json, at);
    const name = JSON.parse(json.slice(at, nameEnd)) as string;
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const end = skipValue(json, start);
    if (wanted.has(name)) edits.push({ start, end, text: JSON.stringify(wanted.get(name)) });
    missing.delete(name);
    at = skipSpace(json, end);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  const added = [...missing].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const ahead = added.join(',') + (isEmpty || added.length === 0 ? '' : ',');
  let result = json.slice(0, open + 1) + ahead;
  let done = open + 1;
  for (const { start, end, text } of edits) {
    result += json.slice(done, start) + text;
    done = end;
  }
  return result + json.slice(done);
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (WHITESPACE.has(json[at] ?? '')) at += 1;
  return at;
}

/** The index behind the closing quote of the string that opens at `from`. */
function skipString(json: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    const end = json.indexOf('"', at);
    let slashes = 0;
    while (json[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
    at = end;
  }
}

function skipValue(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return skipString(json, from);
  if (first !== '{' && first !== '[') {
    let at = from;
    while (!/[,}\]\s]/.test(json[at] ?? ',')) at += 1;
    return at;
  }
  let depth = 0;
  for (let at = from; ; at += 1) {
    const character = json[at];
    if (character === '"') at = skipString(json, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
}
