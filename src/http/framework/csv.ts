import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

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
  // A spreadsheet would run text that begins like this as a formula.
  const text = (cell ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
