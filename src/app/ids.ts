import { randomFillSync } from 'node:crypto';

const RANDOM_POOL_BYTES = 4096;
const pool = Buffer.alloc(RANDOM_POOL_BYTES);
let poolUsed = RANDOM_POOL_BYTES;
let lastMs = 0;
let counter = 0;

/** User ids count milliseconds from here, so that they fit into a JavaScript number. */
const USER_ID_EPOCH_MS = Date.UTC(2026, 0, 1);
const USER_ID_RANDOM_BITS = 12;

/**
 * A new id for a generation or a transfer: a UUID version 7 (RFC 9562). The 12 bits after the
 * time are a counter within the millisecond (section 6.2, method 1), so ids of one process sort in
 * the order of their creation, and rows are appended to indexes instead of scattered.
 */
export function newId(): string {
  let nowMs = Date.now();
  if (nowMs > lastMs) {
    counter = takeRandom(2).readUInt16BE() & 0x7ff;
  } else {
    counter += 1;
    nowMs = lastMs;
    if (counter > 0xfff) {
      counter = 0;
      nowMs += 1;
    }
  }
  lastMs = nowMs;
  const bytes = takeRandom(8);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x80;
  const time = nowMs.toString(16).padStart(12, '0');
  const tail = bytes.toString('hex');
  const middle = counter.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${middle}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** The least id that `newId` can give at a moment or later. @param atMs since 1970 UTC */
export function firstIdAt(atMs: number): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/** The moment of an id of `newId`, in ms since 1970 UTC. */
export function momentOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * A new id for a user: an integer below 2^53, as Simple JWT's `user_id` is, made of the time and
 * 12 random bits, so that no database sequence is needed. Two users of the same millisecond may get
 * the same id; then the ledger answers `id_taken` and the caller tries another.
 */
export function newUserId(): number {
  const random = takeRandom(2).readUInt16BE() >> (16 - USER_ID_RANDOM_BITS);
  return (Date.now() - USER_ID_EPOCH_MS) * 2 ** USER_ID_RANDOM_BITS + random;
}

/** The least id that `newUserId` can give at a moment or later. @param atMs since 1970 UTC */
export function firstUserIdAt(atMs: number): number {
  return Math.max(0, Math.floor(atMs) - USER_ID_EPOCH_MS) * 2 ** USER_ID_RANDOM_BITS;
}

/** Random bytes from a pool, since a system call would cost more than the rest of an id. */
function takeRandom(count: number): Buffer {
  if (poolUsed + count > RANDOM_POOL_BYTES) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += count;
  return pool.subarray(poolUsed - count, poolUsed);
}
