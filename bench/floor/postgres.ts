/**
 * The floor on PostgreSQL: for each batch one call of the function that Chit calls, on one
 * connection, with the parameters written down as that function takes them.
 *
 * Usage: node bench/floor/postgres.ts URL, of a database with users in it.
 */
import pg from 'pg';
import { FLOOR_CHAT, type FloorCommand, serveFloor } from './server.ts';

const APPLY = 'SELECT * FROM ledger_apply_0013($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';
const { credits, price, model, lease, reply } = FLOOR_CHAT;

const client = new pg.Client({ connectionString: process.argv[2] as string });
await client.connect();

function settlesText(settles: readonly FloorCommand[]): string | null {
  if (settles.length === 0) return null;
  const items = settles.map(({ id, userId, atMs }, index) => ({
    batch_index: index,
    id,
    account_id: userId,
    cost: credits,
    usage_source: 'flat',
    reply,
    status: 'complete',
    at: atMs,
  }));
  return JSON.stringify(items);
}

function holdsText(holds: readonly FloorCommand[], firstIndex: number): string | null {
  if (holds.length === 0) return null;
  const items = holds
    // The function counts on holds of one account standing together.
    .toSorted((a, b) => a.userId - b.userId)
    .map(({ id, userId, message, atMs }, index) => ({
      batch_index: firstIndex + index,
      id,
      account_id: userId,
      most: credits,
      least: credits,
      lease_id: lease,
      model,
      price,
      input_tokens: 0,
      content: message,
      at: atMs,
    }));
  return JSON.stringify(items);
}

serveFloor({
  apply: async (settles, holds) => {
    const accounts = new Set([...settles, ...holds].map(({ userId }) => userId));
    const texts = [settlesText(settles), null, holdsText(holds, settles.length)];
    // Nothing is opened, granted, distributed, refunded, renewed or journaled.
    const values = [[...accounts], null, null, null, null, null, null, ...texts];
    const { rows } = await client.query<{ outcome: string }>({
      name: 'ledger_apply',
      text: APPLY,
      values,
    });
    if (rows.some(({ outcome }) => outcome !== 'held' && outcome !== 'settled')) {
      throw new Error('An account of the benchmark has run out of credits.');
    }
  },
  close: () => client.end(),
});
