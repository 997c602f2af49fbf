import { resolve } from 'node:path';
import { ledgerFunctions } from '../../ledger/postgres/functions.ts';
import { isPostgres, openDatabase, sqlitePath } from '../../store/database/dialect.ts';
import {
  type MoveEnd,
  type MoveTarget,
  withSource,
  withTarget,
} from '../../store/operations/move-ends.ts';
import { MoveProgress, sourceContent } from '../../store/operations/move-progress.ts';
import {
  contentOf,
  type MovedTable,
  MoveFailure,
  readRows,
} from '../../store/operations/moved-tables.ts';
import { verifyLedger } from '../credits/verify-ledger.ts';
import { newId } from '../ids.ts';

/** What a move is doing. */
export type MoveStep = 'copy' | 'compare' | 'verify';

export interface MoveOptions {
  /** Also moves a ledger that has faults, which the new database then has too. */
  readonly isForced?: boolean;
  readonly onProgress?: (step: MoveStep, done: number, total: number) => void;
  /** A table is complete. */
  readonly onTable?: (name: string, rows: number) => void;
  /** A move that was broken off goes on, after so many rows. */
  readonly onContinued?: (rows: number) => void;
}

export interface MoveReport {
  /** Rows of each table, the same in both databases. */
  readonly tables: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly accounts: number;
  readonly transfers: number;
  /** Faults of the ledger, the same in both; empty unless it was forced. */
  readonly faults: readonly string[];
}

/**
 * Moves all that is stored into another database and verifies it on both sides: the rows of every
 * table and the ledger. Nobody can write to the old one meanwhile; it stays as it is. If it is
 * broken off at any moment, calling it again goes on; until it is done no server starts on the new
 * one.
 * @param from a `CHIT_DATABASE_URL`
 * @param to the same, of an empty database, or of one into which this move was begun
 * @throws MoveFailure
 */
export async function moveDatabase(
  from: string,
  to: string,
  options: MoveOptions = {},
): Promise<MoveReport> {
  if (isSame(from, to)) throw new MoveFailure('Both are the same database.');
  const migrate = async (url: string) => {
    const database = openDatabase(url);
    try {
      await database.migrate(ledgerFunctions);
    } finally {
      await database.close();
    }
  };
  return withSource(from, async (source) => {
    const faults = await faultsOf(source, options);
    if (faults.length > 0 && !options.isForced) {
      throw new MoveFailure(
        `The ledger to be moved has faults:\n${faults.join('\n')}\nCorrect them, or move them ` +
          'with --force. Nothing was changed.',
      );
    }
    return withTarget(to, migrate, (target) => moveInto(source, target, faults, options));
  });
}

function isSame(from: string, to: string): boolean {
  if (isPostgres(from) || isPostgres(to)) return from === to;
  return resolve(sqlitePath(from)) === resolve(sqlitePath(to));
}

async function moveInto(
  source: MoveEnd,
  target: MoveTarget,
  faults: readonly string[],
  options: MoveOptions,
): Promise<MoveReport> {
  requireSameTables(source, target);
  const content = await sourceContent(source);
  const total = Object.values(content.counts).reduce((sum, count) => sum + count, 0);
  const { progress, isContinued } = await MoveProgress.beginOrContinue(target, content, newId());
  const already = source.tables.reduce((sum, table) => sum + progress.of(table).rows, 0);
  if (isContinued) options.onContinued?.(already);
  await copy(source, progress, { total, already }, options);
  await target.prepareForReading();
  await compare(source, target, total, options);
  await requireSameFaults(target, faults, options);
  await progress.end();
  return {
    tables: content.counts,
    rows: total,
    accounts: content.counts.accounts ?? 0,
    transfers: content.counts.transfers ?? 0,
    faults,
  };
}

/** The schemas have the same migrations, so a difference is a defect of the program. */
function requireSameTables(source: MoveEnd, target: MoveTarget): void {
  const shapes = [source, target].map(({ tables }) => tables.map(shapeOf));
  const [here = [], there = []] = shapes;
  const differing = [...here, ...there].filter((it) => !here.includes(it) || !there.includes(it));
  if (differing.length === 0) return;
  throw new MoveFailure(`The two databases differ in their tables: ${differing.join('; ')}.`);
}

function shapeOf({ name, columns, key }: MovedTable): string {
  const kinds = columns.map((it) => `${it.name} ${it.isText ? 'text' : 'integer'}`);
  return `${name} (${kinds.join(', ')}), key ${key.map((it) => it.name).join(', ')}`;
}

async function copy(
  source: MoveEnd,
  progress: MoveProgress,
  { total, already }: { readonly total: number; readonly already: number },
  { onProgress, onTable }: MoveOptions,
): Promise<void> {
  let done = already;
  for (const table of source.tables) {
    while (!progress.of(table).isDone) {
      const rows = await readRows(source, table, progress.of(table).after);
      await progress.add(table, rows);
      done += rows.length;
      onProgress?.('copy', done, total);
    }
    onTable?.(table.name, progress.of(table).rows);
  }
}

async function compare(
  source: MoveEnd,
  target: MoveTarget,
  total: number,
  { onProgress }: MoveOptions,
): Promise<void> {
  const differing: string[] = [];
  let done = 0;
  for (const table of source.tables) {
    const count = (rows: number) => {
      done += rows;
      onProgress?.('compare', done, total);
    };
    const [here, there] = await Promise.all([
      contentOf(source, table, count),
      contentOf(target, table),
    ]);
    if (here.hash === there.hash) continue;
    differing.push(`${table.name}: ${here.rows} rows here, ${there.rows} there`);
  }
  if (differing.length > 0) throw notTheSame(differing);
}

async function requireSameFaults(
  target: MoveTarget,
  faults: readonly string[],
  options: MoveOptions,
): Promise<void> {
  const found = await faultsOf(target, options);
  const isSameList = [...found].toSorted().join('\n') === [...faults].toSorted().join('\n');
  if (!isSameList) throw notTheSame(found);
}

async function faultsOf(end: MoveEnd, { onProgress }: MoveOptions): Promise<readonly string[]> {
  const report = await verifyLedger(end, (done, total) => onProgress?.('verify', done, total));
  return report.faults;
}

function notTheSame(differences: readonly string[]): MoveFailure {
  return new MoveFailure(
    `What was moved is not the same in both databases:\n${differences.join('\n')}\nDo not use ` +
      'the new one: create an empty one and move to that. The old one is as it was.',
  );
}
