/** Speaks HTTP to one provider: pooled connections, timeouts, and retries while they are safe. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ProviderSettings } from '../core/deployment.ts';
import { ProviderFailure } from './provider-failure.ts';

/** Statuses that may be gone at the next attempt. */
const PASSING = new Set([429, 500, 502, 503, 504]);
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 250;
/** A provider that asks for more patience than this is given up, and a fall-back asked. */
const LONGEST_PAUSE_MS = 5_000;
/** Of what a refusal says; it goes to the log. */
const REFUSAL_CHARACTERS = 10_000;
const ANTHROPIC_VERSION = '2023-06-01';

/** An answer whose head has come. */
export interface ProviderAnswer {
  readonly contentType: string;
  /** Chunks as they come. What they fail with is for `failureFrom`. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A request as the provider is to get it. */
export interface ProviderRequest {
  /** Below the base URL, with its slash. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
  readonly signal: AbortSignal;
  /** Headers of the client's that belong to the wire, such as `anthropic-beta`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One provider, with connections of its own. */
export class Provider {
  readonly settings: ProviderSettings;
  readonly #agent: Agent;

  constructor(settings: ProviderSettings) {
    this.settings = settings;
    this.#agent = new Agent({
      connect: { timeout: settings.connectTimeoutMs },
      headersTimeout: settings.headersTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
    });
  }

  /**
   * Posts a request and resolves when the head of a good answer has come. Until then it is tried
   * again, with pauses that grow, after what may pass: no connection, 429, 500, 502, 503, 504.
   * @throws ProviderFailure, or the signal's reason once it aborts
   */
  async post(asked: ProviderRequest): Promise<ProviderAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#postOnce(asked);
      } catch (error) {
        asked.signal.throwIfAborted();
        const pauseMs = attempt < ATTEMPTS ? pauseAfter(error, attempt) : undefined;
        if (pauseMs === undefined) throw error;
        await sleep(pauseMs, undefined, { signal: asked.signal });
      }
    }
  }

  /** What it means that a request, or an answer in the middle, failed with this. */
  failureFrom(cause: unknown): ProviderFailure {
    if (cause instanceof ProviderFailure) return cause;
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    const isTimeout = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    const reason = isTimeout ? 'timed_out' : 'unreachable';
    const said = `${this.settings.name}: ${message} ${code}`.trim();
    return new ProviderFailure(reason, said, { cause });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #postOnce({ path, body, signal, headers }: ProviderRequest): Promise<ProviderAnswer> {
    const answer = await request(`${this.settings.baseUrl}${path}`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { ...headers, ...this.#headers(), 'content-type': 'application/json' },
      body,
      signal,
    }).catch((cause: unknown) => {
      throw this.failureFrom(cause);
    });
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) {
      const contentType = headerOf(answer.headers['content-type']);
      return { contentType, chunks: answer.body };
    }
    const text = await answer.body.text().catch(() => '');
    throw new ProviderFailure('refused', `${this.settings.name} answered ${status}.`, {
      status,
      body: text.slice(0, REFUSAL_CHARACTERS),
      retryAfterSeconds: secondsOf(headerOf(answer.headers['retry-after'])),
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

/** Milliseconds until the next attempt makes sense; undefined if none does. */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ProviderFailure)) return undefined;
  const { reason, status, retryAfterSeconds } = error;
  const mayPass = reason === 'unreachable' || (status !== undefined && PASSING.has(status));
  if (!mayPass) return undefined;
  const askedMs = (retryAfterSeconds ?? 0) * 1_000;
  if (askedMs > LONGEST_PAUSE_MS) return undefined;
  const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(pauseMs, askedMs);
}

function headerOf(value: string | string[] | undefined): string {
  return [value ?? ''].flat()[0] ?? '';
}

/** Of a `Retry-After` in seconds; its form as a date is not used by providers of models. */
function secondsOf(retryAfter: string): number | undefined {
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
}
