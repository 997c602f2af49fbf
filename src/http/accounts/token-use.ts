import type { FastifyRequest } from 'fastify';
import type { TokenUse } from '../../app/accounts/use-refresh-token.ts';

/** Where a refresh token is used; one that was used before is logged. */
export function tokenUseOf({ ip: address, log }: FastifyRequest): TokenUse {
  const onReuse = (userId: number) =>
    log.warn({ user: userId }, 'a refresh token was used again, so its session has ended');
  return { address, onReuse };
}
