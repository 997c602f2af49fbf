import { after } from 'node:test';

/** What a failed test has left open must not keep the process alive, and the run waiting. */
const LEFT_OPEN_MS = 10_000;

const endings: (() => unknown)[] = [];

/** Calls `end` after the last test of this process, which may run several files. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

// In a script that is no test, `after` would start the test runner.
if (process.env.NODE_TEST_CONTEXT) {
  after(async () => {
    for (const end of endings.toReversed()) await end();
    setTimeout(() => {
      process.stderr.write('Something is left open after the last test.\n');
      process.exit(1);
    }, LEFT_OPEN_MS).unref();
  });
}
