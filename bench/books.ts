/** Whether the books agree with what was answered. A fast server that loses a charge is no use. */
import type { LoadResult } from './load-job.ts';
import { type Counts, countsIn, type Place } from './places.ts';
import { runChit } from './processes.ts';

/** What one server answered and stored, and every way in which the two do not fit. */
export interface Books {
  readonly server: string;
  readonly answered: number;
  readonly messages: number;
  readonly charges: number;
  readonly faults: readonly string[];
}

const NOTHING: Counts = { messages: 0, charges: 0, openHolds: 0 };

/**
 * Compares the database of a server that was stopped with all that it answered.
 * @param results every load that it was put under
 * @param before what was there when it started; then only what it added is looked at, since the
 *   whole may be large
 */
export async function checkBooks(
  server: string,
  place: Place,
  results: readonly Pick<LoadResult, 'answered' | 'otherStatuses'>[],
  before?: Counts,
): Promise<Books> {
  const answered = results.reduce((sum, result) => sum + result.answered, 0);
  const counts = await countsIn(place);
  const messages = counts.messages - (before ?? NOTHING).messages;
  const charges = counts.charges - (before ?? NOTHING).charges;
  const faults: string[] = [];
  if (messages !== answered) faults.push(`${answered} were answered, ${messages} are stored.`);
  if (charges !== answered) faults.push(`${answered} were answered, ${charges} were charged.`);
  if (counts.openHolds > 0) faults.push(`${counts.openHolds} holds were left open.`);
  for (const { otherStatuses } of results) {
    for (const [status, count] of Object.entries(otherStatuses)) {
      faults.push(`${count} requests were answered ${status}.`);
    }
  }
  const code = before ? 0 : await runChit(place, ['ledger', 'verify']);
  if (code !== 0) faults.push(`"chit ledger verify" exited with ${code}.`);
  return { server, answered, messages, charges, faults };
}
