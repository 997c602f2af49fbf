import type { Static } from 'typebox';
import type { Calendar } from '../../core/calendar.ts';
import type { CalendarText, ShownCalendar } from './calendar-schema.ts';

/** A calendar as a client sent it; `faultOfCalendar` tells whether it is valid. */
export function calendarIn(calendar: Static<typeof CalendarText>): Calendar {
  const { kind, weekday = 1, day = 1, terms = [], time_zone: timeZone } = calendar;
  switch (kind) {
    case 'day':
      return { kind, timeZone };
    case 'week':
      return { kind, weekday, timeZone };
    case 'month':
      return { kind, day, timeZone };
    case 'term': {
      const days = terms.map((it) => ({ firstDay: it.first_day, lastDay: it.last_day }));
      return { kind, terms: days, timeZone };
    }
  }
}

/** A calendar as clients read it. */
export function shownCalendar(calendar: Calendar): Static<typeof ShownCalendar> {
  const { kind, timeZone: time_zone } = calendar;
  switch (kind) {
    case 'day':
      return { kind, time_zone };
    case 'week':
      return { kind, weekday: calendar.weekday, time_zone };
    case 'month':
      return { kind, day: calendar.day, time_zone };
    case 'term': {
      const terms = calendar.terms.map((it) => ({
        first_day: it.firstDay,
        last_day: it.lastDay,
      }));
      return { kind, terms, time_zone };
    }
  }
}
