/** How long invitations last: a span that is chosen, or until a day. */
import { useState } from 'preact/hooks';
import { words } from '../words/words.ts';

const TWO_WEEKS = '336';
const DAY_MS = 86_400_000;
const MOST_DAYS = 365;
const UNTIL = 'until';

/** What the server is told of it. */
export type Lasting = { readonly hours: number } | { readonly until: string };

/** The fields of a form; `lastingIn` reads them. */
export function LastingFields() {
  const [hours, setHours] = useState(TWO_WEEKS);
  const today = Date.now();
  return (
    <>
      <label>
        {words.value.invitationLasts}
        <select
          name="hours"
          value={hours}
          onChange={(event) => setHours(event.currentTarget.value)}
        >
          {Object.entries(words.value.invitationSpans).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value={UNTIL}>{words.value.invitationUntilDay}</option>
        </select>
      </label>
      {hours === UNTIL && (
        <label>
          {words.value.invitationLastDay}
          <input
            name="last_day"
            type="date"
            required
            min={dayOf(today)}
            max={dayOf(today + MOST_DAYS * DAY_MS)}
          />
        </label>
      )}
    </>
  );
}

/** What the form says; the last day counts to its end. */
export function lastingIn(fields: FormData): Lasting {
  const hours = fields.get('hours');
  if (hours !== UNTIL) return { hours: Number(hours) };
  return { until: new Date(`${fields.get('last_day')}T23:59:59`).toISOString() };
}

/** The day of a moment where the reader is, as fields of days have it. */
function dayOf(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
