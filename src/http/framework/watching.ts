/** Tells the log, and those who watch from outside, what became of each request. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type EndedGeneration,
  type GenerationWatch,
  GenerationWatches,
  type Observer,
  type RequestWatch,
} from '../../app/operations/observations.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { totalInput, totalOutput } from '../../core/usage.ts';
import type { TrustedPeers } from './request-id.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What the server does at present. */
    counts: { streams: number; shed: number };
  }
  interface FastifyRequest {
    /** The error that the client was told, also where it was told within a stream. */
    errorCode: ErrorCode | null;
    /** The generation that it asked for, if that has ended. */
    generation: EndedGeneration | null;
    /** Those who are told of it; null for nobody but the log. */
    watches: readonly RequestWatch[] | null;
    isAnswered: boolean;
  }
}

const NONE = { traceparent: undefined, tracestate: undefined };

/**
 * Logs one line for each request, also if its client leaves before the response, and sends the id
 * of the request to the client, to be quoted in bug reports. The line has no headers, bodies and
 * queries, so that there are no tokens, passwords and words in it.
 */
export class RequestWatcher {
  readonly #observers: readonly Observer[];
  readonly #peers: TrustedPeers;

  constructor(observers: readonly Observer[], peers: TrustedPeers) {
    this.#observers = observers;
    this.#peers = peers;
  }

  register(app: FastifyInstance): void {
    app.decorate('counts', { streams: 0, shed: 0 });
    app.decorateRequest('errorCode', null);
    app.decorateRequest('generation', null);
    app.decorateRequest('watches', null);
    app.decorateRequest('isAnswered', false);
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id);
      this.begin(request, reply);
      done();
    });
  }

  /** To be called where no hook runs. */
  begin(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#observers.length > 0) request.watches = this.#watchesOf(request);
    reply.raw.once('close', () => {
      request.isAnswered = true;
      const { statusCode, elapsedTime } = reply;
      if (statusCode >= 400) request.errorCode ??= codeIn(reply);
      const hasLeft = !reply.raw.writableFinished;
      logRequest(request, { status: statusCode, ms: elapsedTime, hasLeft });
      if (request.watches) tellWatches(request, statusCode, elapsedTime);
    });
  }

  #watchesOf(request: FastifyRequest): RequestWatch[] {
    const { method, raw } = request;
    const given = this.#peers.sent(raw) ? raw.headers : NONE;
    const traceparent = given.traceparent?.toString();
    const tracestate = given.tracestate?.toString();
    const begun = { method, route: routeOf(request), traceparent, tracestate };
    return this.#observers.map((it) => it.requestBegan(begun));
  }
}

function codeIn(reply: FastifyReply): ErrorCode | null {
  const code = reply.getHeader('chit-error');
  return typeof code === 'string' ? (code as ErrorCode) : null;
}

/** What is told of the generation that a request asks for. */
export function watchOf(request: FastifyRequest, operation = 'chat'): GenerationWatch {
  const log: GenerationWatch = {
    ended: (generation) => {
      if (request.isAnswered) request.log.info({ generation: shown(generation) }, 'generation');
      else request.generation = generation;
    },
  };
  const { watches } = request;
  if (!watches) return log;
  const all = watches.map((it) => it.generation?.(operation)).filter((it) => it !== undefined);
  return new GenerationWatches([log, ...all]);
}

function logRequest(
  request: FastifyRequest,
  { status, ms, hasLeft }: { status: number; ms: number; hasLeft: boolean },
): void {
  const { method, generation, errorCode, user } = request;
  const route = routeOf(request);
  request.log.info(
    {
      method,
      path: pathOf(request, route),
      route,
      status,
      error: errorCode ?? undefined,
      ms: Math.round(ms * 10) / 10,
      user: user?.id,
      address: request.ip,
      left: hasLeft || undefined,
      trace: request.watches?.find(({ traceId }) => traceId)?.traceId,
      generation: generation ? shown(generation) : undefined,
    },
    'request',
  );
}

function tellWatches(request: FastifyRequest, status: number, ms: number): void {
  const { id, method, errorCode, user, ip, watches } = request;
  const end = {
    id,
    method,
    route: routeOf(request),
    status,
    errorCode: errorCode ?? undefined,
    seconds: ms / 1_000,
    clientAddress: ip,
    userId: user?.id,
  };
  for (const it of watches ?? []) it.ended(end);
}

function routeOf({ is404, routeOptions }: FastifyRequest): string | undefined {
  return is404 ? undefined : routeOptions.url;
}

/** Without the query. Where the path has a secret, such as that of a shared chat, its pattern. */
function pathOf({ url }: FastifyRequest, route: string | undefined): string {
  if (route?.includes(':token')) return route;
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function shown(generation: EndedGeneration) {
  const { id, model, outcome, failure, chargedCredits, payerId, usage } = generation;
  return {
    id,
    model,
    outcome,
    failure,
    charged: chargedCredits,
    payer: payerId,
    input: usage && totalInput(usage.counts),
    output: usage && totalOutput(usage.counts),
  };
}
