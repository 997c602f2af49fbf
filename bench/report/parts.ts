/** Building blocks of a report. */
import type { Speed } from '../load/speed.ts';
import { percentile } from '../load/statistics.ts';
import type { Comparison } from '../load/take-turns.ts';
import type { Table } from './table.ts';

/** A part of the report. */
export interface Section {
  readonly title: string;
  readonly table?: Table;
  readonly lines?: readonly string[];
}

/** The header of a table of comparisons. */
export function comparisonHead(first: string, second: string): string[] {
  return [
    ...['connections', `${first}/s`, 'p50 ms', 'p99 ms', `${second}/s`, 'p50 ms', 'p99 ms'],
    ...['ratio', 'half of the rounds', 'target'],
  ];
}

/** A comparison as a row of such a table. */
export function comparisonCells({
  connections,
  first,
  second,
  ratio,
  ratios,
}: Comparison): string[] {
  const speeds = [...cells(first), ...cells(second)];
  return [String(connections), ...speeds, ratio.toFixed(2), middleHalf(ratios)];
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

/** A speed as cells of a table. */
export function cells({ perSecond, p50Ms, p99Ms }: Speed): string[] {
  return [perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2)];
}

/** Whether a target was reached, in words. */
export function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'missed';
}
