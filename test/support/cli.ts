/** Assertions on how a command ended. */
import assert from 'node:assert/strict';
import type { CommandOutcome } from './server.ts';

/** Asserts that it succeeded with nothing on stderr; returns its output. */
export function assertDone({ code, stdout, stderr }: CommandOutcome): string {
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
  return stdout;
}

/** Asserts that it failed: the reason is on stderr, without a stack, and stdout is empty. */
export function assertFailed(outcome: CommandOutcome, code: 1 | 2, reason: RegExp): void {
  assert.match(outcome.stderr, reason);
  assert.doesNotMatch(outcome.stderr, /^ +at .*:\d+/m, 'no stack');
  assert.deepEqual([outcome.code, outcome.stdout], [code, ''], outcome.stderr);
}
