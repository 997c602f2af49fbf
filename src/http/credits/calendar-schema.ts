/** Calendars as clients send and read them. */
import { Type } from 'typebox';
import { storable } from '../framework/common-schema.ts';

const Day = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  'x-message': 'Give a day as YYYY-MM-DD.',
});

/** A calendar as clients read it. */
export const ShownCalendar = Type.Object({
  kind: Type.Enum(['day', 'week', 'month', 'term']),
  weekday: Type.Optional(Type.Integer()),
  day: Type.Optional(Type.Integer()),
  terms: Type.Optional(
    Type.Array(Type.Object({ first_day: Type.String(), last_day: Type.String() })),
  ),
  time_zone: Type.String(),
});

/** A calendar as clients send it. */
export const CalendarText = Type.Object(
  {
    kind: Type.Enum(['day', 'week', 'month', 'term']),
    weekday: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 7,
        description: 'On which a week begins: 1 is Monday (the default), 7 Sunday.',
      }),
    ),
    day: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 31,
        description: 'On which a month begins, or its last day if it is shorter; by default 1.',
      }),
    ),
    terms: Type.Optional(
      Type.Array(Type.Object({ first_day: Day, last_day: Day }), {
        minItems: 1,
        maxItems: 50,
        description: 'Both days are included. There may be gaps.',
      }),
    ),
    time_zone: storable({ maxLength: 60, description: 'Such as `Europe/Berlin`.' }),
  },
  { description: 'Periods that begin at midnight in a time zone.' },
);
