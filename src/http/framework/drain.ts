import type { ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { ChitError } from '../../core/errors.ts';

/** While the server is stopping, a client has this long to send a request or read a response. */
const SLOW_CLIENT_MS = 5_000;
/**
 * A connection that is new, or was used this recently, is kept for that long: its client is likely
 * to be sending a request on it, which would be lost (RFC 9112, section 9.5).
 */
const IN_USE_MS = 1_000;
const CHECK_EVERY_MS = 20;
/**
 * Counted in checks rather than by the clock: if the machine is so busy that a check is late, so
 * are the requests that have arrived already, and after each check they are read.
 */
const CHECKS_IN_USE = IN_USE_MS / CHECK_EVERY_MS;
const CHECKS_UNUSED = 2;
const READINESS = /^\/readyz\/?(\?|$)/;

/** A connection, and what happens on it. */
interface Connection {
  /** What is being answered. */
  response: ServerResponse | undefined;
  /** When it was made, or the last response ended. */
  sinceMs: number;
  /** After how many more checks it is closed if nothing comes. */
  checksLeft: number;
}

/** What the server is doing, and how it stops doing it. */
export interface Drain {
  /** How many requests are being answered. */
  running(): number;
  /**
   * Ends without a request that is lost: while it stops the server is not ready, and each response
   * closes its connection. After the delay nothing more is accepted. Resolves with the end of the
   * last response and of the last connection that is in use.
   */
  end(): Promise<void>;
}

/**
 * Lets the server stop. Node alone closes all connections that are idle when the stop begins, also
 * those on which the next request is under way. It would keep alive those whose requests are
 * answered later, and wait forever for those that have sent half a request.
 * @param stopDelayMs how long requests are accepted after the stop began, until those that send
 *   them, such as load balancers, have noticed
 */
export function registerDrain(
  app: FastifyInstance,
  { stopDelayMs = 0 }: { readonly stopDelayMs?: number } = {},
): Drain {
  // By connection rather than a set of responses: a set that changes with every request keeps
  // replacing its internal tables, and each old table delays the collection of newer objects.
  const connections = new Map<Socket, Connection>();
  let running = 0;
  let isStopping = false;

  app.server.on('connection', (socket: Socket) => {
    connections.set(socket, {
      response: undefined,
      sinceMs: performance.now(),
      checksLeft: CHECKS_IN_USE,
    });
    socket.once('close', () => connections.delete(socket));
  });
  app.server.on('request', (request, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection) connection.response = response;
    running += 1;
    response.once('close', () => {
      running -= 1;
      if (connection?.response !== response) return;
      connection.response = undefined;
      connection.sinceMs = performance.now();
      connection.checksLeft = CHECKS_IN_USE;
    });
  });
  app.addHook('onRequest', ({ url }, reply, done) => {
    if (!isStopping) {
      done();
      return;
    }
    reply.raw.setHeader('connection', 'close');
    done(READINESS.test(url) ? new ChitError('server_stopping', undefined) : undefined);
  });
  const end = async () => {
    isStopping = true;
    // Tells waiting clients not to send another request on their connection.
    for (const { response } of connections.values()) {
      if (response && !response.headersSent) response.setHeader('connection', 'close');
    }
    if (!app.server.listening) return;
    if (stopDelayMs > 0) await sleep(stopDelayMs);
    // Not that of HTTP, which closes connections that are in use as well.
    NetServer.prototype.close.call(app.server);
    const closedMs = performance.now();
    for (const connection of connections.values()) {
      if (closedMs - connection.sinceMs > IN_USE_MS) connection.checksLeft = CHECKS_UNUSED;
    }
    while (connections.size > 0) {
      closeUnused(connections);
      const isSlow = performance.now() - closedMs > SLOW_CLIENT_MS;
      if (isSlow) cutOffSlowClients(connections.values());
      if (connections.size > 0) await sleep(CHECK_EVERY_MS);
    }
  };
  // Fastify gives its hooks ten seconds, which a long reply does not keep to.
  app.addHook('preClose', async () => void end());
  return { running: () => running, end };
}

function closeUnused(connections: ReadonlyMap<Socket, Connection>): void {
  for (const [socket, connection] of connections) {
    if (connection.response) continue;
    connection.checksLeft -= 1;
    if (connection.checksLeft < 0) socket.destroy();
  }
}

/** Spares the clients that are waiting for us rather than we for them. */
function cutOffSlowClients(connections: Iterable<Connection>): void {
  for (const { response } of connections) {
    if (!response) continue;
    const waitsForClient =
      !response.req.complete || response.writableEnded || response.writableNeedDrain;
    if (waitsForClient) response.req.destroy();
  }
}
