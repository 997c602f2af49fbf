/**
 * Passwords as argon2id hashes, with the parameters of OWASP's Password Storage Cheat Sheet
 * (19 MiB, 2 passes, 1 lane), written in the PHC string format.
 */
import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { readDjangoHash } from '../core/django.ts';
import { FairQueue, OWN_SOURCE, type QueueSource } from './fair-queue.ts';

const argon2Async = promisify(argon2);
const pbkdf2Async = promisify(pbkdf2);

const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const DJANGO_MARK = 'pbkdf2_sha256$';

/**
 * Hashing is expensive on purpose, so only as many hashes run at once as there are cores: a burst
 * of logins queues up instead of taking 19 MiB each and all threads of the pool.
 */
const queue = new FairQueue(availableParallelism());

/** On whose behalf a password is hashed. */
export interface HashSource extends QueueSource {
  /** Runs once it is the turn of the hash; throws to refuse it. */
  readonly admit?: () => Promise<void>;
}

function inTurn<T>(source: HashSource, hash: () => Promise<T>): Promise<T> {
  return queue.run(source, async () => {
    await source.admit?.();
    return hash();
  });
}

/**
 * Hashes a password as it was typed, neither trimmed nor normalised.
 * @throws ChitError `throttled`, `overloaded` if too many are waiting
 */
export async function hashPassword(
  password: string,
  source: HashSource = OWN_SOURCE,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await inTurn(source, () =>
    argon2Async('argon2id', {
      message: password,
      nonce: salt,
      parallelism: PARALLELISM,
      tagLength: HASH_BYTES,
      memory: MEMORY_KIB,
      passes: PASSES,
    }),
  );
  const parameters = `m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}`;
  return `$argon2id$v=19$${parameters}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether a password matches a hash made here or by a Django site. An unreadable hash matches
 * nothing.
 * @throws ChitError `throttled`, `overloaded` if too many are waiting; what `source.admit` throws
 */
export async function verifyPassword(
  password: string,
  phc: string,
  source: HashSource = OWN_SOURCE,
): Promise<boolean> {
  if (phc.startsWith(DJANGO_MARK)) return verifyDjangoPassword(password, phc, source);
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!parts) return false;
  const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
  const expectedHash = Buffer.from(expected, 'base64');
  const hash = await inTurn(source, () =>
    argon2Async('argon2id', {
      message: password,
      nonce: Buffer.from(salt, 'base64'),
      parallelism: Number(parallelism),
      tagLength: expectedHash.length,
      memory: Number(memory),
      passes: Number(passes),
    }),
  );
  return timingSafeEqual(hash, expectedHash);
}

/** Whether a hash should be replaced at the next login: it was imported from a Django site. */
export function isOutdated(hash: string): boolean {
  return hash.startsWith(DJANGO_MARK);
}

/**
 * Verifies exactly the hashes that an import accepts: both use `readDjangoHash`.
 * https://docs.djangoproject.com/en/stable/topics/auth/passwords/
 */
async function verifyDjangoPassword(
  password: string,
  text: string,
  source: HashSource,
): Promise<boolean> {
  const read = readDjangoHash(text);
  if (!read) return false;
  const { iterations, salt } = read;
  const expectedHash = Buffer.from(read.hash, 'base64');
  const hash = await inTurn(source, () =>
    pbkdf2Async(password, salt, iterations, HASH_BYTES, 'sha256'),
  );
  return timingSafeEqual(hash, expectedHash);
}

/** A hash that no password matches, so that unknown usernames take as long as known ones. */
export function unmatchableHash(): Promise<string> {
  return hashPassword(randomBytes(32).toString('base64'));
}

/** The salt of accounts without a password. */
const NO_SALT = unpadded(Buffer.alloc(SALT_BYTES));

/**
 * The hash of an account without a password, different each time. No password matches it, and
 * checking one takes as long as for any other account. It costs nothing to make.
 */
export function unusableHash(): string {
  const parameters = `m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}`;
  return `$argon2id$v=19$${parameters}$${NO_SALT}$${unpadded(randomBytes(HASH_BYTES))}`;
}

/** Whether a hash is one of an account that has a password. */
export function isUsable(hash: string): boolean {
  return !hash.includes(`$${NO_SALT}$`);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
