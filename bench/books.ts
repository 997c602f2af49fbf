/** Whether the books agree with what was answered. A fast server that loses a charge is no use. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LoadResult } from './load-job.ts';
import { runChit } from './processes.ts';

/** What one server answered and stored, and every way in which the two do not fit. */
export interface Books {
  readonly server: string;
  readonly answered: number;
  readonly messages: number;
  readonly charges: number;
  readonly faults: readonly string[];
}

/**
 * Compares the database of a server that was stopped with all that it answered.
 * @param results every load that it was put under
 */
export async function checkBooks(
  server: string,
  folder: string,
  results: readonly LoadResult[],
): Promise<Books> {
  const answered = results.reduce((sum, result) => sum + result.answered, 0);
  const counts = countsIn(join(folder, 'data/chit.db'));
  const { messages, charges, openHolds } = counts;
  const faults: string[] = [];
  if (messages !== answered) faults.push(`${answered} were answered, ${messages} are stored.`);
  if (charges !== answered) faults.push(`${answered} were answered, ${charges} were charged.`);
  if (openHolds > 0) faults.push(`${openHolds} holds were left open.`);
  for (const { otherStatuses } of results) {
    for (const [status, count] of Object.entries(otherStatuses)) {
      faults.push(`${count} requests were answered ${status}.`);
    }
  }
  const code = await runChit(folder, ['ledger', 'verify']);
  if (code !== 0) faults.push(`"chit ledger verify" exited with ${code}.`);
  return { server, answered, messages, charges, faults };
}

function countsIn(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const sql = `SELECT
      (SELECT count(*) FROM messages WHERE status = 'complete') AS messages,
      (SELECT count(*) FROM transfers WHERE kind = 'charge') AS charges,
      (SELECT count(*) FROM holds WHERE state = 'open') AS "openHolds"`;
    return db.prepare(sql).get() as { messages: number; charges: number; openHolds: number };
  } finally {
    db.close();
  }
}
