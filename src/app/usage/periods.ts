/** Hours, days and months as text in UTC. */
import type { Granularity, Periods } from '../../core/usage-sums.ts';

const LENGTHS: Record<Granularity, number> = { hour: 13, day: 10, month: 7 };

/** The hour, day and month of a time: `2026-11-23T18`, `2026-11-23`, `2026-11`. */
export function periodsOf(atMs: number): Periods {
  const text = new Date(atMs).toISOString();
  const { hour, day, month } = LENGTHS;
  return { hour: text.slice(0, hour), day: text.slice(0, day), month: text.slice(0, month) };
}

/** All periods between two times, both included. */
export function periodsBetween(step: Granularity, fromMs: number, toMs: number): string[] {
  const periods: string[] = [];
  const at = new Date(`${periodsOf(fromMs)[step]}${TIME_SUFFIX[step]}`);
  while (at.getTime() <= toMs) {
    periods.push(periodsOf(at.getTime())[step]);
    if (step === 'hour') at.setUTCHours(at.getUTCHours() + 1);
    if (step === 'day') at.setUTCDate(at.getUTCDate() + 1);
    if (step === 'month') at.setUTCMonth(at.getUTCMonth() + 1);
  }
  return periods;
}

/** What completes a period to an ISO 8601 time. */
const TIME_SUFFIX: Record<Granularity, string> = {
  hour: ':00:00.000Z',
  day: 'T00:00:00.000Z',
  month: '-01T00:00:00.000Z',
};

/** A lower bound for ids made at or after a time (a UUID version 7 starts with its time). */
export function idFrom(atMs: number): string {
  const time = Math.max(0, atMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** The time at which an id was made. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
