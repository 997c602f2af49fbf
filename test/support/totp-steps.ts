/** Tests of codes whose time is up soon do not begin at the end of it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a code of an authenticator app stays the present one. */
export const STEP_MS = 30_000;
/** A test takes at most as long, also on a slow machine. */
const LEAST_LEFT_MS = 10_000;

/** Waits for the next step if this one is over soon. */
export async function awayFromTheEndOfAStep(): Promise<void> {
  const leftMs = STEP_MS - (Date.now() % STEP_MS);
  if (leftMs < LEAST_LEFT_MS) await sleep(leftMs);
}
