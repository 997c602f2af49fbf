/**
 * A server of the Model Context Protocol, over streamable HTTP
 * (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports).
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ListToolsResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import packageJson from '../../../package.json' with { type: 'json' };
import type { ToolSettings } from '../../core/tools.ts';
import { type GuardedFetch, guardedFetch } from './guarded-fetch.ts';
import { resultText } from './result-text.ts';
import { type Tool, type ToolAnswer, ToolFailure, type ToolFunction } from './tool.ts';

const REMEMBER_MS = 5 * 60_000;
const LIST_TIMEOUT_MS = 10_000;
const MOST_PAGES = 10;
const MOST_FUNCTIONS = 128;
const MOST_DESCRIPTION_CHARACTERS = 2_000;
/** A function whose schema is longer is not offered. */
const MOST_SCHEMA_CHARACTERS = 16_000;

/** A server of tools. It is connected to when it is first asked, and again after a failure. */
export class McpTool implements Tool {
  readonly settings: ToolSettings;
  readonly #http: GuardedFetch;
  #client: Promise<Client> | undefined;
  #listed: { readonly untilMs: number; readonly functions: Promise<ToolFunction[]> } | undefined;

  constructor(settings: ToolSettings) {
    this.settings = settings;
    this.#http = guardedFetch(settings);
  }

  async functions(): Promise<readonly ToolFunction[]> {
    const nowMs = performance.now();
    if (!this.#listed || this.#listed.untilMs < nowMs) {
      this.#listed = { untilMs: nowMs + REMEMBER_MS, functions: this.#list() };
    }
    const listed = this.#listed;
    try {
      return await listed.functions;
    } catch (error) {
      // A failure is not remembered.
      if (this.#listed === listed) this.#listed = undefined;
      throw failureFrom(error);
    }
  }

  async call(
    name: string,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<ToolAnswer> {
    const { timeoutMs: timeout } = this.settings;
    const options = { signal, timeout, maxTotalTimeout: timeout };
    try {
      const client = await this.#connected(signal);
      // Not `callTool`, which would compile schemas that the server has sent.
      const request = { method: 'tools/call' as const, params: { name, arguments: { ...input } } };
      return answerFrom(await client.request(request, CallToolResultSchema, options));
    } catch (error) {
      this.#drop();
      throw failureFrom(error);
    }
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
    await this.#http.close();
  }

  async #list(): Promise<ToolFunction[]> {
    try {
      const client = await this.#connected(AbortSignal.timeout(LIST_TIMEOUT_MS));
      const found: ToolFunction[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES && found.length < MOST_FUNCTIONS; page += 1) {
        const request = { method: 'tools/list' as const, params: cursor ? { cursor } : {} };
        const options = { timeout: LIST_TIMEOUT_MS };
        const listed = await client.request(request, ListToolsResultSchema, options);
        for (const { name, description = '', inputSchema } of listed.tools) {
          const isLong = JSON.stringify(inputSchema).length > MOST_SCHEMA_CHARACTERS;
          const isOffered = this.settings.only?.includes(name) ?? true;
          if (isLong || !isOffered) continue;
          const cut = description.slice(0, MOST_DESCRIPTION_CHARACTERS);
          found.push({ name, description: cut, parameters: inputSchema });
        }
        cursor = listed.nextCursor;
        if (!cursor) break;
      }
      return found.slice(0, MOST_FUNCTIONS);
    } catch (error) {
      this.#drop();
      throw failureFrom(error);
    }
  }

  #connected(signal: AbortSignal): Promise<Client> {
    this.#client ??= this.#connect(signal);
    return this.#client;
  }

  async #connect(signal: AbortSignal): Promise<Client> {
    const client = new Client({ name: packageJson.name, version: packageJson.version });
    const transport = new StreamableHTTPClientTransport(new URL(this.settings.url), {
      requestInit: { headers: { ...this.settings.headers } },
      fetch: async (url, init) => {
        // Nothing is expected of the server but answers.
        if (init?.method === 'GET') return new Response(null, { status: 405 });
        return this.#http.fetch(url, init);
      },
    });
    // The SDK is not written for exactOptionalPropertyTypes.
    await client.connect(transport as Transport, { signal, timeout: LIST_TIMEOUT_MS });
    return client;
  }

  /** The next request connects anew: the session may be over. Others that run are left alone. */
  #drop(): void {
    this.#client = undefined;
  }
}

function answerFrom({ content, structuredContent, isError }: CallToolResult): ToolAnswer {
  const texts = content.map((block) => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'resource':
        return 'text' in block.resource ? block.resource.text : `[${block.resource.uri}]`;
      case 'resource_link':
        return `${block.name}: ${block.uri}`;
      default:
        return `[${block.type}]`;
    }
  });
  const text = texts.join('\n') || (structuredContent ? JSON.stringify(structuredContent) : '');
  return { text: resultText(text), isError: isError === true };
}

/** What went wrong, with the sentence of our own where one is behind it. */
function failureFrom(error: unknown): ToolFailure {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ToolFailure) return cause;
  }
  const { message = 'unknown error' } = error as Error;
  return new ToolFailure(message.slice(0, 500), { cause: error });
}
