/** The periods of calendars, computed ahead: databases differ in what they know of time zones. */
import type { Kysely } from 'kysely';
import { calendarFrom, type Period, periodsBetween } from '../../core/calendar.ts';
import type { Database } from '../database/schema.ts';

const DAY_MS = 86_400_000;
/** How far ahead the periods of every calendar in use are known, at least. */
const AHEAD_MS = 400 * DAY_MS;
/** Filled beyond that, so that not every look at a calendar has to add something. */
const MARGIN_MS = 30 * DAY_MS;
/** One whole period of the longest kind lies in it. */
const BEFORE_MS = 62 * DAY_MS;

/**
 * Stores the periods of a calendar: from at least one whole period before now to 400 days ahead;
 * all of them, if it has terms. What is stored already stays, and the next period begins where it
 * ends, so that a new version of the time zone database leaves no gap and no overlap.
 * @param db the transaction in which something with this calendar is stored, or none
 * @param calendar as `calendarText` writes it
 * @throws Error if it is not a calendar
 */
export async function fillCalendar(
  db: Kysely<Database>,
  calendar: string,
  nowMs: number,
): Promise<void> {
  const last = await db
    .selectFrom('calendar_periods')
    .select('ends_at')
    .where('calendar', '=', calendar)
    .orderBy('starts_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const periods = missingPeriods(calendar, last?.ends_at, nowMs);
  if (periods.length === 0) return;
  await db
    .insertInto('calendar_periods')
    .values(periods.map(({ startMs, endMs }) => ({ calendar, starts_at: startMs, ends_at: endMs })))
    // Another server may be filling it too.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function missingPeriods(text: string, storedUntilMs: number | undefined, nowMs: number): Period[] {
  if (storedUntilMs !== undefined && storedUntilMs >= nowMs + AHEAD_MS) return [];
  const calendar = calendarFrom(text);
  if (calendar.kind === 'term') {
    return storedUntilMs === undefined ? periodsBetween(calendar, 0, Infinity) : [];
  }
  const fromMs = storedUntilMs ?? nowMs - BEFORE_MS;
  return periodsBetween(calendar, fromMs, nowMs + AHEAD_MS + MARGIN_MS).map(
    ({ startMs, endMs }) => ({ startMs: Math.max(startMs, storedUntilMs ?? startMs), endMs }),
  );
}

/** The period of a calendar that began last, and when the next one begins, from what is stored. */
export async function storedPeriodsAround(
  db: Kysely<Database>,
  calendar: string,
  atMs: number,
): Promise<Period[]> {
  const of = db
    .selectFrom('calendar_periods')
    .select(['starts_at', 'ends_at'])
    .where('calendar', '=', calendar)
    .limit(1);
  const rows = [
    ...(await of.where('starts_at', '<=', atMs).orderBy('starts_at', 'desc').execute()),
    ...(await of.where('starts_at', '>', atMs).orderBy('starts_at').execute()),
  ];
  return rows.map(({ starts_at: startMs, ends_at: endMs }) => ({ startMs, endMs }));
}

/** Keeps the periods of all calendars in use known for at least 400 days ahead. */
export class CalendarStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The calendars of all plans, and of all budgets that have not ended. */
  async inUse(): Promise<string[]> {
    const plans = await this.#db.selectFrom('plans').select('calendar').distinct().execute();
    const budgets = await this.#db
      .selectFrom('budgets')
      .select('calendar')
      .distinct()
      .where('calendar', 'is not', null)
      .where('ended_at', 'is', null)
      .execute();
    return [...new Set([...plans, ...budgets].flatMap(({ calendar }) => calendar ?? []))];
  }

  /** As `fillCalendar`. */
  async fill(calendar: string, nowMs: number): Promise<void> {
    await fillCalendar(this.#db, calendar, nowMs);
  }
}
