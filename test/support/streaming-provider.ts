/** A provider on the wire of OpenAI: `fast` answers at once, `slow` writes until it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PIECE_MS = 50;

export interface StreamingProvider {
  readonly url: string;
  /** Lets the replies of `slow` come to their end. */
  finish(): void;
  close(): Promise<void>;
}

const END = 'end';

/** Whether nothing is missing of a reply of `slow`: it counts, and says when it is done. */
export function isWhole(text: string): boolean {
  const words = text.split(' ');
  return words.pop() === END && words.every((word, nth) => word === String(nth));
}

export async function startStreamingProvider(): Promise<StreamingProvider> {
  let isFinishing = false;
  const server = createServer(async (request, response) => {
    const isSlow = (await textOf(request)).includes('"slow"');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (isSlow) await writeUntil(response, () => isFinishing);
    else response.write(eventOf('Hello'));
    response.end('data: [DONE]\n\n');
  });
  // Connections are closed by the client alone.
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    finish: () => {
      isFinishing = true;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function writeUntil(response: ServerResponse, isDone: () => boolean): Promise<void> {
  for (let nth = 0; !isDone() && !response.destroyed; nth += 1) {
    response.write(eventOf(`${nth} `));
    await sleep(PIECE_MS);
  }
  response.write(eventOf(END));
}

function eventOf(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
