import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/**
 * Lets pages of other sites call the API (Fetch standard, CORS protocol). Whoever else asks is
 * answered as without it, OPTIONS included.
 */
export async function registerCors(
  app: FastifyInstance,
  origins: readonly string[],
): Promise<void> {
  app.addHook('onRoute', (route) => {
    // The plugin's own route for preflights, which carry no token.
    if (route.url === '*') route.config = { ...route.config, access: 'public' };
  });
  await app.register(cors, {
    delegator: async ({ headers }: FastifyRequest) => ({
      origin: headers.origin && origins.includes(headers.origin) ? headers.origin : false,
      preflight: headers['access-control-request-method'] !== undefined,
      exposedHeaders: ['Retry-After', 'X-Request-Id', 'Idempotent-Replayed'],
      maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    }),
  });
}
