/** A small server of tools: MCP over streamable HTTP, whose answers come as plain JSON. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ToolSettings } from '../../src/core/tools.ts';

interface Rpc {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

export interface McpServer {
  readonly url: string;
  /** The calls that have come, in order. */
  readonly calls: { readonly name: string; readonly input: Record<string, unknown> }[];
  /** The headers of the latest request. */
  readonly headers: () => IncomingMessage['headers'];
  /** What the next calls are answered with, in place of `Found: QUERY`. */
  answer: (
    input: Record<string, unknown>,
    response: ServerResponse,
  ) => Promise<object | undefined> | object | undefined;
  close(): Promise<void>;
}

const SEARCH = {
  name: 'search',
  description: 'Searches the library.',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } } },
};
const ERASE = { name: 'erase', description: 'Erases a book.', inputSchema: { type: 'object' } };

/** An answer with a text. */
export function textAnswer(text: string, isError = false): object {
  return { content: [{ type: 'text', text }], isError };
}

/** Starts one with the tools `search` and `erase`. */
export async function startMcpServer(): Promise<McpServer> {
  let headers: IncomingMessage['headers'] = {};
  const mcp: Omit<McpServer, 'url' | 'close'> = {
    calls: [],
    headers: () => headers,
    answer: ({ query }) => textAnswer(`Found: ${String(query)}`),
  };
  const server = createServer(async (request, response) => {
    headers = request.headers;
    const parts = await Array.fromAsync(request as AsyncIterable<Buffer>);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const rpc = JSON.parse(Buffer.concat(parts).toString()) as Rpc;
    const result = await resultOf(mcp, rpc, response);
    if (response.destroyed || response.headersSent) return;
    if (result === undefined) return void response.writeHead(202).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: rpc.id, result }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(mcp, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

function resultOf(
  mcp: Omit<McpServer, 'url' | 'close'>,
  { method, params }: Rpc,
  response: ServerResponse,
): Promise<object | undefined> | object | undefined {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'library', version: '1' },
      };
    case 'tools/list':
      return { tools: [SEARCH, ERASE] };
    case 'tools/call': {
      const { name = '', arguments: input = {} } = params ?? {};
      mcp.calls.push({ name, input });
      return mcp.answer(input, response);
    }
    default:
      return undefined;
  }
}

/** The settings of such a server: 7 credits a call, not asked for. */
export function toolAt(url: string, changed: Partial<ToolSettings> = {}): ToolSettings {
  return {
    name: 'library',
    kind: 'mcp',
    url,
    headers: { 'x-key': 'secret' },
    pricePerCall: [7, 1],
    allow: 'everyone',
    approval: 'never',
    only: undefined,
    allowPrivate: true,
    timeoutMs: 2_000,
    ...changed,
  };
}
