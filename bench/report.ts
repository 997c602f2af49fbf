/** What came of it, for people: on the terminal and, the same, as Markdown. */
import type { Books } from './books.ts';
import type { Machine, Versions } from './machine.ts';
import type { ChatSpeed } from './measure-chats.ts';
import type { Memory } from './measure-memory.ts';
import type { RouteSpeed } from './measure-others.ts';
import type { StartTimes } from './measure-start.ts';
import type { Speed } from './speed.ts';
import { percentile } from './statistics.ts';
import { asMarkdown, asText, type Table } from './table.ts';

/** What is to be reached. */
const TARGETS = { ratio: 0.75, ratioFromConnections: 32, atRestMb: 120 } as const;
/** A load generator that is busier than this may be what was measured. */
const GENERATOR_LIMIT = 0.9;

/** Everything that a run found out; parts that were not asked for are missing. */
export interface Report {
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly chats?: readonly ChatSpeed[];
  readonly routes?: readonly RouteSpeed[];
  readonly memory?: Memory;
  readonly start?: StartTimes;
  readonly books: readonly Books[];
}

interface Section {
  readonly title: string;
  readonly table?: Table;
  readonly lines?: readonly string[];
}

/** Whether every request that was answered is stored and charged, and nothing else is. */
export function booksAgree({ books }: Report): boolean {
  return books.every(({ faults }) => faults.length === 0);
}

export function reportAsText(report: Report): string {
  const sections = sectionsOf(report).map(({ title, table, lines = [] }) =>
    [title, ...(table ? [asText(table)] : []), ...lines].join('\n'),
  );
  return `${sections.join('\n\n')}\n`;
}

export function reportAsMarkdown(report: Report): string {
  const sections = sectionsOf(report).map(({ title, table, lines = [] }) => {
    const list = lines.map((line) => `- ${line}`).join('\n');
    const parts = [`## ${title}`, ...(table ? [asMarkdown(table)] : []), ...(list ? [list] : [])];
    return parts.join('\n\n');
  });
  return `# Benchmark of ${report.at}\n\n${sections.join('\n\n')}\n`;
}

function sectionsOf(report: Report): Section[] {
  const { chats, routes, memory, start } = report;
  return [
    ...(chats ? [chatSection(chats)] : []),
    ...(routes ? [routeSection(routes)] : []),
    ...(memory || start ? [processSection(memory, start)] : []),
    ...(report.books.length > 0 ? [{ title: 'Books', lines: report.books.map(bookLine) }] : []),
    { title: 'Measured on', lines: circumstances(report) },
  ];
}

function chatSection(chats: readonly ChatSpeed[]): Section {
  const rows = chats.map(({ connections, chit, floor, ratio, ratios }) => [
    ...[String(connections), ...cells(chit), ...cells(floor), ratioText(ratio)],
    middleHalf(ratios),
    ratioVerdict(connections, ratio),
  ]);
  const isGeneratorBusy = chats.some(({ generatorBusy }) => generatorBusy > GENERATOR_LIMIT);
  return {
    title: 'POST /api/chat/, Chit and the floor',
    table: {
      head: [
        ...['connections', 'Chit/s', 'p50 ms', 'p99 ms', 'floor/s', 'p50 ms', 'p99 ms', 'ratio'],
        ...['half of the rounds', 'target'],
      ],
      rows,
    },
    lines: isGeneratorBusy
      ? ['The load generator had hardly any time left: the faster server may be faster yet.']
      : [],
  };
}

function ratioVerdict(connections: number, ratio: number): string {
  if (connections < TARGETS.ratioFromConnections) return '';
  return `>= ${TARGETS.ratio}: ${verdict(ratio >= TARGETS.ratio)}`;
}

function routeSection(routes: readonly RouteSpeed[]): Section {
  const rows = routes.map((it) => [it.route, String(it.connections), ...cells(it)]);
  const head = ['route', 'connections', 'per second', 'p50 ms', 'p99 ms'];
  return { title: 'Other routes', table: { head, rows } };
}

function processSection(memory: Memory | undefined, start: StartTimes | undefined): Section {
  const rows: string[][] = [];
  if (memory) {
    const { atRestMb, underLoadMb } = memory;
    const target = `<= ${TARGETS.atRestMb} MB: ${verdict(atRestMb <= TARGETS.atRestMb)}`;
    rows.push(['memory at rest', `${atRestMb.toFixed(0)} MB`, target]);
    rows.push(['memory under load, at most', `${underLoadMb.toFixed(0)} MB`, '']);
  }
  if (start) {
    rows.push(['first start to first answer', `${start.firstMs.toFixed(0)} ms`, '']);
    rows.push(['later start to first answer', `${start.againMs.toFixed(0)} ms`, '']);
  }
  return { title: 'The process', table: { head: ['', 'measured', 'target'], rows } };
}

function bookLine({ server, answered, messages, charges, faults }: Books): string {
  const counts = `${answered} answered, ${messages} stored, ${charges} charged`;
  return `${server}: ${counts}. ${faults.length === 0 ? 'They agree.' : faults.join(' ')}`;
}

function circumstances({ at, machine, versions }: Report): string[] {
  const { cpu, cores, memoryGb, os, fsyncMs } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}; an fsync takes ${fsyncMs.toFixed(2)} ms`,
    `Chit ${versions.chit} (${versions.commit}), Node ${versions.node}, SQLite ${versions.sqlite}`,
    `${at}; medians of rounds in which Chit and the floor took turns`,
  ];
}

/** Rounded down, so that a ratio never looks like a target that it did not reach. */
function ratioText(ratio: number): string {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}

/** Between which ratios the middle half of the rounds lies: how much the machine disturbed. */
function middleHalf(ratios: readonly number[]): string {
  const sorted = Float64Array.from(ratios).sort();
  return [0.25, 0.75].map((share) => ratioText(percentile(sorted, share))).join(' to ');
}

function cells({ perSecond, p50Ms, p99Ms }: Speed): string[] {
  return [perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2)];
}

function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'missed';
}
