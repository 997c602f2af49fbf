/** What a failover did to what clients were told, a row for each, and the file of them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { COLUMNS, type Column } from '../faults/fleet/compare.ts';
import type { Figures } from '../faults/fleet/figures.ts';
import type { Failover } from './pair.ts';

/** Columns of the table, each with the findings of the fleet that it sums. */
const FOUND: Readonly<Record<string, readonly Column[]>> = {
  lost: ['lostAnswers', 'missingCharges', 'freeAnswers'],
  'charged twice': ['doubleCharges'],
  'false "nothing was charged"': ['falseNothing'],
  'old holds': ['stuckHolds'],
  'ledger verify': ['sumMismatches'],
};
const IN_FOUND = new Set(Object.values(FOUND).flat());
const OTHERS = (Object.keys(COLUMNS) as Column[]).filter((column) => !IN_FOUND.has(column));
const HEAD = ['', 'answered 200', 'stored', 'charged', 'grants and refunds', ...Object.keys(FOUND)];
const LAST = [
  'other findings',
  's to promote',
  's without an answer',
  's to be in sync',
  'rebuilt',
];

export interface Row {
  readonly numbers: readonly number[];
  readonly promote: number;
  readonly silence: number;
  readonly inSync: number;
  readonly rebuiltWith: string;
}

/** Counts what a round added to the figures. */
export class RowCounter {
  #before: readonly number[];
  readonly #figures: Figures;

  constructor(figures: Figures) {
    this.#figures = figures;
    this.#before = this.#now();
  }

  /** The row of the round that just ended. */
  row(failover: Failover): Row {
    const { killedMs, promotedMs, inSyncMs, rebuiltWith } = failover;
    const now = this.#now();
    const numbers = now.map((number, index) => number - (this.#before[index] ?? 0));
    this.#before = now;
    return {
      numbers,
      promote: (promotedMs - killedMs) / 1_000,
      silence: silenceAround(failover, this.#figures.answeredMs),
      inSync: (inSyncMs - killedMs) / 1_000,
      rebuiltWith,
    };
  }

  #now(): readonly number[] {
    const { answeredMs, stored, charged, staffActions } = this.#figures;
    const sum = (columns: readonly Column[]) =>
      columns.reduce((so, column) => so + this.#figures.countOf(column), 0);
    const found = Object.values(FOUND).map(sum);
    return [answeredMs.length, stored, charged, staffActions, ...found, sum(OTHERS)];
  }
}

/** The longest time without an answer that began before both were in sync again, in seconds. */
function silenceAround({ killedMs, inSyncMs }: Failover, answeredMs: readonly number[]): number {
  const sorted = answeredMs.toSorted((a, b) => a - b);
  const gaps = sorted.map((it, index) => {
    const next = sorted[index + 1] ?? it;
    return next > killedMs && it < inSyncMs ? next - it : 0;
  });
  return Math.max(0, ...gaps) / 1_000;
}

/** Writes the rounds of one way into the file; those of other ways stay as they are. */
export function writeRows(path: string, title: string, way: string, rows: readonly Row[]): void {
  let sections: string[] = [];
  try {
    sections = readFileSync(path, 'utf8')
      .split(/^(?=## )/m)
      .slice(1);
  } catch {
    // The file begins with this.
  }
  const own = `## ${way}\n\n${tableOf(rows)}\n\n`;
  const others = sections.filter((it) => !it.startsWith(`## ${way}\n`));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `# ${title}\n\n${[...others, own].join('')}`.replace(/\n+$/, '\n'));
}

/** A Markdown table with the sums, or the worst, in the last row. */
export function tableOf(rows: readonly Row[]): string {
  const worst = (of: (row: Row) => number) => Math.max(...rows.map(of)).toFixed(1);
  const sums = (rows[0]?.numbers ?? []).map((_, index) =>
    rows.reduce((sum, { numbers }) => sum + (numbers[index] ?? 0), 0),
  );
  const lines = rows.map(({ numbers, promote, silence, inSync, rebuiltWith }, index) => {
    const times = [promote, silence, inSync].map((it) => it.toFixed(1));
    return [index + 1, ...numbers, ...times, rebuiltWith];
  });
  const times = [worst((it) => it.promote), worst((it) => it.silence), worst((it) => it.inSync)];
  const last = ['**all**', ...sums, ...times.map((it) => `≤ ${it}`), ''];
  const cells = [[...HEAD, ...LAST], [...HEAD, ...LAST].map(() => '---:'), ...lines, last];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
