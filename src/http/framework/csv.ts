import type { FastifyReply } from 'fastify';
import { csvLine } from '../../core/csv.ts';
import { sendFile } from './download.ts';

type Cell = string | number | null;
type Row<Column extends string> = Readonly<Record<Column, Cell>>;
type Rows<Column extends string> = Iterable<Row<Column>> | AsyncIterable<Row<Column>>;

/**
 * Sends rows as a CSV file (RFC 4180) that a spreadsheet can open, while they are being read. An
 * error before the first row is a response.
 * @param name of the file, without `.csv`
 */
export function sendCsv<Column extends string>(
  reply: FastifyReply,
  name: string,
  columns: readonly Column[],
  rows: Rows<Column>,
): Promise<FastifyReply> {
  return sendFile(reply, {
    name: `${name}.csv`,
    type: 'text/csv; charset=utf-8',
    pieces: csvLines(columns, rows),
  });
}

async function* csvLines<Column extends string>(columns: readonly Column[], rows: Rows<Column>) {
  // Together with the first row, so that nothing is sent before that is there.
  let head = csvLine(columns);
  for await (const row of rows) {
    yield head + csvLine(columns.map((column) => row[column]));
    head = '';
  }
  if (head !== '') yield head;
}
