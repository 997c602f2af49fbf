/**
 * The floor: the least that a server can do to answer a chat and have charged for it durably. It
 * makes the same changes to the same tables with the same statements, in batches formed in the
 * same way, and nothing else: no framework, no sign-in, no checks, no log, no engine, no Kysely.
 * What Chit takes longer than this is the price of everything that makes it Chit.
 *
 * Usage: node bench/floor.ts DATABASE, an SQLite file with users in it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StatementSync } from 'node:sqlite';
import { SQLITE_LEDGER_SQL as SQL } from '../src/ledger/sqlite-statements.ts';
import { SqliteConnection } from '../src/store/sqlite-connection.ts';

const MAX_BATCH = 512;
const PRICE_CREDITS = 100;
const PRICE_TEXT =
  '{"perMessage":100,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}';
const MODEL = 'dummy';
const LEASE = '01980000-0000-7000-8000-000000000000';
const REPLY = 'This is a dummy response from the AI.';

/** A write, and what to do when the batch that it was in is durable. */
interface Write {
  readonly write: () => void;
  readonly done: () => void;
}

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

const waiting: Write[] = [];
let isRunning = false;

function submit(write: Write): void {
  waiting.push(write);
  if (isRunning) return;
  isRunning = true;
  setImmediate(runBatch);
}

function runBatch(): void {
  const batch = waiting.splice(0, MAX_BATCH);
  begin.run();
  for (const { write } of batch) write();
  commit.run();
  for (const { done } of batch) done();
  isRunning = waiting.length > 0;
  if (isRunning) setImmediate(runBatch);
}

/** Ids in rising order, as long as a UUID, so that rows are appended as Chit's are. */
const idPrefix = `${Date.now().toString(16).padStart(12, '0')}-floor-`;
let ids = 0;
function nextId(): string {
  ids += 1;
  return `${idPrefix}${ids.toString(16).padStart(36 - idPrefix.length, '0')}`;
}

function hold(id: string, userId: number, message: string, atMs: number): void {
  const asked = [PRICE_CREDITS, PRICE_CREDITS, LEASE, MODEL, PRICE_TEXT, 0, null, atMs] as const;
  const held = insertHold.get(id, userId, ...asked) as { credits: number } | undefined;
  if (!held) throw new Error('An account of the benchmark has run out of credits.');
  addHeld.run(held.credits, userId);
  insertMessage.run(id, userId, MODEL, message, atMs);
}

function settle(id: string, userId: number, atMs: number): void {
  endHold.get('settled', atMs, id, userId);
  const booked = charge.get(PRICE_CREDITS, PRICE_CREDITS, userId);
  const { posted, number } = booked as { posted: number; number: number };
  const about = [MODEL, PRICE_TEXT, null, null, null, 'flat', 0] as const;
  insertCharge.run(id, userId, number, 0 - PRICE_CREDITS, posted, ...about, atMs);
  endMessage.run(REPLY, 'complete', null, atMs, id);
}

function chat(userId: number, message: string, response: ServerResponse): void {
  const id = nextId();
  const atMs = Date.now();
  const answer = () => {
    const timestamp = new Date(atMs).toISOString();
    const body = JSON.stringify({ user: userId, message, response: REPLY, timestamp });
    const length = Buffer.byteLength(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    response.end(body);
  };
  const settleLater = () => {
    submit({ write: () => settle(id, userId, Date.now()), done: answer });
  };
  submit({ write: () => hold(id, userId, message, atMs), done: settleLater });
}

/** Every request is a chat; the header `x-user` says whose. */
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { message } = JSON.parse(Buffer.concat(chunks).toString()) as { message: string };
    chat(Number(request.headers['x-user']), message, response);
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`The floor listens on http://127.0.0.1:${port}/\n`);
});

process.once('SIGTERM', () => {
  server.close(() => connection.close());
  server.closeAllConnections();
});
