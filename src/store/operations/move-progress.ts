/** How far a move is, kept in the database that is moved into: whoever continues begins there. */
import { type Kysely, sql } from 'kysely';
import { MOVE_PROGRESS } from '../database/migrate.ts';
import type { Database } from '../database/schema.ts';
import { readFacts } from './database-facts.ts';
import { type MoveEnd, type MoveTarget, notEmpty } from './move-ends.ts';
import {
  countRows,
  insertRows,
  keyOf,
  type MovedRow,
  type MovedTable,
  MoveFailure,
} from './moved-tables.ts';

/** Tables that have a row in a new database already. */
const SEEDED: readonly string[] = ['usage_progress'];
const TABLE = sql.id(MOVE_PROGRESS);

/** What the database that is moved contains, to see whether it is still the same. */
export interface SourceContent {
  readonly counts: Readonly<Record<string, number>>;
  readonly lastTransferId: string | undefined;
  readonly postedCredits: string;
}

interface State {
  readonly source: SourceContent;
  readonly foreignKeys: readonly string[];
  readonly tables: Readonly<Record<string, TableState>>;
}

interface TableState {
  readonly rows: number;
  /** The key of the last row. */
  readonly after: MovedRow | undefined;
  readonly isDone: boolean;
}

const NOT_BEGUN: TableState = { rows: 0, after: undefined, isDone: false };

/** Counts and sums, from the moment at which the source is read. */
export async function sourceContent(source: MoveEnd): Promise<SourceContent> {
  const counts: Record<string, number> = {};
  for (const table of source.tables) counts[table.name] = await countRows(source, table);
  const { lastTransfer, postedCredits } = await readFacts(source.db);
  return { counts, lastTransferId: lastTransfer?.id, postedCredits: String(postedCredits) };
}

/** The mark of a move in its target. No server starts on a database that has it. */
export class MoveProgress {
  readonly #target: MoveTarget;
  readonly #run: string;
  #state: State;

  private constructor(target: MoveTarget, run: string, state: State) {
    this.#target = target;
    this.#run = run;
    this.#state = state;
  }

  /**
   * Begins a move, or continues one that was broken off.
   * @param run an id that no other run has
   * @throws MoveFailure if the target has rows of something else, or of an earlier state
   */
  static async beginOrContinue(
    target: MoveTarget,
    source: SourceContent,
    run: string,
  ): Promise<{ progress: MoveProgress; isContinued: boolean }> {
    const known = await MoveProgress.#read(target, run);
    if (!known)
      return { progress: await MoveProgress.#begin(target, source, run), isContinued: false };
    if (JSON.stringify(known.source) !== JSON.stringify(source)) {
      throw new MoveFailure(
        'The database to move to has a part of another database, or of this one as it was before ' +
          'somebody wrote to it again. Create an empty one and move to that. Nothing was changed.',
      );
    }
    return { progress: new MoveProgress(target, run, known), isContinued: true };
  }

  static async #read({ db, kind, tables }: MoveTarget, run: string): Promise<State | undefined> {
    const exists =
      kind === 'SQLite'
        ? sql`SELECT 1 FROM sqlite_schema WHERE name = ${MOVE_PROGRESS}`
        : sql`SELECT 1 FROM pg_class WHERE oid = to_regclass(${MOVE_PROGRESS})`;
    if ((await exists.execute(db)).rows.length > 0) {
      const { rows } = await sql<{ state: string }>`
        UPDATE ${TABLE} SET run = ${run} RETURNING state`.execute(db);
      return JSON.parse(rows[0]?.state ?? '{}') as State;
    }
    const full: string[] = [];
    for (const table of tables.filter(({ name }) => !SEEDED.includes(name))) {
      const { rows } = await sql`SELECT 1 FROM ${sql.id(table.name)} LIMIT 1`.execute(db);
      if (rows.length > 0) full.push(table.name);
    }
    if (full.length > 0) throw notEmpty(full);
    return undefined;
  }

  static async #begin(
    target: MoveTarget,
    source: SourceContent,
    run: string,
  ): Promise<MoveProgress> {
    const state = await target.db.transaction().execute(async (transaction) => {
      const foreignKeys = await target.removeForeignKeys(transaction);
      const begun: State = { source, foreignKeys, tables: {} };
      await sql`CREATE TABLE ${TABLE} (run text NOT NULL, state text NOT NULL)`.execute(
        transaction,
      );
      const json = JSON.stringify(begun);
      await sql`INSERT INTO ${TABLE} (run, state) VALUES (${run}, ${json})`.execute(transaction);
      for (const name of SEEDED) await sql`DELETE FROM ${sql.id(name)}`.execute(transaction);
      return begun;
    });
    return new MoveProgress(target, run, state);
  }

  /** How far a table is. */
  of({ name }: MovedTable): TableState {
    return this.#state.tables[name] ?? NOT_BEGUN;
  }

  /**
   * Adds the next rows of a table and notes it, both or neither.
   * @param rows none if the table is complete
   * @throws MoveFailure if another run has gone on meanwhile
   */
  async add(table: MovedTable, rows: readonly MovedRow[]): Promise<void> {
    const before = this.of(table);
    const last = rows.at(-1);
    const now: TableState = {
      rows: before.rows + rows.length,
      after: last ? keyOf(table, last) : before.after,
      isDone: !last,
    };
    const state: State = {
      ...this.#state,
      tables: { ...this.#state.tables, [table.name]: now },
    };
    const { kind, db, tables } = this.#target;
    // Its columns have the types of the target there.
    const own = tables.find(({ name }) => name === table.name) ?? table;
    await db.transaction().execute(async (transaction) => {
      await this.#requireOwn(transaction, JSON.stringify(state));
      if (rows.length > 0) await insertRows({ kind, db: transaction }, own, rows);
    });
    this.#state = state;
  }

  /** Puts the foreign keys back and removes the mark, so that the database can be used. */
  async end(): Promise<void> {
    const { db, restoreForeignKeys } = this.#target;
    await db.transaction().execute(async (transaction) => {
      await this.#requireOwn(transaction, JSON.stringify(this.#state));
      await restoreForeignKeys(transaction, this.#state.foreignKeys);
      await sql`DROP TABLE ${TABLE}`.execute(transaction);
    });
  }

  async #requireOwn(db: Kysely<Database>, state: string): Promise<void> {
    const { numAffectedRows } = await sql`UPDATE ${TABLE} SET state = ${state}
      WHERE run = ${this.#run}`.execute(db);
    if (numAffectedRows === 1n) return;
    throw new MoveFailure('Another `chit move` into the same database has gone on with this.');
  }
}
