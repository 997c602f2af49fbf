/** Reads the text of `chit.json`, and says in words where it is not JSON. */
import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

/** Something that is wrong in the text. */
export interface SyntaxFault {
  /** Where, in UTF-16 units from the start of the text. */
  readonly offset: number;
  /** A sentence. */
  readonly reason: string;
}

/** The text as a tree, or what keeps it from being one. */
export type ParsedText =
  | { readonly root: Node; readonly faults: readonly [] }
  | { readonly root: undefined; readonly faults: readonly [SyntaxFault, ...SyntaxFault[]] };

const BYTE_ORDER_MARK = /^\uFEFF/;
/** Secrets may stand where a value is missing its quotes. */
const QUOTED_CHARACTERS = 12;

/** Removes the mark that some editors write at the start of a file. */
export function withoutByteOrderMark(text: string): string {
  return text.replace(BYTE_ORDER_MARK, '');
}

/**
 * Parses JSON with optional comments and trailing commas. Of what is wrong, only the first is told,
 * since the rest mostly follows from it; but every member that an object has twice.
 */
export function parseText(text: string): ParsedText {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (!root && /^\s*$/.test(text)) {
    return { root: undefined, faults: [{ offset: 0, reason: 'the file is empty.' }] };
  }
  if (error || !root) {
    const offset = error?.offset ?? 0;
    const code = error ? printParseErrorCode(error.error) : 'ValueExpected';
    return { root: undefined, faults: [{ offset, reason: reasonOf(code, text, offset) }] };
  }
  const [first, ...others] = doubledMembers(root, text);
  return first ? { root: undefined, faults: [first, ...others] } : { root, faults: [] };
}

/** The value that a tree stands for. */
export function plainValue(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map(plainValue);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    children.map(({ children: [name, value] = [] }) => [name?.value, value && plainValue(value)]),
  );
}

/** `12:5`: the line and the column of an offset, both from 1. */
export function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function doubledMembers(node: Node, text: string): SyntaxFault[] {
  const children = node.children ?? [];
  const inside = children.flatMap((child) => doubledMembers(child, text));
  if (node.type !== 'object') return inside;
  const offsets = new Map<unknown, number>();
  const doubled = children.flatMap(({ children: [name] = [], offset }) => {
    const first = offsets.get(name?.value);
    if (first === undefined) {
      offsets.set(name?.value, offset);
      return [];
    }
    const reason = `"${name?.value}" is given twice: here and in line ${lineOf(text, first)}.`;
    return [{ offset, reason }];
  });
  return [...doubled, ...inside];
}

type ErrorName = ReturnType<typeof printParseErrorCode>;

/** What is wrong at an offset, in a sentence. */
function reasonOf(error: ErrorName, text: string, offset: number): string {
  const next = text.charAt(offset);
  const isAtEnd = text.slice(offset).trim() === '';
  if (isAtEnd || '}]'.includes(next)) {
    const reason = openBracketReason(text, offset, isAtEnd ? '' : next);
    if (reason !== undefined) return reason;
  }
  switch (error) {
    case 'InvalidSymbol':
      return symbolReason(text, offset);
    case 'InvalidNumberFormat':
    case 'UnexpectedEndOfNumber':
      return 'this is not a number: write it like 1000 or 0.5.';
    case 'PropertyNameExpected':
      if (/\d,\s*$/.test(text.slice(0, offset)) && /^\d/.test(next)) {
        return 'a number has no commas: write 1000, not 1,000.';
      }
      if (next === ',') return 'there is a comma too many.';
      return 'the name of a member is missing here, in double quotes.';
    case 'ValueExpected':
      return next === ',' ? 'there is a comma too many.' : 'a value is missing here.';
    case 'ColonExpected':
      return 'a colon is missing between the name of a member and its value.';
    case 'CommaExpected':
    case 'CloseBraceExpected':
    case 'CloseBracketExpected':
      return 'a comma is missing before this.';
    case 'EndOfFileExpected':
      return 'the file should end before this: is a bracket closed too early?';
    case 'InvalidCommentToken':
    case 'UnexpectedEndOfComment':
      return 'this comment is not closed: */ is missing.';
    case 'UnexpectedEndOfString':
      return 'this text has no closing double quote in its line.';
    case 'InvalidUnicode':
      return 'in this text, \\u is not followed by four hexadecimal digits.';
    case 'InvalidEscapeCharacter':
      return 'in this text, a backslash has to be written twice: \\\\.';
    default:
      return 'this text contains a tab or another character that has to be written like \\t.';
  }
}

/** Why a symbol that is neither a bracket, text nor a value cannot stand here. */
function symbolReason(text: string, offset: number): string {
  const [symbol = ''] = /^[^\s,:{}[\]"]*/.exec(text.slice(offset)) ?? [];
  const word =
    symbol.length > QUOTED_CHARACTERS ? `${symbol.slice(0, QUOTED_CHARACTERS)}…` : symbol;
  if (/\d/.test(text.charAt(offset - 1)) || /^[+.\d-]/.test(symbol)) {
    return 'this is not a number: write it like 1000 or 0.5.';
  }
  if (/^['`]/.test(symbol)) return `text takes double quotes ("), not ${symbol.charAt(0)}.`;
  if (/^[“”„‟«»‘’‚]/.test(symbol)) {
    return `text takes straight double quotes ("), not ${symbol.charAt(0)}.`;
  }
  if (symbol.startsWith('#')) return 'a comment begins with //, not with #.';
  if (symbol.startsWith('=')) return 'a member is written "name": value, with a colon.';
  if (/^\s*:/.test(text.slice(offset + symbol.length))) {
    return `the name of a member takes double quotes: "${word}".`;
  }
  const meant = MEANT[symbol.toLowerCase()];
  if (meant !== undefined) return `${symbol} is no value: write ${meant}.`;
  return `${word} is no value. Text takes double quotes.`;
}

const MEANT: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  no: 'false',
  off: 'false',
  null: 'null',
  none: 'null',
  nil: 'null',
  undefined: 'null',
};

const CLOSED_BY: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * Why the end of the text, or a closing bracket, cannot stand at an offset.
 * @param closing the bracket; empty at the end of the text
 * @returns undefined if the brackets agree
 */
function openBracketReason(text: string, offset: number, closing: string): string | undefined {
  const open = openBrackets(text, offset).at(-1);
  if (open === undefined) {
    return closing === '' ? undefined : `this ${closing} closes nothing.`;
  }
  const bracket = text.charAt(open);
  const where = `the ${bracket} in line ${lineOf(text, open)}`;
  if (closing === '') return `the file ends here, but ${where} is not closed.`;
  if (CLOSED_BY[bracket] === closing) return undefined;
  return `this ${closing} cannot close ${where}.`;
}

/** The offsets of brackets that are open at an offset, the outermost first. */
function openBrackets(text: string, offset: number): number[] {
  const scanner = createScanner(text, true);
  const open: number[] = [];
  for (;;) {
    scanner.scan();
    const at = scanner.getTokenOffset();
    if (at >= offset || at >= text.length) return open;
    if (scanner.getTokenLength() !== 1) continue;
    const token = text.charAt(at);
    if (token in CLOSED_BY) open.push(at);
    else if ('}]'.includes(token)) open.pop();
  }
}
