/** The provider APIs that existing clients use, OpenAI's and Anthropic's, under `/v1/`. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import { ClientRetries } from '../../app/gateway/client-retries.ts';
import { relay } from '../../app/gateway/relay.ts';
import { idempotencyOfBytes } from '../../app/metering/idempotency.ts';
import type { Delta } from '../../models/catalogue.ts';
import { CHAT_COMPLETIONS } from '../../models/provider-apis/chat-completions.ts';
import { COMPLETIONS, completionsFor } from '../../models/provider-apis/completions.ts';
import { EMBEDDINGS } from '../../models/provider-apis/embeddings.ts';
import { IMAGE_EDITS, IMAGES } from '../../models/provider-apis/images.ts';
import { MESSAGES } from '../../models/provider-apis/messages.ts';
import { MODERATIONS } from '../../models/provider-apis/moderations.ts';
import type { ProviderApi } from '../../models/provider-apis/provider-api.ts';
import { RERANK } from '../../models/provider-apis/rerank.ts';
import { RESPONSES } from '../../models/provider-apis/responses.ts';
import { SPEECH } from '../../models/provider-apis/speech.ts';
import { TRANSCRIPTIONS, TRANSLATIONS } from '../../models/provider-apis/transcriptions.ts';
import type { RequestBody } from '../../models/request-body/request-body.ts';
import { keyOfOwner, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { PiecedBody } from '../framework/event-stream.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { rateLimitHeaders } from '../framework/rate-limit-headers.ts';
import { watchOf } from '../framework/watching.ts';
import { type BodiesInFlight, takeBody } from './bodies-in-flight.ts';
import { failureEvent, interruptionEvent } from './gateway-errors.ts';
import { idHeaders } from './gateway-family.ts';
import { GatewayBody, GatewayResponse, gatewayErrors } from './gateway-schema.ts';

/** Client headers that select features of the provider. */
const FEATURE_HEADERS = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

const RELAYED: Readonly<Record<string, ProviderApi>> = {
  '/v1/chat/completions': CHAT_COMPLETIONS,
  '/v1/completions': COMPLETIONS,
  '/v1/responses': RESPONSES,
  '/v1/embeddings': EMBEDDINGS,
  '/v1/images/generations': IMAGES,
  '/v1/images/edits': IMAGE_EDITS,
  '/v1/audio/speech': SPEECH,
  '/v1/audio/transcriptions': TRANSCRIPTIONS,
  '/v1/audio/translations': TRANSLATIONS,
  '/v1/moderations': MODERATIONS,
  '/v1/rerank': RERANK,
  '/v1/messages': MESSAGES,
};

/** As traces name them (OpenTelemetry's conventions for generative AI), where it is no chat. */
const OPERATIONS: Readonly<Record<string, string>> = {
  '/v1/completions': 'text_completion',
  '/v1/embeddings': 'embeddings',
  '/v1/images/generations': 'image_generation',
  '/v1/audio/speech': 'speech',
  '/v1/audio/transcriptions': 'transcription',
  '/v1/moderations': 'moderation',
  '/v1/rerank': 'rerank',
};

const GONE = new Error('The client has disconnected.');

/** Requests of clients of OpenAI and Anthropic, relayed to a provider with the same API. */
export function relayRoutes(api: Api, context: Context, inFlight: BodiesInFlight): void {
  const retries = new ClientRetries();
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    inFlight.count(request, reply);
    done();
  };
  api.decorateRequest('bodyIsGone', null);

  for (const [path, providerApi] of Object.entries(RELAYED)) {
    api.post(path, {
      config: {
        access: 'key',
        ...(providerApi.isForm ? { keepsForm: true } : { keepsJson: true }),
      },
      bodyLimit: inFlight.bodyLimitBytes,
      onRequest,
      schema: {
        tags: ['Wires'],
        summary: `Ask a model, as with ${providerApi.family === 'openai' ? 'OpenAI' : 'Anthropic'}`,
        body: GatewayBody,
        security: [{ key: [] }],
        response: { 200: GatewayResponse, ...gatewayErrors(providerApi.family) },
      },
      handler: async (request, reply) => {
        const body = takeBody(request);
        try {
          return await relayRequest({ context, path, providerApi, retries, body }, request, reply);
        } finally {
          body.drop();
        }
      },
    });
  }
}

async function relayRequest(
  {
    context,
    path,
    providerApi,
    retries,
    body,
  }: {
    readonly context: Context;
    readonly path: string;
    readonly providerApi: ProviderApi;
    readonly retries: ClientRetries;
    readonly body: RequestBody;
  },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { raw } = reply;
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(GONE);
  });
  reply.headers(idHeaders(request));
  const { readerTimeoutMs } = context.policy;
  const { isStream } = providerApi.wanted(body.value);
  let contentType = 'application/json';
  let whole: Uint8Array | undefined;
  let pieces: PiecedBody | undefined;
  let lastBytes: Uint8Array | undefined;
  const end: Uint8Array[] = [];

  const deliver = (delta: Delta): void | Promise<void> => {
    contentType = delta.contentType ?? contentType;
    const { bytes } = delta;
    if (delta.end) end.push(delta.end);
    if (!bytes) return;
    if (!isStream && !delta.isPiece) {
      whole = bytes;
      return;
    }
    // Such a response is charged as a whole, and read to its end for nobody.
    if (delta.isPiece && gone.signal.aborted) return;
    pieces ??= new PiecedBody(reply, contentType);
    lastBytes = bytes;
    if (pieces.write(bytes)) return;
    const caughtUp = drained(raw, gone.signal, readerTimeoutMs);
    return delta.isPiece ? caughtUp.catch(unlessGone(gone.signal)) : caughtUp;
  };

  const broken = () => ({ path, request, lastBytes });
  const relayed = relay(context, {
    api: providerApi === COMPLETIONS ? completionsFor(body.value) : providerApi,
    body,
    headers: featuresOf(request),
    userId: userOf(request).id,
    payers: userOf(request).payers,
    apiKey: keyOfOwner(request),
    onReplayed: () => markReplayed(reply, true),
    onLimits: (states) => reply.headers(rateLimitHeaders(states)),
    watch: watchOf(request, OPERATIONS[path]),
    onOutputCut: (outputLimit) => reply.header('chit-output-limit', outputLimit),
    idempotency: await idempotencyOfBytes(keyOf(request), path, body.json),
    retrying: {
      known: retries,
      nth: retryNumberOf(request),
      onSpent: () => {
        if (!raw.headersSent) reply.header('x-should-retry', 'false');
      },
    },
    left: gone.signal,
    deliver,
  });
  try {
    const { interruption } = await relayed;
    cutOffSlowReader(raw, readerTimeoutMs);
    if (!pieces && end.length === 0) return reply.type(contentType).send(whole);
    pieces ??= new PiecedBody(reply, contentType);
    if (!interruption) pieces.end(Buffer.concat(end));
    else if (isStream) pieces.end(Buffer.from(interruptionEvent(broken(), interruption)));
    else raw.destroy();
  } catch (error) {
    if (!pieces) throw error;
    cutOffSlowReader(raw, readerTimeoutMs);
    // The status was sent already, so the stream itself has to report the error.
    if (isStream) pieces.end(Buffer.from(failureEvent(broken(), error)));
    else raw.destroy();
  }
  return reply;
}

/**
 * Resolves when the client has taken what was written to it. One that takes nothing for too long
 * is disconnected, since its hold and the provider's connection wait for it.
 */
async function drained(raw: ServerResponse, gone: AbortSignal, timeoutMs: number): Promise<void> {
  const cutOff = cutOffSlowReader(raw, timeoutMs);
  try {
    await once(raw, 'drain', { signal: gone });
  } finally {
    raw.off('timeout', cutOff);
    raw.setTimeout(0);
  }
}

/** Ignores an error once the client has gone. */
function unlessGone(gone: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!gone.aborted) throw error;
  };
}

/** Disconnects the client once it takes nothing for so long. */
function cutOffSlowReader(raw: ServerResponse, timeoutMs: number): () => void {
  const cutOff = () => void raw.destroy();
  raw.once('timeout', cutOff);
  // The timeout of a socket starts anew with every byte that the client takes. It is another one
  // for the next request on the connection.
  raw.setTimeout(timeoutMs);
  return cutOff;
}

function featuresOf({ headers }: FastifyRequest): Record<string, string> {
  const wanted = FEATURE_HEADERS.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(
    wanted.filter((it): it is [(typeof it)[0], string] => typeof it[1] === 'string'),
  );
}

/** Which retry of its own a client says that this is, as the SDKs of Stainless do. */
function retryNumberOf({ headers }: FastifyRequest): number | undefined {
  const nth = headers['x-stainless-retry-count'];
  return typeof nth === 'string' && /^\d{1,3}$/.test(nth) ? Number(nth) : undefined;
}
