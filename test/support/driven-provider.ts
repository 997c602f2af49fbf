/** A provider whose answers a test writes itself, piece by piece, to force an order. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that waits for what the test answers. */
export interface DrivenRequest {
  readonly body: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
  /** Resolves when the connection is closed, or the answer is complete. */
  readonly closed: Promise<void>;
  /** Whether the connection was closed before the answer was complete. */
  readonly isAborted: boolean;
  /** Sends a part of a stream. */
  write(events: string): void;
  /** Sends the last part of a stream, or a whole answer in JSON. */
  end(last: string | object): void;
  /** Sends a part of an answer of any type. */
  send(type: string, bytes: Buffer): void;
  /** Breaks the connection. */
  cut(): void;
}

export interface DrivenProvider {
  /** Without `/v1`. */
  readonly url: string;
  /** The next request, as soon as it has come. */
  next(): Promise<DrivenRequest>;
  /** How many have come and were not taken by `next`. */
  readonly waiting: number;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startDrivenProvider(): Promise<DrivenProvider> {
  const arrived: DrivenRequest[] = [];
  const server = createServer(async (request, response) => {
    const parts = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const body = JSON.parse(Buffer.concat(parts).toString());
    arrived.push(driven({ body, headers: request.headers }, response));
    server.emit('arrived');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: async () => {
      while (arrived.length === 0) await once(server, 'arrived');
      return arrived.shift() as DrivenRequest;
    },
    get waiting() {
      return arrived.length;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function driven(
  { body, headers }: Pick<DrivenRequest, 'body' | 'headers'>,
  response: ServerResponse,
): DrivenRequest {
  const closed = once(response, 'close').then(() => undefined);
  const begin = (type: string) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': type });
  };
  return {
    body,
    headers,
    closed,
    get isAborted() {
      return response.destroyed && !response.writableFinished;
    },
    write: (events) => {
      begin('text/event-stream');
      response.write(events);
    },
    end: (last) => {
      begin(typeof last === 'string' ? 'text/event-stream' : 'application/json');
      response.end(typeof last === 'string' ? last : JSON.stringify(last));
    },
    send: (type, bytes) => {
      begin(type);
      response.write(bytes);
    },
    cut: () => response.destroy(),
  };
}
