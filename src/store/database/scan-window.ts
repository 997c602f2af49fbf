/** Searches tables that only grow: newest first, a bounded number of rows at a time. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { Database } from './schema.ts';

/** A bounded range of rows, and what to find in it. */
export interface ScanWindow {
  /** Selects at most `most` rows with `id` and `at`, newest first. */
  readonly rows: RawBuilder<unknown>;
  readonly most: number;
  /** The columns and tables of a result, with the rows of the window as `m`. */
  readonly select: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  readonly limit: number;
}

/** A page of results. */
export interface Found<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined after the last. */
  readonly nextId: string | undefined;
  /** When the oldest scanned row was written; undefined if the page is full. */
  readonly searchedBackToMs: number | undefined;
}

/** A page of matches in a window, or how far back it was searched. */
export async function searchWindow<Row extends { readonly id: string }>(
  db: Kysely<Database>,
  { rows, most, select, where, limit }: ScanWindow,
): Promise<Found<Row>> {
  const found = await sql<Row>`SELECT ${select} WHERE ${where}
    ORDER BY m.id DESC LIMIT ${rowsForPage(limit)}`.execute(db);
  const { items, last: lastShown } = pageOf(found.rows, limit);
  if (lastShown) return { rows: items, nextId: lastShown.id, searchedBackToMs: undefined };
  const end = await sql<{ id: string | null; at: number | null; count: number }>`
    SELECT min(id) AS id, min(at) AS at, count(*) AS count FROM (${rows}) m`.execute(db);
  const [last] = end.rows;
  const isAll = last === undefined || last.count < most;
  return {
    rows: found.rows,
    nextId: isAll ? undefined : (last.id ?? undefined),
    searchedBackToMs: last?.at ?? undefined,
  };
}
