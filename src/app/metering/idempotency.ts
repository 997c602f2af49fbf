import { createHash } from 'node:crypto';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';

const MAX_KEY_CHARACTERS = 255;

/**
 * The key of a request with a hash of what it asks for. Of the body only the hash is kept: it is
 * compared and nothing else.
 * @param key as the client sent it, if it did
 * @param body what the request asks for, as plain data; put no password in it
 * @throws ChitError `idempotency_key_invalid`
 */
export function idempotencyOf(
  key: string | undefined,
  body: readonly (string | number)[],
): IdempotencyKey | undefined {
  if (key === undefined) return undefined;
  if (key === '' || key.length > MAX_KEY_CHARACTERS) {
    throw new ChitError('idempotency_key_invalid', undefined);
  }
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return { key, bodyHash };
}
