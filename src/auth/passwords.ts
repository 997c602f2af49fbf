/**
 * Passwords as argon2id hashes, with the parameters of OWASP's Password Storage Cheat Sheet
 * (19 MiB, 2 passes, 1 lane), written in the PHC string format.
 */
import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { readDjangoHash } from '../core/django.ts';
import { Semaphore } from './semaphore.ts';

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
const semaphore = new Semaphore(availableParallelism());

/** Hashes a password as it was typed, neither trimmed nor normalised. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await semaphore.run(() =>
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
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  if (phc.startsWith(DJANGO_MARK)) return verifyDjangoPassword(password, phc);
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!parts) return false;
  const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
  const expectedHash = Buffer.from(expected, 'base64');
  const hash = await semaphore.run(() =>
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
async function verifyDjangoPassword(password: string, text: string): Promise<boolean> {
  const read = readDjangoHash(text);
  if (!read) return false;
  const { iterations, salt } = read;
  const expectedHash = Buffer.from(read.hash, 'base64');
  const hash = await semaphore.run(() =>
    pbkdf2Async(password, salt, iterations, HASH_BYTES, 'sha256'),
  );
  return timingSafeEqual(hash, expectedHash);
}

/** A hash that no password matches, so that unknown usernames take as long as known ones. */
export function unmatchableHash(): Promise<string> {
  return hashPassword(randomBytes(32).toString('base64'));
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
