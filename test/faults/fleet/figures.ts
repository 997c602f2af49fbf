/** What a run did and found, and the table of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Book } from './book.ts';
import { COLUMNS, type Column, type Finding } from './compare.ts';
import type { Claim } from './kinds.ts';
import type { Sent } from './records.ts';

/** What is told with status 200 or 201 and, of a stream, at its end. */
const ANSWERED: ReadonlySet<Claim> = new Set(['whole', 'answered', 'pending']);

/** What was done to the fleet. */
export interface Done {
  kills: number;
  killsAtPoints: number;
  zombies: number;
  databaseConnections: number;
  clientConnections: number;
  databaseCrashes: number;
}

/** A run in numbers. */
export class Figures {
  readonly done: Done = {
    kills: 0,
    killsAtPoints: 0,
    zombies: 0,
    databaseConnections: 0,
    clientConnections: 0,
    databaseCrashes: 0,
  };
  readonly #counts = new Map<Column, number>();
  readonly #examples = new Map<Column, string[]>();
  readonly #claims = new Map<string, number>();
  requests = 0;
  /** When each try was answered with success. */
  readonly answeredMs: number[] = [];
  /** Generations that are stored, and those of them that were charged. */
  stored = 0;
  charged = 0;
  staffActions = 0;
  redemptions = 0;

  add({ column, what }: Finding): void {
    this.#counts.set(column, this.countOf(column) + 1);
    const examples = this.#examples.get(column) ?? [];
    this.#examples.set(column, examples);
    if (examples.length < 5) examples.push(what);
  }

  /** Counts a request by what its client was told last. */
  count({ tries, follows }: Sent): void {
    this.requests += 1;
    for (const { claim, endedMs } of tries) if (ANSWERED.has(claim)) this.answeredMs.push(endedMs);
    const claim = (follows.at(-1)?.told ?? tries.at(-1))?.claim ?? 'unknown';
    this.#claims.set(claim, (this.#claims.get(claim) ?? 0) + 1);
  }

  /** Counts what is in the book of a round. */
  countBook({ generations }: Book): void {
    const all = [...generations.values()].flat();
    this.stored += all.length;
    this.charged += all.filter(({ charge }) => charge > 0).length;
  }

  countOf(column: Column): number {
    return this.#counts.get(column) ?? 0;
  }

  /** How often each thing happened that must not; empty if all is well. */
  get found(): Partial<Record<Column, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** A few of each, for a person to look into. */
  get examples(): string[] {
    return [...this.#examples].flatMap(([column, list]) =>
      list.map((what) => `${COLUMNS[column]}: ${what}`),
    );
  }

  /** One line for the report of the test. */
  get summary(): string {
    const claims = [...this.#claims].map(([claim, count]) => `${count} ${claim}`);
    return [
      ...Object.entries(this.done).map(([name, count]) => `${count} ${name}`),
      `${this.requests} requests (${claims.join(', ')})`,
      `${this.staffActions} grants and refunds`,
      `${this.redemptions} tries to redeem a voucher`,
    ].join(', ');
  }
}

const DONE: Record<keyof Done | 'requests' | 'staffActions' | 'redemptions', string> = {
  requests: 'requests that spend',
  staffActions: 'grants and refunds',
  redemptions: 'vouchers that a client redeems',
  kills: 'kills of a server',
  killsAtPoints: '… of those at a chosen step',
  zombies: 'servers stopped for several leases',
  databaseConnections: 'faults of database connections',
  clientConnections: 'connections cut by clients',
  databaseCrashes: 'crashes of the database',
};

/** Writes one run into a file with a column for each run; runs of other names stay as they are. */
export function writeFigures(path: string, title: string, name: string, figures: Figures): void {
  const table = readTable(path);
  const numbers = {
    ...figures.done,
    requests: figures.requests,
    staffActions: figures.staffActions,
    redemptions: figures.redemptions,
  };
  for (const [key, label] of Object.entries(DONE)) {
    rowOf(table, label).set(name, String(numbers[key as keyof typeof DONE]));
  }
  for (const [column, label] of Object.entries(COLUMNS)) {
    rowOf(table, `**${label}**`).set(name, String(figures.countOf(column as Column)));
  }
  const names = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))];
  const lines = [
    `# ${title}`,
    '',
    `| | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---:|').join('')}`,
    ...[...table].map(
      ([label, row]) => `| ${label} | ${names.map((it) => row.get(it) ?? '').join(' | ')} |`,
    ),
    '',
  ];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join('\n'));
}

type Table = Map<string, Map<string, string>>;

function rowOf(table: Table, label: string): Map<string, string> {
  const row = table.get(label) ?? new Map<string, string>();
  table.set(label, row);
  return row;
}

function readTable(path: string): Table {
  const table: Table = new Map();
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return table;
  }
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  for (const [label = '', ...cells] of rows) {
    cells.forEach((cell, index) => {
      rowOf(table, label).set(head[index + 1] ?? '', cell);
    });
  }
  return table;
}
