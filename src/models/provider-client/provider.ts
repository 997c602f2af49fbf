/** HTTP client of one provider: pooled connections, timeouts, and retries where they are safe. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import type { ProviderSettings } from '../../core/deployment.ts';
import { BodyPieces } from '../request-body/body-pieces.ts';
import { Attempts } from './attempts.ts';
import { type Endpoint, Endpoints, type RestBegun } from './endpoints.ts';
import { exchange, type ResponseBody } from './exchange.ts';
import { ProviderFailure } from './provider-failure.ts';
import { refusalOf } from './refusal.ts';
import { firstOf } from './retry-after.ts';

/** The pause before the same endpoint is asked again; it doubles. */
const FIRST_DELAY_MS = 250;
/** What requests that failed together wait in addition, each for a different time. */
const JITTER_MS = 200;
/** If all endpoints rest for longer, the fallback is asked instead. */
const MAX_DELAY_MS = 5_000;
/** How much of an error response is read. */
const MAX_ERROR_BYTES = 65_536;
/** A larger body is passed to the connection piece by piece, and forgotten piece by piece. */
const LARGE_BODY_BYTES = 65_536;

/** A response whose headers have arrived. */
export interface ProviderResponse {
  readonly contentType: string;
  /** The body as it arrives. Pass its errors to `failureFrom`. */
  readonly chunks: ResponseBody;
}

/** A request to the provider. */
export interface ProviderRequest {
  /** Appended to the base URL; starts with a slash. */
  readonly path: string;
  /** The provider's name of the model. */
  readonly model: string;
  /** Whether the response is a stream, whose first byte comes when the model begins to write. */
  readonly isStream: boolean;
  /** In parts. */
  readonly body: readonly Buffer[];
  /** JSON by default. */
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
  /** Headers of the client's request that belong to the API, such as `anthropic-beta`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Those of the turn, which other models may have used before; by default of this request. */
  readonly attempts?: Attempts | undefined;
}

/** One provider, with its own connections. */
export class Provider {
  readonly settings: ProviderSettings;
  readonly endpoints: Endpoints;
  #agent: Agent;

  /**
   * @param onRest called when an endpoint begins to rest
   * @param onFailure called for each request that failed before it was answered
   */
  constructor(
    settings: ProviderSettings,
    onRest?: (rest: RestBegun) => void,
    onFailure?: (failure: ProviderFailure) => void,
  ) {
    this.settings = settings;
    this.endpoints = new Endpoints(settings, { onRest, onFailure });
    this.#agent = this.#newAgent({});
  }

  /**
   * Posts a request and resolves when the headers of a successful response have arrived. Until then
   * it asks again after failures that `mayAskAgain` allows, as long as the attempts of the turn
   * last: another endpoint at once, the same one after a growing pause.
   * @throws ProviderFailure, or the signal's reason once it aborts
   */
  async post(providerRequest: ProviderRequest): Promise<ProviderResponse> {
    const { model, isStream, signal, attempts = new Attempts() } = providerRequest;
    const { endpoints } = this;
    const failed = new Map<Endpoint, ProviderFailure>();
    for (;;) {
      const choice = endpoints.choose(model, MAX_DELAY_MS, failed);
      if (!choice) throw failureToTell(failed) ?? endpoints.restingFailure(model);
      const { endpoint } = choice;
      const pauseMs = failed.has(endpoint) ? pauseBefore(attempts.used) : 0;
      const waitMs = Math.max(choice.waitMs, pauseMs);
      if (waitMs > 0) await sleep(waitMs + Math.random() * JITTER_MS, undefined, { signal });
      if (attempts.isOver) throw failureToTell(failed) ?? endpoints.restingFailure(model);
      attempts.count();
      try {
        const response = await this.#postOnce(endpoint, providerRequest);
        endpoints.noteAnswer(endpoint, model);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ProviderFailure)) throw error;
        error.endpoint = endpoint.position;
        endpoints.noteFailure(endpoint, model, error);
        failed.set(endpoint, error);
        if (!mayAskAgain(error, isStream)) throw error;
        if (!attempts.allowRetry) throw failureToTell(failed) ?? error;
      }
    }
  }

  /** The failure of a request or of reading its response, from what was thrown. */
  failureFrom(cause: unknown): ProviderFailure {
    const failure = cause instanceof ProviderFailure ? cause : this.#brokenBy(cause);
    failure.provider = this.settings.name;
    return failure;
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

  #brokenBy(cause: unknown): ProviderFailure {
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    const isTimeout = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    const reason = isTimeout ? 'timed_out' : 'unreachable';
    const text = `${this.settings.name}: ${message} ${code}`.trim();
    return new ProviderFailure(reason, text, { cause });
  }

  async #postOnce(endpoint: Endpoint, asked: ProviderRequest): Promise<ProviderResponse> {
    const { path, body, contentType = 'application/json', signal, headers, isStream } = asked;
    const { headersTimeoutMs, streamHeadersTimeoutMs } = this.settings;
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    const request = {
      ...endpoint.targetOf(path),
      method: 'POST',
      headers: {
        ...headers,
        ...endpoint.headers,
        'content-type': contentType,
        'content-length': String(bytes),
      },
      body:
        bytes > LARGE_BODY_BYTES ? Readable.from(new BodyPieces(body)) : Buffer.concat(body, bytes),
      headersTimeout: isStream ? streamHeadersTimeoutMs : headersTimeoutMs,
    };
    const response = await exchange(this.#agent, request, signal).catch((cause: unknown) => {
      throw this.failureFrom(cause);
    });
    const { status, headers: its } = response;
    if (status >= 200 && status < 300) {
      return { contentType: firstOf(its['content-type']), chunks: response.body };
    }
    const text = await beginningOf(response.body);
    throw this.failureFrom(refusalOf(this.settings, { status, headers: its, text, path }));
  }
}

/** Statuses after which a request may be asked again. */
const RETRYABLE = new Set([429, 500, 502, 503, 529]);
/** Only what lies between has given up; the model may still be writing what the provider bills. */
const GATEWAY_TIMEOUTS = new Set([504, 522, 524]);

/**
 * Whether a request may be asked again, here or at another endpoint. Not if it may have been
 * received and answered, since the answer that was lost is billed too:
 * - A response that has begun is never asked again: `post` has returned by then.
 * - 429, 500, 502, 503, 529: the provider says that it gives no answer, and bills none.
 * - No connection, or no TLS: nothing was sent.
 * - A connection that broke before the response began, and the timeout of a gateway: a stream
 *   begins when the model does, so nothing was written. A whole answer begins when all of it is
 *   written, so it may have been.
 * - Nothing came within the time limit: the provider may still be at work.
 * - 401, 402, 403 and other refusals of the operator: another key may be accepted.
 * - Everything else is the same the next time. `x-should-retry: false` says so itself.
 *
 * A fallback may be asked after any of these: it is another model, and its answer is delivered.
 */
function mayAskAgain(failure: ProviderFailure, isStream: boolean): boolean {
  const { reason, status = 0, isFinal, cause } = failure;
  if (reason === 'operator') return true;
  if (reason === 'unreachable') return isStream || wasNeverSent(cause);
  if (reason !== 'refused' || isFinal) return false;
  return RETRYABLE.has(status) || (isStream && GATEWAY_TIMEOUTS.has(status));
}

/** Whether a connection was never made. When in doubt, it was. */
function wasNeverSent(cause: unknown): boolean {
  const { code = '', syscall } = cause as { code?: string; syscall?: string };
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ECONNREFUSED') return true;
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code);
}

function pauseBefore(attemptsUsed: number): number {
  return FIRST_DELAY_MS * 2 ** (attemptsUsed - 1);
}

/**
 * Of the failures of several endpoints the one that the client can do most about: it may ask again
 * at once, then it may do so later, then only the operator can do something.
 */
function failureToTell(failed: ReadonlyMap<Endpoint, ProviderFailure>) {
  const [first] = [...failed.values()].sort((one, other) => rankOf(one) - rankOf(other));
  return first;
}

function rankOf({ reason, retryAfterMs = 0 }: ProviderFailure): number {
  return reason === 'operator' ? Number.MAX_VALUE : retryAfterMs;
}

/** The beginning of an error response; the rest of a longer one is not read. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ERROR_BYTES) break;
    }
  } catch {
    // What came of it is enough.
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ERROR_BYTES);
}
