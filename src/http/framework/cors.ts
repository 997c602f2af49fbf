import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isForGateway } from './gateway-path.ts';

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;
const EXPOSED = [
  'Chit-Error',
  'Chit-Error-Params',
  'Chit-Output-Limit',
  'Chit-Paid-By',
  'Chit-Reply-Failure',
  'Idempotent-Replayed',
  'RateLimit',
  'RateLimit-Policy',
  'Request-Id',
  'Retry-After',
  'X-Request-Id',
  'X-Should-Retry',
];

/**
 * Lets pages of any origin send requests under `/v1/`, as the clients of OpenAI and Anthropic do in
 * browsers (`dangerouslyAllowBrowser`). Only API keys count there and browsers attach nothing of
 * their own, so a page can do nothing that its key could not do anyway (Fetch standard, CORS
 * protocol and credentials).
 */
export function registerKeyCors(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.origin === undefined || !isForGateway(request)) return done();
    reply.headers(corsHeaders(request));
    const { method, headers } = request;
    const wanted = headers['access-control-request-method'];
    if (method !== 'OPTIONS' || wanted === undefined) return done();
    const named = headers['access-control-request-headers'];
    reply
      .code(204)
      .headers({
        // Not `*`, which leaves out `authorization` (Fetch standard, 4.10).
        ...(named === undefined ? {} : { 'access-control-allow-headers': named }),
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-max-age': String(PREFLIGHT_MAX_AGE_SECONDS),
        vary: 'Access-Control-Request-Headers',
      })
      .send();
  });
}

/** The headers with which a page of any origin may read a response to a request with a key. */
export function corsHeaders({ headers }: FastifyRequest): Record<string, string> {
  if (headers.origin === undefined) return {};
  return {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': EXPOSED.join(', '),
  };
}

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
    delegator: async (request: FastifyRequest) => ({
      origin: isForGateway(request) ? false : originIn(request.headers, origins),
      // Without an origin it is no preflight; the plugin would answer it with an error of its own.
      preflight:
        request.headers.origin !== undefined &&
        request.headers['access-control-request-method'] !== undefined,
      exposedHeaders: EXPOSED,
      maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    }),
  });
}

/** The origin of a request if it is one of the given; else false, as the plugin has it. */
function originIn({ origin }: FastifyRequest['headers'], origins: readonly string[]) {
  return origin !== undefined && origins.includes(origin) ? origin : false;
}
