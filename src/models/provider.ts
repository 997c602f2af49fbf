/** HTTP client of one provider: pooled connections, timeouts, and retries where they are safe. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ProviderSettings } from '../core/deployment.ts';
import { ProviderFailure } from './provider-failure.ts';

/** Statuses that may be temporary. */
const RETRYABLE = new Set([429, 500, 502, 503, 504]);
const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MS = 250;
/** If a provider asks for a longer delay, its fallback is asked instead. */
const MAX_DELAY_MS = 5_000;
/** How much of an error response is kept for the log. */
const MAX_ERROR_CHARACTERS = 10_000;
/** A larger body is passed to the connection piece by piece, and forgotten piece by piece. */
const LARGE_BODY_BYTES = 65_536;
const PIECE_BYTES = 1_048_576;
const ANTHROPIC_VERSION = '2023-06-01';

/** A response whose headers have arrived. */
export interface ProviderResponse {
  readonly contentType: string;
  /** The body as it arrives. Pass its errors to `failureFrom`. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A request to the provider. */
export interface ProviderRequest {
  /** Appended to the base URL; starts with a slash. */
  readonly path: string;
  /** JSON, in parts. */
  readonly body: readonly Buffer[];
  readonly signal: AbortSignal;
  /** Whether the response is a stream, which begins before it is written. */
  readonly isStream: boolean;
  /** Headers of the client's request that belong to the API, such as `anthropic-beta`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One provider, with its own connections. */
export class Provider {
  readonly settings: ProviderSettings;
  #agent: Agent;

  constructor(settings: ProviderSettings) {
    this.settings = settings;
    this.#agent = this.#newAgent({});
  }

  /**
   * Posts a request and resolves when the headers of a successful response have arrived. Until then
   * it retries with growing delays after temporary errors: no connection, 429, 500, 502, 503, 504.
   * @throws ProviderFailure, or the signal's reason once it aborts
   */
  async post(providerRequest: ProviderRequest): Promise<ProviderResponse> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#postOnce(providerRequest);
      } catch (error) {
        providerRequest.signal.throwIfAborted();
        const delayMs = attempt < MAX_ATTEMPTS ? retryDelayMs(error, attempt) : undefined;
        if (delayMs === undefined) throw error;
        await sleep(delayMs, undefined, { signal: providerRequest.signal });
      }
    }
  }

  /** The failure of a request or of reading its response, from what was thrown. */
  failureFrom(cause: unknown): ProviderFailure {
    if (cause instanceof ProviderFailure) return cause;
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    const isTimeout = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    const reason = isTimeout ? 'timed_out' : 'unreachable';
    const text = `${this.settings.name}: ${message} ${code}`.trim();
    return new ProviderFailure(reason, text, { cause });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /**
   * Closes the connections, each once its request has ended. Requests that began before may still
   * ask it, as a fallback for instance: each over a connection of its own.
   */
  retire(): void {
    const before = this.#agent;
    this.#agent = this.#newAgent({ pipelining: 0 });
    // Resolves when the last response has been read; one that breaks off has nobody to tell here.
    before.close().catch(() => undefined);
  }

  #newAgent(options: Agent.Options): Agent {
    const { connectTimeoutMs, idleTimeoutMs } = this.settings;
    return new Agent({
      ...options,
      connect: { timeout: connectTimeoutMs },
      bodyTimeout: idleTimeoutMs,
    });
  }

  async #postOnce(providerRequest: ProviderRequest): Promise<ProviderResponse> {
    const { path, body, signal, isStream, headers } = providerRequest;
    const { headersTimeoutMs, streamHeadersTimeoutMs } = this.settings;
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    const response = await request(`${this.settings.baseUrl}${path}`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: {
        ...headers,
        ...this.#headers(),
        'content-type': 'application/json',
        'content-length': String(bytes),
      },
      body: bytes > LARGE_BODY_BYTES ? Readable.from(new Pieces(body)) : Buffer.concat(body, bytes),
      headersTimeout: isStream ? streamHeadersTimeoutMs : headersTimeoutMs,
      signal,
    }).catch((cause: unknown) => {
      throw this.failureFrom(cause);
    });
    const { statusCode: status } = response;
    if (status >= 200 && status < 300) {
      const contentType = headerOf(response.headers['content-type']);
      return { contentType, chunks: response.body };
    }
    const text = await response.body.text().catch(() => '');
    throw new ProviderFailure('refused', `${this.settings.name} answered ${status}.`, {
      status,
      body: text.slice(0, MAX_ERROR_CHARACTERS),
      retryAfterSeconds: secondsOf(headerOf(response.headers['retry-after'])),
    });
  }

  #headers(): Record<string, string> {
    const { family, apiKey, headers } = this.settings;
    if (family === 'anthropic') {
      const key = apiKey === undefined ? {} : { 'x-api-key': apiKey };
      return { 'anthropic-version': ANTHROPIC_VERSION, ...key, ...headers };
    }
    return { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...headers };
  }
}

/**
 * Copies of a body's pieces: a part of a buffer would keep all of it in memory for as long as the
 * connection has it. A class, since it has to forget the body at its end: the client of the
 * connection keeps what it was given until the response is complete.
 */
class Pieces implements IterableIterator<Buffer> {
  #parts: readonly Buffer[];
  #part = 0;
  #at = 0;

  constructor(parts: readonly Buffer[]) {
    this.#parts = parts.filter(({ length }) => length > 0);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Buffer> {
    const part = this.#parts[this.#part];
    if (!part) {
      this.#parts = [];
      return { done: true, value: undefined };
    }
    const value = Buffer.from(part.subarray(this.#at, this.#at + PIECE_BYTES));
    this.#at += value.length;
    if (this.#at === part.length) {
      this.#part += 1;
      this.#at = 0;
    }
    return { done: false, value };
  }
}

/** Milliseconds to wait before a retry; undefined if retrying makes no sense. */
function retryDelayMs(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ProviderFailure)) return undefined;
  const { reason, status, retryAfterSeconds } = error;
  const isTemporary = reason === 'unreachable' || (status !== undefined && RETRYABLE.has(status));
  if (!isTemporary) return undefined;
  const requestedMs = (retryAfterSeconds ?? 0) * 1_000;
  if (requestedMs > MAX_DELAY_MS) return undefined;
  const delayMs = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(delayMs, requestedMs);
}

function headerOf(value: string | string[] | undefined): string {
  return [value ?? ''].flat()[0] ?? '';
}

/** Parses `Retry-After` in seconds; providers of models do not use its date format. */
function secondsOf(retryAfter: string): number | undefined {
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
}
