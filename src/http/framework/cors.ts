import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/**
 * Lets pages of the given origins call the API (Fetch standard, CORS protocol). All other requests,
 * OPTIONS included, get the same response as without it.
 */
export async function registerCors(
  app: FastifyInstance,
  origins: readonly string[],
): Promise<void> {
  app.addHook('onRoute', (route) => {
    // The plugin's route for preflights, which are sent without a token.
    if (route.url === '*') route.config = { ...route.config, access: 'public' };
  });
  await app.register(cors, {
    delegator: async ({ headers }: FastifyRequest) => ({
      origin: headers.origin && origins.includes(headers.origin) ? headers.origin : false,
      // Without an origin it is no preflight; the plugin would answer it with an error of its own.
      preflight:
        headers.origin !== undefined && headers['access-control-request-method'] !== undefined,
      exposedHeaders: [
        'Chit-Error',
        'Chit-Error-Params',
        'Chit-Output-Limit',
        'Chit-Reply-Failure',
        'Idempotent-Replayed',
        'Retry-After',
        'X-Request-Id',
      ],
      maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    }),
  });
}
