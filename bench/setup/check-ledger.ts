/** Whether the ledger agrees with the answers: a fast server that loses a charge is worthless. */
import type { LoadResult } from '../load/load-job.ts';
import { runChit } from '../system/processes.ts';
import { type Counts, countsIn, type Workspace } from './workspaces.ts';

/** What one server answered and stored, and every way in which the two do not fit. */
export interface LedgerCheck {
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
 * @param options.before what the database had when it started; then only what it added is checked,
 *   since the whole may be large
 * @param options.root the checkout of the server; this one by default
 */
export async function checkLedger(
  server: string,
  workspace: Workspace,
  results: readonly Pick<LoadResult, 'answered' | 'otherStatuses'>[],
  { before, root }: { readonly before?: Counts; readonly root?: string } = {},
): Promise<LedgerCheck> {
  const answered = results.reduce((sum, result) => sum + result.answered, 0);
  const counts = await countsIn(workspace);
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
  const code = before ? 0 : await runChit(workspace, ['ledger', 'verify'], root);
  if (code !== 0) faults.push(`"chit ledger verify" exited with ${code}.`);
  return { server, answered, messages, charges, faults };
}
