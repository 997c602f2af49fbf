/** Moments in words, for people who read them outside of the page: in mail and in a terminal. */
import { isTimeZone } from './calendar.ts';

/**
 * Writes moments in a language, with the time zone: `29 November 2026 at 14:05 CET`.
 * @param locale such as `en-GB`
 * @param timeZone a name of the IANA time zone database
 */
export function timesIn(locale: string, timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  });
  return (ms) => format.format(ms);
}

/** The time zone of this machine, or of `TZ`; UTC if it has none that has a name. */
export function ownTimeZone(): string {
  // Undefined, against its type, if `TZ` is no name.
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name !== undefined && isTimeZone(name) ? name : 'UTC';
}
