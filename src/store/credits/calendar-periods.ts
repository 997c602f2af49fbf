import type { Kysely } from 'kysely';
import { calendarFrom, type Period, periodsBetween } from '../../core/calendar.ts';
import type { Database } from '../database/schema.ts';

const DAY_MS = 86_400_000;
/** More than the longest period that repeats, so that one whole period lies behind. */
const BEHIND_MS = 70 * DAY_MS;
const AHEAD_MS = 400 * DAY_MS;
/** Each row has three parameters. */
const CHUNK = 300;

/**
 * Stores the periods of a calendar, from at least one whole period before a time to 400 days
 * after it; those that are stored stay.
 * @param calendar as `calendarText` writes it
 */
export async function fillCalendar(
  db: Kysely<Database>,
  calendar: string,
  atMs: number,
): Promise<void> {
  const periods = periodsBetween(calendarFrom(calendar), atMs - BEHIND_MS, atMs + AHEAD_MS);
  for (let from = 0; from < periods.length; from += CHUNK) {
    const rows = periods.slice(from, from + CHUNK).map(({ startMs, endMs }: Period) => ({
      calendar,
      starts_at: startMs,
      ends_at: endMs,
    }));
    await db
      .insertInto('calendar_periods')
      .values(rows)
      .onConflict((it) => it.columns(['calendar', 'starts_at']).doNothing())
      .execute();
  }
}
