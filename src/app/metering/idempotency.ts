import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';

const MAX_KEY_CHARACTERS = 255;
/** A longer body is hashed in pieces of this size, so as not to hold up other requests. */
const PIECE_BYTES = 1_048_576;

/**
 * An idempotency key with the hash of the request that it was sent with. Only the hash is stored,
 * to tell a retry from another request with the same key.
 * @param key as the client sent it, if it did
 * @param body what the request asks for, as plain data; must not contain passwords
 * @throws ChitError `idempotency_key_invalid`
 */
export function idempotencyOf(
  key: string | undefined,
  body: readonly unknown[],
): IdempotencyKey | undefined {
  if (key === undefined) return undefined;
  if (key === '' || key.length > MAX_KEY_CHARACTERS) {
    throw new ChitError('idempotency_key_invalid', undefined);
  }
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return { key, bodyHash };
}

/** What a request asks for, with the account that it names to pay, if it does. */
export function withPayer(body: readonly unknown[], payer: string | undefined): readonly unknown[] {
  // As it was before an account could be named, so that keys of earlier versions still fit.
  return payer === undefined ? body : [...body, payer];
}

/**
 * As `idempotencyOf`, for a body that is passed on as it is and may be long.
 * @param path of the route, since the same body may be sent to another
 * @throws ChitError `idempotency_key_invalid`
 */
export async function idempotencyOfBytes(
  key: string | undefined,
  path: string,
  body: Buffer,
): Promise<IdempotencyKey | undefined> {
  if (key === undefined) return undefined;
  if (body.length <= PIECE_BYTES) return idempotencyOf(key, [path, body.toString('utf8')]);
  return idempotencyOf(key, [path, await hashOfBytes(body)]);
}

/** The SHA-256 of bytes that may be many, in base64url. */
export async function hashOfBytes(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + PIECE_BYTES));
  }
  return hash.digest('base64url');
}
