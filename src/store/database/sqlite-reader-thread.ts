/** The thread of `sqlite-reader.ts`. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { addInTime } from './in-time.ts';
import type { FromThread, ThreadData, ToThread } from './sqlite-reader.ts';

/** How long a query waits for a lock, which readers need only while the file is being recovered. */
const BUSY_TIMEOUT_MS = 1_000;
const PAGE_CACHE_KIB = 4_096;
const MAX_CACHED_STATEMENTS = 100;
/** What is unpacked at once where the rows are needed: about a millisecond's work. */
const CHUNK_ROWS = 500;
const CHUNK_CHARACTERS = 262_144;

class TooLong extends Error {}

const { path, limitMs } = workerData as ThreadData;
const statements = new Map<string, StatementSync>();
let connection: DatabaseSync | undefined;
let endsAtMs = 0;
let rows: Iterator<object> = [].values();

parentPort?.on('message', (message: ToThread) => parentPort?.postMessage(answerTo(message)));
parentPort?.postMessage({ kind: 'ready' } satisfies FromThread);

function answerTo(message: ToThread): FromThread {
  try {
    if (message.kind === 'query') {
      endsAtMs = performance.now() + limitMs;
      rows = prepared(message.sql).iterate(...message.parameters) as Iterator<object>;
    }
    return nextChunk();
  } catch (error) {
    rows.return?.();
    if (error instanceof TooLong) return { kind: 'too_long' };
    const { message: text, errcode } = error as Error & { errcode?: number };
    return { kind: 'error', message: text, errcode };
  }
}

function nextChunk(): FromThread {
  const chunk: object[] = [];
  let characters = 0;
  while (chunk.length < CHUNK_ROWS && characters < CHUNK_CHARACTERS) {
    checkTime();
    const { value, done } = rows.next();
    if (done) return { kind: 'rows', rows: chunk, isLast: true };
    chunk.push(value);
    for (const cell of Object.values(value))
      if (typeof cell === 'string') characters += cell.length;
  }
  return { kind: 'rows', rows: chunk, isLast: false };
}

function checkTime(): void {
  if (performance.now() > endsAtMs) throw new TooLong();
}

function prepared(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known) return known;
  if (statements.size >= MAX_CACHED_STATEMENTS) statements.clear();
  connection ??= opened();
  const statement = connection.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

function opened(): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  db.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
  addInTime(db, checkTime);
  return db;
}
