/**
 * What those are told who watch the server from outside, by metrics and traces. Nothing of it has
 * words of users, usernames or secrets. Whoever is told must return at once and never throw.
 */
import type { Credits } from '../../core/credits.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Ending } from '../../core/outcome.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Unpriced, Usage } from '../../core/usage.ts';
import type { Model } from '../../models/catalogue.ts';
import type { FallbackReply } from '../../models/model-health.ts';
import type { Generated } from '../metering/generate.ts';

/** Somebody who watches the requests of a server. */
export interface Observer {
  /** A server begins to answer requests. @param counts what it does at present */
  watchServer?(counts: () => ServerCounts): void;
  /** A request has arrived. @returns what is told of the rest of it */
  requestBegan(request: BegunRequest): RequestWatch;
}

/** What an HTTP server does at present, and how often it refused to. */
export interface ServerCounts {
  /** Requests that are being answered, streams among them. */
  readonly running: number;
  /** Responses that are streams and have not ended. */
  readonly streams: number;
  /** Requests that were refused since the start because the server was overloaded. */
  readonly shed: number;
}

/** A request whose headers have arrived. */
export interface BegunRequest {
  readonly method: string;
  /** The pattern of its path; undefined if there is no such route. */
  readonly route: string | undefined;
  /** The headers of W3C Trace Context, from a proxy that is trusted. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** What is told of one request. */
export interface RequestWatch {
  /** The trace that it belongs to, as in `traceparent`. */
  readonly traceId?: string;
  /** The request asks a model. @param operation such as `chat` or `embeddings` */
  generation?(operation: string): GenerationWatch;
  /** Its response was sent, or its client has left. */
  ended(end: EndedRequest): void;
}

/** A request that has been answered. */
export interface EndedRequest {
  readonly id: string;
  readonly method: string;
  /** The pattern of its path; undefined if there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  /** Of its error, also where that was told within a stream. */
  readonly errorCode: ErrorCode | undefined;
  readonly seconds: number;
  readonly clientAddress: string;
  readonly userId: number | undefined;
}

/** What is told of one generation, in this order. All of it is optional, as in `meter`. */
export interface GenerationWatch {
  /** Credits are held. */
  held?(generation: { readonly id: string; readonly model: string }): void;
  /** A model is about to be asked: the requested one, or a fallback. */
  asked?(model: Model): void;
  /** The model that was asked has delivered its first output. */
  delivered?(): void;
  /** The model that was asked has ended, with an answer or without. */
  answered?(generated: Generated): void;
  /** A fallback has answered; its client does not see the failures before. */
  fellBack?(reply: FallbackReply): void;
  /** All is booked. */
  ended?(end: EndedGeneration): void;
  /** The end could not be booked in time; the hold is released later. */
  unbooked?(): void;
}

/** A generation as it was booked. */
export interface EndedGeneration {
  readonly id: string;
  /** The model that answered, or was asked last. */
  readonly model: string;
  readonly outcome: Ending;
  /** Why the reply is missing or incomplete. */
  readonly failure: ReplyFailure | undefined;
  readonly chargedCredits: Credits;
  /** The account that paid, if it is not the personal one. */
  readonly payerId: number | undefined;
  /** What was charged for; undefined if nothing was. */
  readonly usage: Usage | undefined;
  /** What of it had no price. */
  readonly unpriced: Unpriced | undefined;
}

/** Tells several. */
export class GenerationWatches implements GenerationWatch {
  readonly #all: readonly GenerationWatch[];

  constructor(all: readonly GenerationWatch[]) {
    this.#all = all;
  }

  held(generation: { readonly id: string; readonly model: string }): void {
    for (const it of this.#all) it.held?.(generation);
  }

  asked(model: Model): void {
    for (const it of this.#all) it.asked?.(model);
  }

  delivered(): void {
    for (const it of this.#all) it.delivered?.();
  }

  answered(generated: Generated): void {
    for (const it of this.#all) it.answered?.(generated);
  }

  fellBack(reply: FallbackReply): void {
    for (const it of this.#all) it.fellBack?.(reply);
  }

  ended(end: EndedGeneration): void {
    for (const it of this.#all) it.ended?.(end);
  }

  unbooked(): void {
    for (const it of this.#all) it.unbooked?.();
  }
}
