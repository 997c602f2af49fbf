/** How long a provider asks to be left alone, by the headers of its response. */

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Nobody is left alone for longer, whatever a header says. */
const MOST_MS = 3_600_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads, in this order:
 * - `retry-after-ms` of OpenAI and Azure, in milliseconds;
 * - `Retry-After` (RFC 9110, section 10.2.3), in seconds or as a date, which is compared with the
 *   `Date` of the response, so that a wrong clock on either side does not matter;
 * - `x-ratelimit-reset-requests` and `x-ratelimit-reset-tokens`, such as `6m0s` or `20ms`, where
 *   `x-ratelimit-remaining-…` says that none are left
 *   (https://platform.openai.com/docs/guides/rate-limits).
 * @returns milliseconds, at most an hour; undefined if no header tells
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs = Date.now()): number | undefined {
  const told =
    numberIn(firstOf(headers['retry-after-ms'])) ??
    secondsOrDate(firstOf(headers['retry-after']), dateOf(firstOf(headers.date)) ?? nowMs) ??
    untilReset(headers);
  return told === undefined ? undefined : Math.min(Math.max(told, 0), MOST_MS);
}

/** The first value of a header; an empty text if it is missing. */
export function firstOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function numberIn(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function secondsOrDate(text: string, nowMs: number): number | undefined {
  const seconds = numberIn(text);
  if (seconds !== undefined) return seconds * 1_000;
  const atMs = dateOf(text);
  return atMs === undefined ? undefined : atMs - nowMs;
}

/** An HTTP date in any of its three formats (RFC 9110, section 5.6.7), all of which are in UTC. */
function dateOf(text: string): number | undefined {
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const ms = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

function untilReset(headers: ResponseHeaders): number | undefined {
  const resets = ['requests', 'tokens'].flatMap((what) => {
    const isUsedUp = firstOf(headers[`x-ratelimit-remaining-${what}`]) === '0';
    const resetMs = isUsedUp && durationOf(firstOf(headers[`x-ratelimit-reset-${what}`]));
    return typeof resetMs === 'number' ? [resetMs] : [];
  });
  return resets.length > 0 ? Math.max(...resets) : undefined;
}

/** `1h2m3.5s`, `20ms`, or a number of seconds. */
function durationOf(text: string): number | undefined {
  const seconds = numberIn(text);
  if (seconds !== undefined) return seconds * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(count) * (UNIT_MS[unit as string] as number);
  }
  return sum;
}
