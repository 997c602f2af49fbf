/**
 * `node:test` for tests that need a browser: where there is none, every test is skipped with the
 * reason, and no hook runs.
 */
import { existsSync } from 'node:fs';
import * as runner from 'node:test';
import { chooseBrowser } from './choose-browser.ts';

const { missing } = chooseBrowser(process, existsSync);

export const before = unlessMissing(runner.before);
export const beforeEach = unlessMissing(runner.beforeEach);
export const afterEach = unlessMissing(runner.afterEach);
export const after = unlessMissing(runner.after);

/** Declares a test that uses a browser. */
export function test(name: string, body: (context: runner.TestContext) => unknown): void {
  void runner.test(name, { skip: missing ?? false }, async (context) => {
    await body(context);
  });
}

function unlessMissing(hook: typeof runner.before): (body: () => unknown) => void {
  return (body) => {
    if (missing === undefined) hook(async () => void (await body()));
  };
}
