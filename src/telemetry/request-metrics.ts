import type { Registry } from 'prom-client';
import type {
  EndedGeneration,
  EndedRequest,
  GenerationWatch,
  Observer,
  RequestWatch,
  ServerCounts,
} from '../app/operations/observations.ts';
import type { Ending } from '../core/outcome.ts';
import { totalInput, totalOutput } from '../core/usage.ts';
import type { Model } from '../models/catalogue.ts';
import type { FallbackReply } from '../models/model-health.ts';
import { ProviderFailure } from '../models/provider-client/provider-failure.ts';
import { FAILURE_KINDS, failureKind } from '../models/provider-client/refusal.ts';
import { Counter, type CounterCell, Histogram, type HistogramCell } from './instruments.ts';

const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const MODEL_SECONDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
/** Others that a client may send are counted together. */
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const ATTEMPTS = ['answered', 'failed', 'given_up'] as const;
/** Those of `core/outcome.ts`, and where the end could not be booked. */
const OUTCOMES = [
  'finished',
  'stopped',
  'failed',
  'timed_out',
  'server_lost',
  'unbooked',
] as const satisfies readonly (Ending | 'unbooked')[];
const FALLBACK_PRICES = ['dearer', 'same_or_lower'] as const;
const NO_ROUTE = '(none)';

interface RouteCells {
  readonly seconds: HistogramCell;
  readonly byStatus: Map<number, CounterCell>;
}

interface ModelCells {
  readonly seconds: HistogramCell;
  readonly firstSeconds: HistogramCell;
  readonly input: CounterCell;
  readonly output: CounterCell;
}

/** Counts requests, and what becomes of the generations that they ask for. */
export class RequestMetrics implements Observer {
  readonly #requests;
  readonly #seconds;
  readonly #errors;
  readonly #generations;
  readonly #generationSeconds;
  readonly #firstSeconds;
  readonly #tokens;
  readonly #attempts;
  readonly #providerErrors;
  readonly #fallbacks;
  readonly #unpriced;
  readonly #routes = new Map<string, RouteCells>();
  readonly #models = new Map<string, ModelCells>();
  readonly #watch: RequestWatch;
  #counts: () => ServerCounts = () => ({ running: 0, streams: 0, shed: 0 });

  constructor(registry: Registry) {
    this.#requests = new Counter(registry, {
      name: 'chit_http_requests_total',
      help: 'HTTP requests by method, pattern of the path and status.',
      labels: ['method', 'route', 'status'],
    });
    this.#seconds = new Histogram(registry, {
      name: 'chit_http_request_duration_seconds',
      help: 'How long HTTP requests took until the last byte; streams as long as they lasted.',
      labels: ['method', 'route'],
      buckets: REQUEST_SECONDS,
    });
    this.#errors = new Counter(registry, {
      name: 'chit_http_errors_total',
      help: 'Errors told to clients, by the code in the header Chit-Error.',
      labels: ['code'],
    });
    this.#generations = new Counter(registry, {
      name: 'chit_generations_total',
      help: 'Generations by the model that answered, and how they ended.',
      labels: ['model', 'outcome'],
    });
    this.#generationSeconds = new Histogram(registry, {
      name: 'chit_generation_duration_seconds',
      help: 'From the hold until the reply was booked.',
      labels: ['model'],
      buckets: MODEL_SECONDS,
    });
    this.#firstSeconds = new Histogram(registry, {
      name: 'chit_generation_first_token_seconds',
      help: 'From asking the model that answered until its first output.',
      labels: ['model'],
      buckets: MODEL_SECONDS,
    });
    this.#tokens = new Counter(registry, {
      name: 'chit_generation_tokens_total',
      help: 'Model tokens that were charged for, by direction.',
      labels: ['model', 'direction'],
    });
    this.#attempts = new Counter(registry, {
      name: 'chit_model_attempts_total',
      help: 'Whether the models that were asked answered, whatever their fallbacks did.',
      labels: ['model', 'result'],
    });
    this.#providerErrors = new Counter(registry, {
      name: 'chit_provider_errors_total',
      help: 'Failed requests to providers by kind, also those that a retry or a fallback hid.',
      labels: ['provider', 'kind'],
    });
    this.#fallbacks = new Counter(registry, {
      name: 'chit_fallback_replies_total',
      help: 'Replies of fallbacks in place of a model that failed.',
      labels: ['model', 'fallback', 'price'],
    });
    this.#unpriced = new Counter(registry, {
      name: 'chit_unpriced_usage_total',
      help: 'Usage without a price, by unit: the operator pays for it.',
      labels: ['model', 'unit'],
    });
    this.#watch = {
      generation: () => new GenerationMetrics(this),
      ended: (end) => this.#noteRequest(end),
    };
  }

  /** What the HTTP server does at present. */
  get counts(): ServerCounts {
    return this.#counts();
  }

  watchServer(counts: () => ServerCounts): void {
    this.#counts = counts;
  }

  requestBegan(): RequestWatch {
    return this.#watch;
  }

  /** Shows zeros for all that may be counted of these, since a rate needs a value before it. */
  prepare(models: readonly Model[]): void {
    for (const { name, upstream, fallbacks } of models) {
      this.#of(name);
      for (const result of ATTEMPTS) this.#attempts.of(name, result);
      for (const outcome of OUTCOMES) this.#generations.of(name, outcome);
      for (const fallback of fallbacks) {
        for (const price of FALLBACK_PRICES) this.#fallbacks.of(name, fallback, price);
      }
      if (!upstream) continue;
      const { name: provider } = upstream.provider.settings;
      for (const kind of FAILURE_KINDS) this.#providerErrors.of(provider, kind);
    }
  }

  /** For `ModelHealth.onFailure`. */
  readonly noteFailure = (failure: ProviderFailure): void => {
    const { provider = '' } = failure;
    this.#providerErrors.of(provider, failureKind(failure)).value += 1;
  };

  noteAttempt(model: Model, isAnswered: boolean, failure: { cause: unknown } | undefined): void {
    const result = isAnswered ? 'answered' : failure ? 'failed' : 'given_up';
    this.#attempts.of(model.name, result).value += 1;
    if (!failure) return;
    const { cause } = failure;
    // Those of requests that were never answered are told by the provider's client.
    if (cause instanceof ProviderFailure && cause.endpoint !== undefined) return;
    const provider = model.upstream?.provider.settings.name ?? 'built-in';
    const kind = cause instanceof ProviderFailure ? failureKind(cause) : 'timed_out';
    this.#providerErrors.of(provider, kind).value += 1;
  }

  noteFirst(model: string, seconds: number): void {
    this.#of(model).firstSeconds.observe(seconds);
  }

  noteFallback({ model, fallback, isDearer }: FallbackReply): void {
    this.#fallbacks.of(model, fallback, isDearer ? 'dearer' : 'same_or_lower').value += 1;
  }

  noteEnd({ model, outcome, usage, unpriced }: EndedGeneration, seconds: number): void {
    this.#generations.of(model, outcome).value += 1;
    const cells = this.#of(model);
    cells.seconds.observe(seconds);
    if (usage) {
      cells.input.value += totalInput(usage.counts) ?? 0;
      cells.output.value += totalOutput(usage.counts) ?? 0;
    }
    for (const [unit, count] of Object.entries(unpriced ?? {})) {
      // Names of tiers come from providers, so that there can be any number of them.
      const named = unit.startsWith('tier:') ? 'tier' : unit;
      this.#unpriced.of(model, named).value += count;
    }
  }

  noteUnbooked(model: string): void {
    this.#generations.of(model, 'unbooked').value += 1;
  }

  #of(model: string): ModelCells {
    let cells = this.#models.get(model);
    if (!cells) {
      cells = {
        seconds: this.#generationSeconds.of(model),
        firstSeconds: this.#firstSeconds.of(model),
        input: this.#tokens.of(model, 'input'),
        output: this.#tokens.of(model, 'output'),
      };
      this.#models.set(model, cells);
    }
    return cells;
  }

  #noteRequest({ method: sent, route = NO_ROUTE, status, errorCode, seconds }: EndedRequest) {
    const method = METHODS.has(sent) ? sent : 'other';
    const key = `${method} ${route}`;
    let cells = this.#routes.get(key);
    if (!cells) {
      cells = { seconds: this.#seconds.of(method, route), byStatus: new Map() };
      this.#routes.set(key, cells);
    }
    let count = cells.byStatus.get(status);
    if (!count) {
      count = this.#requests.of(method, route, String(status));
      cells.byStatus.set(status, count);
    }
    count.value += 1;
    cells.seconds.observe(seconds);
    if (errorCode) this.#errors.of(errorCode).value += 1;
  }
}

/** Times one generation. */
class GenerationMetrics implements GenerationWatch {
  readonly #metrics: RequestMetrics;
  #heldMs = 0;
  #askedMs = 0;
  #model: Model | undefined;

  constructor(metrics: RequestMetrics) {
    this.#metrics = metrics;
  }

  held(): void {
    this.#heldMs = performance.now();
  }

  asked(model: Model): void {
    this.#askedMs = performance.now();
    this.#model = model;
  }

  delivered(): void {
    if (!this.#model) return;
    this.#metrics.noteFirst(this.#model.name, (performance.now() - this.#askedMs) / 1_000);
  }

  answered({ ending, isDelivered, cause }: Parameters<Required<GenerationWatch>['answered']>[0]) {
    if (!this.#model) return;
    const isFailed = ending === 'failed' || ending === 'timed_out';
    const isAnswered = ending === 'finished' || (ending === 'stopped' && isDelivered);
    this.#metrics.noteAttempt(this.#model, isAnswered, isFailed ? { cause } : undefined);
  }

  fellBack(reply: FallbackReply): void {
    this.#metrics.noteFallback(reply);
  }

  ended(end: EndedGeneration): void {
    this.#metrics.noteEnd(end, (performance.now() - this.#heldMs) / 1_000);
  }

  unbooked(): void {
    this.#metrics.noteUnbooked(this.#model?.name ?? '');
  }
}
