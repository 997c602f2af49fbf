/** Parses a pasted list of users and tokens, as people and spreadsheets write it. */

/** The most that the server accepts at once. */
export const MAX_GRANTS = 10_000;
const MAX_DIGITS = 15;

/** One user's tokens, and the number of the line, counted from 1. */
export interface PastedGrant {
  readonly username: string;
  readonly tokens: number;
  readonly line: number;
}

/** A line that cannot be applied, and why. */
export interface LineFault {
  readonly line: number;
  readonly fault: 'no_number' | 'ambiguous' | 'too_large';
  /** What was found in place of the number. */
  readonly text: string;
}

/** `1000`, or groups of three digits with the same mark: `1,000`, `1 000`. */
const DIGITS = String.raw`\d+|[1-9]\d{0,2}(?<mark>[,.'’ \u00a0\u202f])\d{3}(?:\k<mark>\d{3})*`;
const AMOUNT = String.raw`(?<quote>"?)(?<sign>[+\-−]?)(?<digits>${DIGITS})\k<quote>`;
const LINE = new RegExp(String.raw`^(?<name>.*?\S)(?<gap>[\s,;]+)${AMOUNT}$`);
/** Column headings, in the languages of the panel. */
const NAMES = 'users?|user ?name|name|login|account|benutzer|benutzername|konto';
const AMOUNTS = 'tokens?|credits?|amount|balance|betrag|guthaben';
const HEADING = new RegExp(String.raw`^"?(${NAMES})"?[\s,;]+"?(${AMOUNTS})"?$`, 'i');

/** Parses a list with one user per line. Empty lines and a heading are skipped. */
export function parsePastedList(text: string): { grants: PastedGrant[]; faults: LineFault[] } {
  const grants: PastedGrant[] = [];
  const faults: LineFault[] = [];
  let isFirst = true;
  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = rawLine.trim();
    if (line === '') continue;
    const isHeading = isFirst && HEADING.test(line);
    isFirst = false;
    if (isHeading) continue;
    const parsed = parseLine(line);
    if ('fault' in parsed) faults.push({ line: index + 1, ...parsed });
    else grants.push({ line: index + 1, ...parsed });
  }
  return { grants, faults };
}

function parseLine(line: string): Omit<PastedGrant, 'line'> | Omit<LineFault, 'line'> {
  const { name, gap = '', quote, sign, digits, mark } = LINE.exec(line)?.groups ?? {};
  if (name === undefined || digits === undefined) return { fault: 'no_number', text: line };
  // `ada,1,000` may be 1,000 for ada or a table with another column; `ada 10,50` may be a fraction.
  const isAmbiguous = quote === '' && gap === ',' && (mark === ',' || /\s[+\-−]?\d+$/.test(name));
  if (isAmbiguous) return { fault: 'ambiguous', text: digits };
  const plain = digits.replace(/\D/g, '');
  if (plain.replace(/^0+/, '').length > MAX_DIGITS) return { fault: 'too_large', text: digits };
  const tokens = Number(plain) * (sign === '' || sign === '+' ? 1 : -1);
  return { username: unquoted(name), tokens };
}

function unquoted(name: string): string {
  return /^".+"$/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** The same list with this number of tokens for everyone. */
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
