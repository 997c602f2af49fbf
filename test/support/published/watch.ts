/** Checks all that a server in this process answers under `/v1/`, whoever asked. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { assertPublished } from './check.ts';
import { OPENAI_ANSWERS } from './openai-shapes.ts';

const OF_ANTHROPIC = /^\/v1\/(messages|complete|skills)\b/i;
/** What follows `/v1/` in the paths of OpenAI; Anthropic has models as well. */
const OF_OPENAI = new Set(Object.keys(OPENAI_ANSWERS).map((path) => path.split('/')[2]));

function isOpenAis(url: string): boolean {
  const first = /^\/v1\/([^/?]*)/.exec(url)?.[1];
  return first === 'audio' || (first !== 'models' && OF_OPENAI.has(first));
}

function hasAnthropicHeader({ headers }: IncomingMessage): boolean {
  return 'anthropic-version' in headers || 'x-api-key' in headers;
}

/** What may be wrong with an answer that is none of the server's doing. */
export interface WatchOptions {
  /** The emulated provider answers as no provider does: then only errors are checked. */
  readonly areAnswersOdd?: boolean;
}

/**
 * Watches a server from now on.
 * @returns what is wrong with its answers so far, without those that their clients have left
 */
export function watchPublished(
  server: Server,
  { areAnswersOdd = false }: WatchOptions = {},
): readonly string[] {
  const faults: string[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', method = '' } = request;
    if (!/^\/v1\//.test(url) || (method !== 'GET' && method !== 'POST')) return;
    const chunks = collectChunks(response);
    const headers = collectHeaders(response);
    response.once('finish', () => {
      const { statusCode: status } = response;
      if (areAnswersOdd && status < 400) return;
      const isAnthropic =
        OF_ANTHROPIC.test(url) || (!isOpenAis(url) && hasAnthropicHeader(request));
      const text = Buffer.concat(chunks).toString('utf8');
      try {
        const seen = { status, headers: headers(), text };
        assertPublished(isAnthropic ? 'anthropic' : 'openai', url, seen);
      } catch (error) {
        faults.push(`${method} ${(error as Error).message}`);
      }
    });
  });
  return faults;
}

/** The headers of a response, also those that are given only when it begins. */
function collectHeaders(response: ServerResponse): () => Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => unknown;
  Object.assign(response, {
    writeHead: (...args: unknown[]) => {
      const last = args.at(-1);
      for (const [name, value] of Object.entries(typeof last === 'object' ? (last ?? {}) : {})) {
        given[name.toLowerCase()] = value;
      }
      return writeHead(...args);
    },
  });
  return () => ({ ...response.getHeaders(), ...given });
}

/** Everything that is written to a response, also what is still to come. */
function collectChunks(response: ServerResponse): Buffer[] {
  const chunks: Buffer[] = [];
  for (const name of ['write', 'end'] as const) {
    const send = response[name].bind(response) as (...args: unknown[]) => unknown;
    Object.assign(response, {
      [name]: (...args: unknown[]) => {
        const [chunk, encoding] = args;
        // What is written as latin1 has its frames; see `PiecedBody`.
        if (encoding === 'latin1') chunks.push(...unframed(Buffer.from(String(chunk), 'latin1')));
        else if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
        else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
        return send(...args);
      },
    });
  }
  return chunks;
}

/** The contents of frames (RFC 9112, section 7.1). */
function unframed(bytes: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = bytes.indexOf('\r\n', at) + 2;
    const end = start + Number.parseInt(bytes.toString('latin1', at, start), 16);
    contents.push(bytes.subarray(start, end));
    at = end + 2;
  }
  return contents;
}
