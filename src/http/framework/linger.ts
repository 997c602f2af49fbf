import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** As nginx's `lingering_time` and `lingering_timeout`, but shorter. */
const LINGER_MS = 10_000;
/** More than the largest body that is accepted by default. */
const LINGER_BYTES = 67_108_864;

/**
 * Answers a request that is refused on a connection that stays open if its client wants that.
 * Fastify would close it before the rest of the body has arrived. Many clients send all of it
 * before they read, and would only see a broken connection; so it is read and dropped. A response
 * after which the connection is closed says so: a proxy such as nginx would otherwise keep the
 * connection for another request, which would be lost (RFC 9112, section 9.6).
 */
export function keepOpenForBody(reply: FastifyReply): void {
  const { raw, request } = reply;
  const isClosing = raw.getHeader('connection') === 'close';
  reply.removeHeader('connection');
  if (isClosing || !raw.shouldKeepAlive) reply.header('connection', 'close');
  lingerBeforeClosing(request.raw);
}

/**
 * Lets the client of a request that is answered before its body was read see the response. If Node
 * closes a connection with unread bytes, the system resets it, and a client that sends everything
 * before it reads, as nginx does, finds a broken connection in place of the response (RFC 9112,
 * section 9.6). So only our half is closed, and the rest of the body is read and dropped, up to
 * a bound.
 */
function lingerBeforeClosing(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  // Node calls this when the last response on the connection has been sent.
  socket.destroySoon = () => linger(request, socket);
}

function linger(request: IncomingMessage, socket: Socket): void {
  const mostBytes = socket.bytesRead + LINGER_BYTES;
  const close = () => {
    clearTimeout(timer);
    socket.destroy();
  };
  const timer = setTimeout(close, LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end();
  if (request.complete) {
    close();
    return;
  }
  request.once('end', close);
  request.once('close', close);
  request.on('data', () => {
    if (socket.bytesRead > mostBytes) close();
  });
  request.resume();
}
