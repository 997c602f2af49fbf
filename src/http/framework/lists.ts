/** What the lists of the panel have in common. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../app/principal.ts';
import { invalidField } from '../../core/errors.ts';
import { pageOf } from '../../core/page.ts';
import type { Found } from '../../store/database/scan-window.ts';
import { userOf } from './access.ts';
import { ID_PATTERN, NO_CURSOR } from './common-schema.ts';

const ID = new RegExp(`^${ID_PATTERN}$`);
const PAGE = 50;
const MOST_ON_A_PAGE = 200;

/** Who on the staff asks, for the audit log. */
export function staffIn(request: FastifyRequest): Principal {
  const user = userOf(request);
  return { actor: `user:${user.id}`, address: request.ip, user };
}

/** How many a page is to have. */
export function limitIn(query: { readonly limit?: string }): number {
  return Math.min(Math.max(1, Number(query.limit ?? PAGE)), MOST_ON_A_PAGE);
}

/** A cursor as text that says nothing to its reader. */
export function cursorText(cursor: unknown): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/**
 * What such a text stands for.
 * @throws ChitError `invalid_fields` if it is none of this list
 */
export function cursorIn<T>(
  text: string | undefined,
  isOne: (it: unknown) => it is T,
): T | undefined {
  if (text === undefined) return undefined;
  const cursor = jsonIn(Buffer.from(text, 'base64url').toString());
  if (isOne(cursor)) return cursor;
  throw invalidField('cursor', NO_CURSOR, { code: 'invalid' });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A page of a list, with the members of the answer that say how to go on.
 * @param found up to `rowsForPage(limit)` rows
 */
export function cursorPageOf<Item>(
  found: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => unknown,
) {
  const { items, last } = pageOf(found, limit);
  return {
    items,
    more: {
      has_more: last !== undefined,
      next_cursor: last === undefined ? null : cursorText(cursorOf(last)),
    },
  };
}

/** The members of an answer that say how a page of something long was found and where to go on. */
export function foundOf({ nextId, searchedBackToMs }: Omit<Found<unknown>, 'rows'>) {
  return {
    searched_back_to: iso(searchedBackToMs),
    has_more: nextId !== undefined,
    next_cursor: nextId === undefined ? null : cursorText(nextId),
  };
}

/**
 * The id behind which a page of something long begins.
 * @throws ChitError `invalid_fields`
 */
export function idIn(cursor: string | undefined): string | undefined {
  return cursorIn(cursor, (it): it is string => typeof it === 'string' && ID.test(it));
}

/** A moment as people and programs read it; null if there is none. */
export function iso<T extends number | undefined>(atMs: T): T extends number ? string : null {
  type Shown = T extends number ? string : null;
  return (atMs === undefined ? null : new Date(atMs).toISOString()) as Shown;
}

type Cell = string | number | null;

/** Sends rows as a file that a spreadsheet opens (RFC 4180), while they are being read. */
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

type Row<Column extends string> = Readonly<Record<Column, Cell>>;
type Rows<Column extends string> = Iterable<Row<Column>> | AsyncIterable<Row<Column>>;

async function* csvLines<Column extends string>(columns: readonly Column[], rows: Rows<Column>) {
  const line = (cells: readonly Cell[]) => `${cells.map(csvCell).join(',')}\r\n`;
  yield line(columns);
  for await (const row of rows) yield line(columns.map((column) => row[column]));
}

function csvCell(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  // A spreadsheet would take text that begins so for a formula and carry it out.
  const text = (cell ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
