/**
 * The floor: the least that a server can do to answer a chat and have charged for it durably. It
 * makes the same changes to the same tables with the same statements, in batches formed in the
 * same way, and nothing else: no framework, no sign-in, no checks, no log, no engine, no Kysely.
 * The time beyond this is what everything else in Chit costs.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../src/app/ids.ts';

const MAX_BATCH = 512;

/** Constants of every chat of the floor. */
export const FLOOR_CHAT = {
  credits: 100,
  price: '{"perMessage":100,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}',
  model: 'dummy',
  lease: '01980000-0000-7000-8000-000000000000',
  reply: 'This is a dummy response from the AI.',
} as const;

export interface FloorCommand {
  readonly kind: 'hold' | 'settle';
  readonly id: string;
  readonly userId: number;
  readonly message: string;
  readonly atMs: number;
}

/** A database of the floor. */
export interface FloorDatabase {
  /** Carries out a batch as one transaction, settles before holds, until it is durable. */
  apply(settles: readonly FloorCommand[], holds: readonly FloorCommand[]): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly command: FloorCommand;
  readonly done: () => void;
}

/** Serves chats: every request is one, and the header `x-user` says whose. */
export function serveFloor(database: FloorDatabase): void {
  const submit = batching(database);

  const chat = (userId: number, message: string, response: ServerResponse) => {
    const id = newId();
    const atMs = Date.now();
    const answer = () => {
      const timestamp = new Date(atMs).toISOString();
      const reply = FLOOR_CHAT.reply;
      const body = JSON.stringify({ user: userId, message, response: reply, timestamp });
      const length = Buffer.byteLength(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
      response.end(body);
    };
    const settle = () => {
      submit({ kind: 'settle', id, userId, message, atMs: Date.now() }, answer);
    };
    submit({ kind: 'hold', id, userId, message, atMs }, settle);
  };

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
    server.close(() => database.close());
    server.closeAllConnections();
  });
}

/** Commands that arrive while a batch is under way form the next, as in `ledger/ledger.ts`. */
function batching(database: FloorDatabase): (command: FloorCommand, done: () => void) => void {
  const waiting: Waiting[] = [];
  let isRunning = false;

  const run = async () => {
    while (waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = waiting.splice(0, MAX_BATCH);
      const of = (kind: FloorCommand['kind']) =>
        batch.map(({ command }) => command).filter((command) => command.kind === kind);
      await database.apply(of('settle'), of('hold'));
      for (const { done } of batch) done();
    }
    isRunning = false;
  };
  return (command, done) => {
    waiting.push({ command, done });
    if (isRunning) return;
    isRunning = true;
    void run();
  };
}
