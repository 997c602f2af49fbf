import type { FastifyReply, FastifyRequest } from 'fastify';

/** The client's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), if it sent one. */
export function keyOf(request: FastifyRequest): string | undefined {
  return [request.headers['idempotency-key']].flat()[0];
}

/** Tells the client that this is the answer that an earlier request with its key got. */
export function markReplayed(reply: FastifyReply, isReplayed: boolean): void {
  if (isReplayed) reply.header('idempotent-replayed', 'true');
}
