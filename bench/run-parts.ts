/** Runs the parts of a benchmark one after the other, and keeps what the first ones measured. */
import type { Draft, Failure } from './report/report.ts';

export interface Part {
  readonly name: string;
  /** Measures and adds the results to the report. */
  measure(draft: Draft): Promise<void>;
}

/**
 * Runs the parts in order until one fails: what it started may still be running and would disturb
 * the others.
 * @returns which part failed and why; undefined if none did
 */
export async function runParts(parts: readonly Part[], draft: Draft): Promise<Failure | undefined> {
  for (const { name, measure } of parts) {
    try {
      await measure(draft);
    } catch (error) {
      return { part: name, reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}
