/** Metrics for Prometheus, on a port of their own or on `/metrics` with a token. */
import { hash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ChitError, type ErrorCode } from '../../core/errors.ts';
import { errorHeaders } from '../framework/http-error.ts';

/** Another server may have the port until it has handed over. */
const LISTEN_AGAIN_MS = 1_000;

/** Renders all metrics. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
}

/** Where metrics are shown, and to whom. */
export interface MetricsSettings {
  readonly page: MetricsPage;
  /** A port of their own, 0 for any free one; undefined to show them on `/metrics`. */
  readonly port: number | undefined;
  readonly host: string;
  /** What whoever asks must have, as a bearer token; empty for nobody to need one. */
  readonly token: string;
}

/** Shows metrics as soon as the server listens, until it is closed. */
export function registerMetrics(app: FastifyInstance, settings: MetricsSettings): void {
  if (settings.port === undefined) showOnServer(app, settings);
  else showOnPort(app, settings, settings.port);
}

function showOnServer(app: FastifyInstance, { page, token }: MetricsSettings): void {
  app.get('/metrics', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (request, reply) => {
      // As if there were no such path: nobody else is to know of it.
      if (token === '' || !hasToken(request.raw, token))
        throw new ChitError('not_found', undefined);
      return reply.type(page.contentType).send(await page.render());
    },
  });
}

function showOnPort(app: FastifyInstance, settings: MetricsSettings, port: number): void {
  const { host } = settings;
  const server = createServer((request, response) => void answer(request, response, settings));
  let again: NodeJS.Timeout | undefined;
  let wasRefused = false;
  server.on('listening', () => app.log.info({ address: server.address() }, 'metrics are shown'));
  server.on('error', (err) => {
    if (!wasRefused) app.log.warn({ err, host, port }, 'metrics cannot be shown yet');
    wasRefused = true;
    again = setTimeout(() => server.listen(port, host), LISTEN_AGAIN_MS).unref();
  });
  app.server.once('listening', () => server.listen(port, host));
  app.addHook('onClose', async () => {
    clearTimeout(again);
    await closed(server);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { page, token }: MetricsSettings,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/metrics' || request.method !== 'GET') {
    return end(response, 404, 'not_found');
  }
  if (token !== '' && !hasToken(request, token)) {
    response.setHeader('www-authenticate', 'Bearer');
    return end(response, 401, 'credentials_missing');
  }
  try {
    const text = await page.render();
    response.writeHead(200, { 'content-type': page.contentType }).end(text);
  } catch {
    end(response, 500, 'internal_error');
  }
}

function end(response: ServerResponse, status: number, code: ErrorCode): void {
  response.writeHead(status, errorHeaders(code)).end();
}

/** Compares hashes, whose lengths are equal, in a time that says nothing of the token. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const [scheme = '', given = ''] = (headers.authorization ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() !== 'bearer') return false;
  return timingSafeEqual(digestOf(given), digestOf(token));
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}
