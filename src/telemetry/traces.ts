/**
 * Traces for OpenTelemetry: a span for each request, and below it spans for the hold, for each
 * model that is asked (by the conventions for generative AI,
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/) and for the booking. They have
 * names, numbers and ids, and never what anybody wrote.
 */
import {
  type Context,
  createTraceState,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Generated } from '../app/metering/generate.ts';
import type {
  BegunRequest,
  EndedGeneration,
  EndedRequest,
  GenerationWatch,
  Observer,
  RequestWatch,
} from '../app/operations/observations.ts';
import { totalInput, totalOutput } from '../core/usage.ts';
import type { Model } from '../models/catalogue.ts';
import { failureKind } from '../models/provider-client/refusal.ts';
import { providerNameOf, serverOf } from './gen-ai-names.ts';
import type { SamplerSettings, TracesSettings } from './traces-settings.ts';

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-(..)/;
/** Asked every few seconds by machines. */
const NOT_TRACED = new Set(['/healthz', '/readyz', '/metrics']);
const NOTHING: RequestWatch = { ended: () => undefined };
/** How long the last spans may take to be sent when the server stops. */
const CLOSE_MS = 2_000;
const TELL_EVERY_MS = 60_000;

/** Sends traces of requests to a collector. Whatever becomes of them, requests go on. */
export class Traces implements Observer {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** What is set and not followed. */
  readonly faults: readonly string[];
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** Told now and then that traces are lost. */
  onError: (message: string) => void = () => undefined;

  constructor(settings: TracesSettings, version: string) {
    this.faults = settings.faults;
    const { url, headers, exportTimeoutMs, resource, batch } = settings;
    const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: exportTimeoutMs });
    const attributes = { 'service.version': version, ...resource };
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes(attributes)),
      sampler: samplerOf(settings.sampler),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          scheduledDelayMillis: batch.delayMs,
          maxQueueSize: batch.queueSize,
          maxExportBatchSize: Math.min(batch.exportSize, batch.queueSize),
          exportTimeoutMillis: exportTimeoutMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('chit', version);
    const tell = (message: string) => this.#tell(message);
    const ignore = () => undefined;
    const logger = { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger(logger, { suppressOverrideMessage: true });
  }

  requestBegan(request: BegunRequest): RequestWatch {
    const { method, route } = request;
    if (route !== undefined && NOT_TRACED.has(route)) return NOTHING;
    const parent = parentOf(request);
    const name = route === undefined ? method : `${method} ${route}`;
    const attributes = { 'http.request.method': method, 'http.route': route };
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    if (!span.isRecording()) return NOTHING;
    return new TracedRequest(this.#tracer, span, trace.setSpan(parent, span));
  }

  /** Sends what is left, if that does not take long. */
  async close(): Promise<void> {
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, CLOSE_MS);
    await Promise.race([this.#provider.shutdown().catch(() => undefined), timeout.promise]);
    clearTimeout(timer);
  }

  #tell(message: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    this.onError(message.slice(0, 300));
  }
}

function samplerOf({ kind, ratio, isParentBased }: SamplerSettings): Sampler {
  const samplers = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const root = samplers[kind]();
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

function parentOf({ traceparent, tracestate }: BegunRequest): Context {
  const [, traceId, spanId, flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate ? { traceState: createTraceState(tracestate) } : {}),
  });
}

class TracedRequest implements RequestWatch {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly traceId: string;

  constructor(tracer: Tracer, span: Span, context: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = context;
    this.traceId = span.spanContext().traceId;
  }

  generation(operation: string): GenerationWatch {
    return new TracedGeneration(this.#tracer, this.#context, operation);
  }

  ended({ id, status, errorCode, clientAddress, userId }: EndedRequest): void {
    const span = this.#span;
    span.setAttributes({
      'http.response.status_code': status,
      'client.address': clientAddress,
      'chit.request.id': id,
      ...(userId === undefined ? {} : { 'user.id': String(userId) }),
      ...(errorCode === undefined ? {} : { 'error.type': errorCode }),
    });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

class TracedGeneration implements GenerationWatch {
  readonly #tracer: Tracer;
  readonly #context: Context;
  readonly #operation: string;
  #sinceMs = Date.now();
  #id = '';
  #span: Span | undefined;

  constructor(tracer: Tracer, context: Context, operation: string) {
    this.#tracer = tracer;
    this.#context = context;
    this.#operation = operation;
  }

  held({ id }: { readonly id: string }): void {
    this.#id = id;
    this.#start('hold credits').end();
  }

  asked({ name, upstream }: Model): void {
    const model = upstream?.model ?? name;
    const server = upstream && serverOf(upstream.provider.settings);
    const attributes = {
      'gen_ai.operation.name': this.#operation,
      'gen_ai.provider.name': upstream ? providerNameOf(upstream.provider.settings) : 'chit',
      'gen_ai.request.model': model,
      'chit.model': name,
      'chit.generation.id': this.#id,
      ...(server ? { 'server.address': server.address, 'server.port': server.port } : {}),
    };
    const kind = upstream ? SpanKind.CLIENT : SpanKind.INTERNAL;
    this.#sinceMs = Date.now();
    const named = `${this.#operation} ${model}`;
    this.#span = this.#tracer.startSpan(named, { kind, attributes }, this.#context);
  }

  delivered(): void {
    const seconds = (Date.now() - this.#sinceMs) / 1_000;
    this.#span?.setAttribute('chit.time_to_first_token', seconds);
  }

  answered({ usage, ending, cause }: Generated): void {
    const span = this.#span;
    if (!span) return;
    const { counts = {} } = usage ?? {};
    const { cached_input, cache_write_5m = 0, cache_write_1h = 0 } = counts;
    const written = cache_write_5m + cache_write_1h;
    const attributes = {
      'chit.outcome': ending,
      'gen_ai.usage.input_tokens': totalInput(counts),
      'gen_ai.usage.output_tokens': totalOutput(counts),
      'gen_ai.usage.cache_read.input_tokens': cached_input,
      'gen_ai.usage.cache_creation.input_tokens': written > 0 ? written : undefined,
    };
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) span.setAttribute(name, value);
    }
    if (ending === 'failed' || ending === 'timed_out') {
      span.setAttribute('error.type', ending === 'timed_out' ? ending : failureKind(cause));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    this.#sinceMs = Date.now();
  }

  ended({ chargedCredits, outcome, failure }: EndedGeneration): void {
    const span = this.#start('settle');
    span.setAttributes({ 'chit.outcome': outcome, 'chit.credits.charged': chargedCredits });
    if (failure) span.setAttribute('error.type', failure);
    span.end();
  }

  unbooked(): void {
    const span = this.#start('settle');
    span.setAttribute('error.type', 'ledger_unavailable');
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  /** A span that began when the one before it ended. */
  #start(name: string): Span {
    const attributes = { 'chit.generation.id': this.#id };
    return this.#tracer.startSpan(name, { startTime: this.#sinceMs, attributes }, this.#context);
  }
}
