/** Where a scripted answer waits until a test lets it go on, however slow the machine is. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from './scratch.ts';
import type { Step } from './scripted-model.ts';

export interface Held {
  /** Stands in the script where the answer waits. */
  readonly step: Step;
  /** Lets it go on. */
  release(): void;
}

let count = 0;

/** A place in a script at which the answer waits for the test. */
export function held(): Held {
  count += 1;
  const file = join(scratchFolder(), `chit-held-${process.pid}-${count}`);
  return { step: { waitForFile: file }, release: () => writeFileSync(file, '') };
}
