/** When something that could not be delivered is tried again. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** It is given up afterwards. */
export const DAY_MS = 24 * HOUR_MS;
/** After so many minutes each: about ten attempts in a day. */
const PAUSES_MINUTES = [1, 5, 15, 30, 60, 120, 180, 240] as const;

/**
 * When a delivery is tried again, after growing pauses.
 * @returns undefined once a day is over: it is given up
 */
export function nextAttemptMs(
  { attempts, sinceMs }: { readonly attempts: number; readonly sinceMs: number },
  nowMs: number,
): number | undefined {
  const index = Math.min(Math.max(attempts, 1), PAUSES_MINUTES.length) - 1;
  const nextMs = nowMs + (PAUSES_MINUTES[index] ?? 1) * MINUTE_MS;
  return nextMs - sinceMs > DAY_MS ? undefined : nextMs;
}
