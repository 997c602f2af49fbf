import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Once the server stops, a client has this long to send its request or to read its answer. */
const SLOW_CLIENT_MS = 5_000;

/**
 * Lets the server end as soon as the last running request has been answered. Node by itself closes
 * only the connections that are idle when the end begins: one whose request is answered later
 * would be kept alive, one that sends half a request would be waited for, both for ever.
 */
export function registerDrain(app: FastifyInstance): void {
  const running = new Set<ServerResponse>();
  let isStopping = false;

  app.server.on('request', (_request, response: ServerResponse) => {
    running.add(response);
    response.once('close', () => {
      running.delete(response);
      if (isStopping && running.size === 0) app.server.closeAllConnections();
    });
  });
  app.addHook('preClose', async () => {
    isStopping = true;
    // Tells whoever waits for an answer not to send another request on that connection.
    for (const response of running) {
      if (!response.headersSent) response.setHeader('connection', 'close');
    }
    if (running.size === 0) app.server.closeAllConnections();
    setTimeout(() => cutOffSlowClients(running), SLOW_CLIENT_MS).unref();
  });
}

/** Leaves those alone that wait for us, and not we for them. */
function cutOffSlowClients(running: Iterable<ServerResponse>): void {
  for (const response of running) {
    const waitsForClient =
      !response.req.complete || response.writableEnded || response.writableNeedDrain;
    if (waitsForClient) response.req.destroy();
  }
}
