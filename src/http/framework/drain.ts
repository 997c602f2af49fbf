import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Once the server stops, a client has this long to send its request or to read its answer. */
const SLOW_CLIENT_MS = 5_000;

/**
 * Lets the server end as soon as the last running request has been answered. Node by itself closes
 * only the connections that are idle when the end begins: one whose request is answered later
 * would be kept alive, one that sends half a request would be waited for, both for ever.
 */
export function registerDrain(app: FastifyInstance): void {
  // By connection, and not a set of responses: a set that changes with every request leaves its
  // old tables behind, each of which keeps what came after it from being collected cheaply.
  const answering = new Map<Socket, ServerResponse | undefined>();
  let running = 0;
  let isStopping = false;

  app.server.on('connection', (socket: Socket) => {
    answering.set(socket, undefined);
    socket.once('close', () => answering.delete(socket));
  });
  app.server.on('request', (request, response: ServerResponse) => {
    const { socket } = request;
    answering.set(socket, response);
    running += 1;
    response.once('close', () => {
      running -= 1;
      if (answering.get(socket) === response) answering.set(socket, undefined);
      if (isStopping && running === 0) app.server.closeAllConnections();
    });
  });
  app.addHook('preClose', async () => {
    isStopping = true;
    // Tells whoever waits for an answer not to send another request on that connection.
    for (const response of answering.values()) {
      if (response && !response.headersSent) response.setHeader('connection', 'close');
    }
    if (running === 0) app.server.closeAllConnections();
    setTimeout(() => cutOffSlowClients(answering.values()), SLOW_CLIENT_MS).unref();
  });
}

/** Leaves those alone that wait for us, and not we for them. */
function cutOffSlowClients(answering: Iterable<ServerResponse | undefined>): void {
  for (const response of answering) {
    if (!response) continue;
    const waitsForClient =
      !response.req.complete || response.writableEnded || response.writableNeedDrain;
    if (waitsForClient) response.req.destroy();
  }
}
