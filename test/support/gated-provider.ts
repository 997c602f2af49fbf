/** A provider whose answers wait until the test lets them go, to force an order. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GatedProvider {
  /** Without `/v1`. */
  readonly url: string;
  /** Open connections. */
  readonly openConnections: number;
  /** Resolves once so many requests are waiting for an answer. */
  waiting(count: number): Promise<void>;
  /** Answers all that wait with one word, and those that come later at once. */
  open(): void;
  /** Lets those that come from now on wait. */
  shut(): void;
  close(): Promise<void>;
}

const EVENT = JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hello' } }] });

/** Starts one that answers at once, on the wire of OpenAI, streamed. */
export async function startGatedProvider(): Promise<GatedProvider> {
  let isOpen = true;
  let openConnections = 0;
  const waiting: ServerResponse[] = [];
  const answer = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${EVENT}\n\ndata: [DONE]\n\n`);
  };
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      if (isOpen) answer(response);
      else waiting.push(response);
      server.emit('waiting');
    });
  });
  // Connections are closed by the client alone.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    openConnections += 1;
    socket.once('close', () => {
      openConnections -= 1;
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get openConnections() {
      return openConnections;
    },
    waiting: async (count) => {
      while (waiting.length < count) await once(server, 'waiting');
    },
    open: () => {
      isOpen = true;
      for (const response of waiting.splice(0)) answer(response);
    },
    shut: () => {
      isOpen = false;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
