import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { isInPace } from './body-pace.ts';
import { toHttpError } from './errors.ts';
import { HttpError } from './http-error.ts';
import { DATA_HEADERS } from './security-headers.ts';

/**
 * Answers bytes that could not be parsed as a request, and closes the connection. The error
 * contains those bytes, perhaps with a password among them, so it is not logged.
 */
export function handleParseError(
  this: Pick<FastifyInstance, 'log'>,
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  if (isInPace(error, socket)) return;
  this.log.debug({ code: error.code }, 'unreadable request');
  if (socket.writable && error.code !== 'ECONNRESET') socket.write(responseTo(error.code));
  socket.destroy(error);
}

/** A whole response as bytes: there is no request that Node could reply to. */
function responseTo(parserCode: string | undefined): string {
  const { statusCode, headers, body } = httpErrorFor(parserCode);
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...DATA_HEADERS,
    ...headers,
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(text.length),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join('')}\r\n${text}`;
}

function httpErrorFor(parserCode: string | undefined): HttpError {
  switch (parserCode) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return toHttpError('request_timeout', undefined);
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError('malformed_request', {
        status: 431,
        detail: 'The headers of the request are too large.',
      });
    default:
      return new HttpError('malformed_request', { status: 400, detail: 'This is not valid HTTP.' });
  }
}
