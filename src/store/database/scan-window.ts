/** Searching what grows for ever: newest first, a stretch at a time. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { Database } from './schema.ts';

/** What is searched. */
export interface ScanWindow {
  /** Selects at most `most` rows with `id` and `at`, newest first; without an end of its own. */
  readonly rows: RawBuilder<unknown>;
  readonly most: number;
  /** What rows `m` of it are wanted, with all that is to be known of them. */
  readonly select: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  readonly limit: number;
}

/** What was found of it. */
export interface Found<Row> {
  readonly rows: readonly Row[];
  /** Where to go on; undefined if nothing is left. */
  readonly nextId: string | undefined;
  /** When the oldest row was written that was looked at; undefined if the page is full. */
  readonly searchedBackToMs: number | undefined;
}

/** A page of what is found in a stretch, or how far back was looked in vain. */
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
