/**
 * The floor on SQLite.
 *
 * Usage: node bench/floor/sqlite.ts DATABASE, a file with users in it.
 */
import type { StatementSync } from 'node:sqlite';
import { SQLITE_LEDGER_SQL as SQL } from '../../src/ledger/sqlite/statements.ts';
import { SqliteConnection } from '../../src/store/database/sqlite-connection.ts';
import { FLOOR_CHAT, type FloorCommand, serveFloor } from './server.ts';

// Opened by Chit's own connection, so that the pragmas are the same; its queue is not used.
const connection = new SqliteConnection(process.argv[2] as string);
const prepare = (sql: string): StatementSync => connection.db.prepare(sql);
const begin = prepare('BEGIN IMMEDIATE');
const commit = prepare('COMMIT');
const addHeld = prepare(SQL.addHeld);
const insertHold = prepare(SQL.insertHold);
const insertMessage = prepare(SQL.insertMessage);
const endHold = prepare(SQL.endHold);
const charge = prepare(SQL.charge);
const insertCharge = prepare(SQL.insertCharge);
const endMessage = prepare(SQL.endMessage);

const { credits, price, model, lease, reply } = FLOOR_CHAT;

function hold({ id, userId, message, atMs }: FloorCommand): void {
  const asked = [credits, credits, lease, model, price, 0, null, atMs] as const;
  const held = insertHold.get(id, userId, ...asked) as { credits: number } | undefined;
  if (!held) throw new Error('An account of the benchmark has run out of credits.');
  addHeld.run(held.credits, userId);
  insertMessage.run(id, userId, model, message, atMs, null, null, 0);
}

function settle({ id, userId, atMs }: FloorCommand): void {
  endHold.get('settled', atMs, id, userId);
  const booked = charge.get(credits, credits, userId);
  const { posted, expiring, number } = booked as Record<'posted' | 'expiring' | 'number', number>;
  const about = [null, model, price, null, null, null, null, null, 'flat', 0] as const;
  insertCharge.run(id, userId, number, 0 - credits, posted, expiring, ...about, atMs);
  endMessage.run(reply, 'complete', null, atMs, id);
}

serveFloor({
  apply: async (settles, holds) => {
    begin.run();
    for (const command of settles) settle(command);
    for (const command of holds) hold(command);
    commit.run();
  },
  close: async () => connection.close(),
});
