import { createHash } from 'node:crypto';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';

const MAX_KEY_CHARACTERS = 255;

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
