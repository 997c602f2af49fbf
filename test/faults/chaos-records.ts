/** Compares the clients' records with the ledger. */
import assert from 'node:assert/strict';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import type { ChaosClient, Sent } from './chaos-client.ts';

/** A message as it is stored, with its charge if it has one. */
export interface Booked {
  readonly content: string;
  readonly status: string;
  readonly reply: string | null;
  readonly chargedCredits: number | null;
}

/** All messages by content; a retry that started over is a second one. */
export async function bookedOf({ kysely }: OpenDatabase): Promise<Map<string, Booked[]>> {
  const rows = await kysely
    .selectFrom('messages')
    .leftJoin('transfers', 'transfers.id', 'messages.id')
    .select(['messages.content', 'messages.status', 'messages.reply', 'transfers.credits'])
    .execute();
  const booked = new Map<string, Booked[]>();
  for (const { content, status, reply, credits } of rows) {
    const list = booked.get(content) ?? [];
    list.push({ content, status, reply, chargedCredits: credits === null ? null : 0 - credits });
    booked.set(content, list);
  }
  return booked;
}

/** Every 200 is charged once and stored as it was read; every refusal is not charged at all. */
export function assertRecordsAgree(client: ChaosClient, booked: Map<string, Booked[]>): void {
  for (const entry of client.sent) {
    const stored = booked.get(entry.content) ?? [];
    const charged = stored.filter(({ chargedCredits }) => chargedCredits !== null);
    const what = `${entry.status} after ${entry.tries} tries: ${entry.content}`;
    if (entry.status === 200) {
      assert.equal(charged.length, 1, what);
      assert.equal(charged[0]?.reply, entry.reply, what);
    } else if (entry.status === 0) {
      assert.ok(charged.length <= 1, what);
    } else {
      assert.equal(charged.length, 0, what);
    }
    // Without a key a message is sent once, so it is stored at most once.
    if (entry.key === undefined) assert.ok(stored.length <= 1, what);
  }
}

/** The run in numbers. */
export function figuresOf(clients: readonly ChaosClient[], booked: Map<string, Booked[]>): string {
  const sent = clients.flatMap((client) => client.sent);
  const stored = [...booked.values()].flat();
  const count = (is: (entry: Sent) => boolean) => sent.filter(is).length;
  return [
    `${sent.length} messages sent`,
    `${count(({ status }) => status === 200)} answered`,
    `${count(({ isReplayed }) => isReplayed)} of them replayed`,
    `${count(({ status }) => status > 200)} refused`,
    `${count(({ status }) => status === 0)} never answered`,
    `${stored.filter(({ status }) => status === 'incomplete').length} kept as incomplete`,
    `${stored.filter(({ status }) => status === 'failed').length} released`,
  ].join(', ');
}
