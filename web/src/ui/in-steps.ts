/** Work that may wait, in steps that are short enough to type and scroll in between. */

/** How long one step takes at most, unless a single task takes longer. */
const STEP_MS = 8;

const waiting: (() => void)[] = [];

/** Runs a task soon, after those that wait already. */
export function soon(task: () => void): void {
  waiting.push(task);
  if (waiting.length === 1) setTimeout(step);
}

function step(): void {
  const endMs = performance.now() + STEP_MS;
  do {
    waiting[0]?.();
    waiting.shift();
  } while (waiting.length > 0 && performance.now() < endMs);
  if (waiting.length > 0) setTimeout(step);
}
