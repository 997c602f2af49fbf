/**
 * Assertions on what a page shows. They read it again until it is as expected, since a page needs a
 * moment to show what has changed, and a longer one on a slow machine.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 50;

/**
 * Waits until what is read is deeply equal to `expected`.
 * @param read reads the page, without changing it
 * @throws AssertionError with what was read last, if it is not so in time
 */
export function eventuallyEqual<T>(
  read: () => Promise<T>,
  expected: unknown,
  message = 'It is not as expected.',
): Promise<void> {
  return eventually(read, (actual) => assert.deepEqual(actual, expected, message));
}

/** The same for a text that matches a pattern. */
export function eventuallyMatch(
  read: () => Promise<string>,
  pattern: RegExp,
  message = 'It is not as expected.',
): Promise<void> {
  return eventually(read, (actual) => assert.match(actual, pattern, message));
}

/** Waits until what asserts something of the page passes; it is tried anew each time. */
export async function eventuallyPasses(check: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    try {
      await check();
      return;
    } catch (error) {
      // Also where what is read is not there yet, or the page is just being loaded.
      if (performance.now() >= end) throw error;
    }
  }
}

function eventually<T>(read: () => Promise<T>, check: (actual: T) => void): Promise<void> {
  return eventuallyPasses(async () => check(await read()));
}
