import { after } from 'node:test';

const endings: (() => unknown)[] = [];

/** Has something ended after the last test of this process, which may run several files. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

// Elsewhere, `after` would make a test of a script.
if (process.env.NODE_TEST_CONTEXT) {
  after(async () => {
    for (const end of endings.toReversed()) await end();
  });
}
