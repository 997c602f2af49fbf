import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

interface Refusal {
  readonly status: string;
  readonly detail: string;
}

const NOT_HTTP: Refusal = { status: '400 Bad Request', detail: 'This is not valid HTTP.' };
const BY_CODE: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    detail: 'The request took too long to arrive.',
  },
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    detail: 'The headers of the request are too large.',
  },
};

/**
 * Answers what never became a request, in the shape of the API, and closes the connection. The
 * error holds the bytes that arrived, a password among them perhaps, so it is not logged.
 */
export function handleParseError(
  this: FastifyInstance,
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  const { status, detail } = BY_CODE[error.code ?? ''] ?? NOT_HTTP;
  this.log.debug({ code: error.code }, 'unreadable request');
  if (socket.writable && error.code !== 'ECONNRESET') {
    const body = JSON.stringify({ detail });
    const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}
