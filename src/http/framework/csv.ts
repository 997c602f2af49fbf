import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Text that a spreadsheet would run as a formula: also behind white space, which some skip, and
 * with the full-width characters of Japanese keyboards
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const FORMULA = /^(\s*[=+\-@＝＋－＠]|[\t\r\n])/;

type Cell = string | number | null;
type Row<Column extends string> = Readonly<Record<Column, Cell>>;
type Rows<Column extends string> = Iterable<Row<Column>> | AsyncIterable<Row<Column>>;

/**
 * Sends rows as a CSV file (RFC 4180) that a spreadsheet can open, while they are being read.
 * @param name of the file, without `.csv`
 */
export function sendCsv<Column extends string>(
  reply: FastifyReply,
  name: string,
  columns: readonly Column[],
  rows: Rows<Column>,
): FastifyReply {
  reply.header('content-disposition', `attachment; filename="${name}.csv"`);
  reply.type('text/csv; charset=utf-8');
  return reply.send(Readable.from(csvLines(columns, rows)));
}

async function* csvLines<Column extends string>(columns: readonly Column[], rows: Rows<Column>) {
  const line = (cells: readonly Cell[]) => `${cells.map(csvCell).join(',')}\r\n`;
  yield line(columns);
  for await (const row of rows) yield line(columns.map((column) => row[column]));
}

function csvCell(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell ?? '') ? `'${cell}` : (cell ?? '');
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
