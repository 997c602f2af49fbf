/** A pasted list of users and tokens, as people and spreadsheets write one. */

/** As many as the server takes at once. */
export const MOST_SHARES = 10_000;
const MOST_DIGITS = 15;

/** Somebody, what they get or lose, and the line that says so, counted from 1. */
export interface PastedShare {
  readonly username: string;
  readonly tokens: number;
  readonly line: number;
}

/** A line that says nothing that could be booked, and why. */
export interface LineFault {
  readonly line: number;
  readonly fault: 'no_number' | 'ambiguous' | 'too_large';
  /** What stands where a number would be. */
  readonly text: string;
}

/** `1000`, or in groups of three with the same mark between all of them: `1,000`, `1 000`. */
const DIGITS = String.raw`\d+|[1-9]\d{0,2}(?<mark>[,.'’ \u00a0\u202f])\d{3}(?:\k<mark>\d{3})*`;
const AMOUNT = String.raw`(?<quote>"?)(?<sign>[+\-−]?)(?<digits>${DIGITS})\k<quote>`;
const LINE = new RegExp(String.raw`^(?<name>.*?\S)(?<gap>[\s,;]+)${AMOUNT}$`);
/** What columns are called, in the languages of the panel. */
const NAMES = 'users?|user ?name|name|login|account|benutzer|benutzername|konto';
const AMOUNTS = 'tokens?|credits?|amount|balance|betrag|guthaben';
const HEADING = new RegExp(String.raw`^"?(${NAMES})"?[\s,;]+"?(${AMOUNTS})"?$`, 'i');

/** Reads a list, a user a line. Empty lines and a heading say nothing. */
export function readPasted(text: string): { shares: PastedShare[]; faults: LineFault[] } {
  const shares: PastedShare[] = [];
  const faults: LineFault[] = [];
  let isFirst = true;
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (line === '') continue;
    const isHeading = isFirst && HEADING.test(line);
    isFirst = false;
    if (isHeading) continue;
    const read = readLine(line);
    if ('fault' in read) faults.push({ line: index + 1, ...read });
    else shares.push({ line: index + 1, ...read });
  }
  return { shares, faults };
}

function readLine(line: string): Omit<PastedShare, 'line'> | Omit<LineFault, 'line'> {
  const { name, gap = '', quote, sign, digits, mark } = LINE.exec(line)?.groups ?? {};
  if (name === undefined || digits === undefined) return { fault: 'no_number', text: line };
  // `ada,1,000` may be ada with 1,000, or a table with one column more; `ada 10,50` a fraction.
  const isOfCommas = quote === '' && gap === ',' && (mark === ',' || /\s[+\-−]?\d+$/.test(name));
  if (isOfCommas) return { fault: 'ambiguous', text: digits };
  const plain = digits.replace(/\D/g, '');
  if (plain.replace(/^0+/, '').length > MOST_DIGITS) return { fault: 'too_large', text: digits };
  const tokens = Number(plain) * (sign === '' || sign === '+' ? 1 : -1);
  return { username: unquoted(name), tokens };
}

function unquoted(name: string): string {
  return /^".+"$/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** The same list with another number of tokens for everybody. */
export function withTokens(text: string, tokens: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line, index) => line !== '' && !(index === 0 && HEADING.test(line)))
    .map((line) => `${nameIn(line)} ${tokens}`)
    .join('\n');
}

function nameIn(line: string): string {
  const { name = line } = LINE.exec(line)?.groups ?? {};
  return name.replace(/[\s,;]+[+\-−]?$/, '');
}
