/** How a command ended: as it should, or with a reason that a script and a person can use. */
import assert from 'node:assert/strict';
import type { CommandOutcome } from './server.ts';

/** It did what it was asked; only its output is on stdout. */
export function assertDone({ code, stdout, stderr }: CommandOutcome): string {
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
  return stdout;
}

/** It did not; the reason is on stderr, without a stack, and nothing is on stdout. */
export function assertFailed(outcome: CommandOutcome, code: 1 | 2, reason: RegExp): void {
  assert.match(outcome.stderr, reason);
  assert.doesNotMatch(outcome.stderr, /^ +at .*:\d+/m, 'no stack');
  assert.deepEqual([outcome.code, outcome.stdout], [code, ''], outcome.stderr);
}
