/** A plan while it is being written, and what is sent of it. */
import type { AllowancePlan, NewPlan } from '../types.ts';

export type PeriodKind = AllowancePlan['calendar']['kind'];
type Calendar = AllowancePlan['calendar'];
type Window = AllowancePlan['windows'][number];

/** Everything is text, as it is typed. */
export interface PlanDraft {
  readonly name: string;
  readonly tokens: string;
  readonly kind: PeriodKind;
  readonly weekday: string;
  readonly day: string;
  /** One term per line: the first and the last day. */
  readonly terms: readonly { readonly first: string; readonly last: string }[];
  readonly timeZone: string;
  readonly windows: readonly WindowDraft[];
  /** Separated by commas; empty for all. */
  readonly models: string;
  readonly requests: string;
  readonly usage: string;
}

export interface WindowDraft {
  readonly tokens: string;
  /** `hours`, or a kind of period that repeats. */
  readonly every: 'hours' | 'day' | 'week' | 'month';
  readonly hours: string;
}

export const NEW_WINDOW: WindowDraft = { tokens: '', every: 'hours', hours: '5' };
export const NEW_TERM = { first: '', last: '' };

/** @param timeZone of the reader */
export function emptyDraft(timeZone: string): PlanDraft {
  return {
    name: '',
    tokens: '',
    kind: 'month',
    weekday: '1',
    day: '1',
    terms: [NEW_TERM],
    timeZone,
    windows: [],
    models: '',
    requests: '',
    usage: '',
  };
}

/** The draft of a plan that is to be changed. */
export function draftOf(plan: AllowancePlan): PlanDraft {
  const { calendar, models, requests_per_minute, usage_per_minute } = plan;
  const terms = calendar.terms?.map((it) => ({ first: it.first_day, last: it.last_day }));
  return {
    name: plan.name,
    tokens: String(plan.tokens),
    kind: calendar.kind,
    weekday: String(calendar.weekday ?? 1),
    day: String(calendar.day ?? 1),
    terms: terms ?? [NEW_TERM],
    timeZone: calendar.time_zone,
    windows: plan.windows.map(windowDraftOf),
    models: models?.join(', ') ?? '',
    requests: requests_per_minute === null ? '' : String(requests_per_minute),
    usage: usage_per_minute === null ? '' : String(usage_per_minute),
  };
}

function windowDraftOf({ tokens, hours, calendar }: Window): WindowDraft {
  const kind = calendar?.kind ?? 'day';
  return {
    tokens: String(tokens),
    every: hours === undefined && kind !== 'term' ? kind : 'hours',
    hours: String(hours ?? 5),
  };
}

/** What is sent; numbers that are missing are left to the server to refuse. */
export function planIn(draft: PlanDraft): NewPlan {
  const models = draft.models
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  return {
    name: draft.name.trim(),
    tokens: Number(draft.tokens),
    calendar: calendarIn(draft),
    windows: draft.windows.map((it) => windowIn(it, draft)),
    models: models.length === 0 ? null : models,
    requests_per_minute: draft.requests === '' ? null : Number(draft.requests),
    usage_per_minute: draft.usage === '' ? null : Number(draft.usage),
  };
}

/** The calendar of a draft, with only what belongs to its kind. */
export function calendarIn({ kind, weekday, day, terms, timeZone }: PlanDraft): Calendar {
  switch (kind) {
    case 'day':
      return { kind, time_zone: timeZone };
    case 'week':
      return { kind, weekday: Number(weekday), time_zone: timeZone };
    case 'month':
      return { kind, day: Number(day), time_zone: timeZone };
    case 'term': {
      const days = terms.map((it) => ({ first_day: it.first, last_day: it.last }));
      return { kind, terms: days, time_zone: timeZone };
    }
  }
}

function windowIn({ tokens, every, hours }: WindowDraft, { timeZone, weekday }: PlanDraft): Window {
  const limit = Number(tokens);
  if (every === 'hours') return { tokens: limit, hours: Number(hours) };
  const calendar = { kind: every, time_zone: timeZone };
  if (every === 'week')
    return { tokens: limit, calendar: { ...calendar, weekday: Number(weekday) } };
  return { tokens: limit, calendar: every === 'month' ? { ...calendar, day: 1 } : calendar };
}

/** Whether two calendars are the same. */
export function isSameCalendar(a: Calendar, b: Calendar): boolean {
  const text = ({ kind, weekday, day, terms, time_zone }: Calendar) =>
    JSON.stringify([kind, weekday, day, terms, time_zone]);
  return text(a) === text(b);
}
