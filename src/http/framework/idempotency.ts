import type { FastifyReply, FastifyRequest } from 'fastify';

/** The client's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), if it sent one. */
export function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  return Array.isArray(key) ? key[0] : key;
}

/** Marks the response as that of an earlier request with the same key. */
export function markReplayed(reply: FastifyReply, isReplayed: boolean): void {
  if (isReplayed) reply.header('idempotent-replayed', 'true');
}
