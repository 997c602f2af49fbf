/** Reads CSV files as RFC 4180 describes them, with any ends of lines. */
import { ExportFault } from './usage-export.ts';

/**
 * The rows of a file, as objects by the names in its first line. A row with fewer fields than names
 * has the last of them empty.
 */
export function* csvRows(text: string): Generator<Readonly<Record<string, string>>> {
  let names: readonly string[] | undefined;
  for (const fields of csvLines(text)) {
    if (names) {
      yield Object.fromEntries(names.map((name, index) => [name, fields[index] ?? '']));
    } else {
      names = fields.map((it) => it.trim());
    }
  }
}

/** The names of the columns. */
export function csvColumns(text: string): readonly string[] {
  return (csvLines(text).next().value ?? []).map((it) => it.trim());
}

/** A field, with or without quotes, and what ends it. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/** The fields of each line that is not empty. @throws ExportFault at what is not CSV */
function* csvLines(text: string): Generator<string[], undefined> {
  const field = new RegExp(FIELD);
  let fields: string[] = [];
  let lines = 0;
  while (field.lastIndex < text.length || fields.length > 0) {
    const found = field.exec(text);
    if (!found) throw new ExportFault(`It is not whole CSV: see what follows line ${lines}.`);
    const [, quoted, plain = '', end] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    lines += 1;
    if (fields.length > 1 || fields[0] !== '') yield fields;
    fields = [];
  }
}
