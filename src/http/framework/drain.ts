import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ChitError } from '../../core/errors.ts';

/** While the server is stopping, a client has this long to send a request or read a response. */
const SLOW_CLIENT_MS = 5_000;

/**
 * Lets the server stop as soon as the last running request was answered. Node alone closes only
 * the connections that are idle when the stop begins. It would keep alive those whose requests are
 * answered later, and wait forever for those that have sent half a request.
 * @returns how many requests are being answered
 */
export function registerDrain(app: FastifyInstance): () => number {
  // By connection rather than a set of responses: a set that changes with every request keeps
  // replacing its internal tables, and each old table delays the collection of newer objects.
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
  app.addHook('onRequest', (_request, _reply, done) => {
    done(isStopping ? new ChitError('server_stopping', undefined) : undefined);
  });
  app.addHook('preClose', async () => {
    isStopping = true;
    // Tells waiting clients not to send another request on their connection.
    for (const response of answering.values()) {
      if (response && !response.headersSent) response.setHeader('connection', 'close');
    }
    if (running === 0) app.server.closeAllConnections();
    setTimeout(() => cutOffSlowClients(answering.values()), SLOW_CLIENT_MS).unref();
  });
  return () => running;
}

/** Spares the clients that are waiting for us rather than we for them. */
function cutOffSlowClients(answering: Iterable<ServerResponse | undefined>): void {
  for (const response of answering) {
    if (!response) continue;
    const waitsForClient =
      !response.req.complete || response.writableEnded || response.writableNeedDrain;
    if (waitsForClient) response.req.destroy();
  }
}
