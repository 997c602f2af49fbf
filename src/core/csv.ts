/** CSV files (RFC 4180), as spreadsheets of all countries write them. */

/** A record of a file; of an empty line, one empty cell. */
export interface CsvRecord {
  /** As a spreadsheet counts it, from 1: a cell with several lines is in one row. */
  readonly row: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [',', ';', '\t'] as const;
const MARK = /^\ufeff/;
/** A line by which Excel knows the separator, and which it does not count as a row. */
const SEPARATOR = /^sep=([,;\t])(?:\r\n|\n|\r)/i;

/**
 * Reads a file whose cells are separated by commas, semicolons or tabs: by what its first line has
 * most of.
 * @returns the records up to the first that is not CSV, and the row of that one
 */
export function readCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly faultyRow: number | undefined;
} {
  const marked = text.replace(MARK, '');
  const [line = '', named] = SEPARATOR.exec(marked) ?? [];
  const content = marked.slice(line.length);
  const cell = cellPattern(named ?? delimiterOf(content));
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  while (cell.lastIndex < content.length || cells.length > 0) {
    const found = cell.exec(content);
    if (!found) return { records, faultyRow: records.length + 1 };
    const [, quoted, plain = '', end = ''] = found;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (DELIMITERS.some((it) => it === end)) continue;
    records.push({ row: records.length + 1, cells });
    cells = [];
  }
  return { records, faultyRow: undefined };
}

function delimiterOf(content: string): string {
  const [head = ''] = /^[^\r\n]*/.exec(content) ?? [];
  const plain = head.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((it) => plain.split(it).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** A cell, with or without quotes, and what ends it. */
function cellPattern(delimiter: string): RegExp {
  const plain = String.raw`[^"${delimiter}\r\n]*`;
  const quoted = '"([^"]*(?:""[^"]*)*)"';
  return new RegExp(String.raw`(?:${quoted}|(${plain}))(${delimiter}|\r\n|\n|\r|$)`, 'y');
}

/**
 * Text that a spreadsheet would run as a formula: also behind white space, which some skip, and
 * with the full-width characters of Japanese keyboards
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const FORMULA = /^(\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/** A cell as it is written to a file. No spreadsheet runs it as a formula. */
export function csvCell(cell: string | number | null): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell ?? '') ? `'${cell}` : (cell ?? '');
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of a file. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
