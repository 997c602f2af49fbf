/**
 * The APIs of AI providers on 127.0.0.1, written from what the providers publish of them. It does
 * what it is told (`Behaviour`) and remembers what it was asked.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Answer, FAILURE, JSON_TYPE, sendStream, sendWhole, turn } from './answer.ts';
import { anthropicCount, anthropicError, anthropicMessages } from './anthropic.ts';
import { type Behaviour, type Refusal, replyTo, type TokenCounts } from './behaviour.ts';
import { anthropicModels, openAiEmbeddings, openAiModels } from './lists.ts';
import { MEDIA } from './media.ts';
import { openAiChat, openAiError } from './openai-chat.ts';
import { openAiCompletions } from './openai-completions.ts';
import { openAiResponses } from './openai-responses.ts';
import { type RecordedRequest, RequestLog } from './requests.ts';
import { objectIn, Refused, type Wire } from './shared-shapes.ts';

/** A behaviour, or one for each request. */
export type Rule = Behaviour | ((request: RecordedRequest) => Behaviour);

/** An emulated provider. */
export interface ProviderEmulator {
  /** Without a slash at the end and without `/v1`. */
  readonly url: string;
  /** Received requests in order, each once its body is complete. */
  readonly requests: readonly RecordedRequest[];
  /** Open connections. */
  readonly openConnections: number;
  /** All connections so far. */
  readonly connectionsSoFar: number;
  /** Sets how requests are answered from now on. */
  behave(rule: Rule): void;
  /** Sets how the next requests are answered, one rule each, before what `behave` says. */
  behaveNext(...rules: Rule[]): void;
  /** Resolves with so many requests as soon as they came, those of before included. */
  waitForRequests(count: number): Promise<readonly RecordedRequest[]>;
  /** Clears requests and behaviours. */
  reset(): void;
  /** Closes at once, aborting open responses. */
  close(): Promise<void>;
}

export interface EmulatorOptions {
  /** The key that requests must bring, each wire in its own header; undefined: any or none. */
  readonly key?: string;
  /** What GET /v1/models lists. */
  readonly models?: readonly string[];
  /** False drops each request once it is answered, for long runs. */
  readonly remembers?: boolean;
  /** Called when an answer with its usage was sent whole, to somebody who is still there. */
  readonly onTold?: (request: RecordedRequest, counts: TokenCounts) => void;
}

const WIRES: Readonly<Record<string, Wire>> = {
  '/v1/chat/completions': openAiChat,
  '/v1/completions': openAiCompletions,
  '/v1/responses': openAiResponses,
  '/v1/messages': anthropicMessages,
};
const MODELS = ['emulated-small', 'emulated-large'];

/** Starts an emulated provider on a free port. */
export async function startProviderEmulator(
  options: EmulatorOptions = {},
): Promise<ProviderEmulator> {
  let standing: Rule = {};
  let queue: Rule[] = [];
  let connectionsSoFar = 0;
  let openConnections = 0;
  let isClosing = false;
  const log = new RequestLog(options.remembers ?? true);

  const server = createServer((incoming, response) => {
    log.receive(incoming, response, (request) => {
      const rule = queue.shift() ?? standing;
      const behaviour = typeof rule === 'function' ? rule(request) : rule;
      const answer = new Answer(response, behaviour, `req_${log.received}`);
      response.on('close', () => log.noteEnd(request, response, answer.isCut || isClosing));
      void answerTo({ request, answer, behaviour, options, requestId: `req_${log.received}` });
    });
  });
  // Keep-alive connections are closed only by tests that want that.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    connectionsSoFar += 1;
    openConnections += 1;
    socket.once('close', () => {
      openConnections -= 1;
    });
  });
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: log.requests,
    get openConnections() {
      return openConnections;
    },
    get connectionsSoFar() {
      return connectionsSoFar;
    },
    behave(rule) {
      standing = rule;
    },
    behaveNext(...rules) {
      queue.push(...rules);
    },
    waitForRequests: (count) => log.waitFor(count),
    reset() {
      standing = {};
      queue = [];
      log.clear();
    },
    async close() {
      isClosing = true;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      // The last sockets say that they are closed only after the server did.
      while (openConnections > 0) await turn();
    },
  };
}

interface Exchange {
  readonly request: RecordedRequest;
  readonly answer: Answer;
  readonly behaviour: Behaviour;
  readonly options: EmulatorOptions;
  readonly requestId: string;
}

async function answerTo(exchange: Exchange): Promise<void> {
  const { answer, behaviour } = exchange;
  await answer.pause(behaviour.headDelayMs ?? 0);
  if (answer.isClosed) return;
  const { fault, refuse: refusal } = behaviour;
  const isBeforeHead = fault !== undefined && fault.afterChunks === undefined;
  if (isBeforeHead && fault.kind === 'hang') return;
  if (isBeforeHead && fault.kind === 'cut') return answer.cut();
  if (refusal) return refuse(exchange, refusal);
  if (behaviour.raw) return answer.sendRaw(behaviour.raw);
  try {
    await route(exchange);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refuse(exchange, { status: error.status, message: error.message });
  }
}

async function route(exchange: Exchange): Promise<void> {
  const { request, answer, behaviour, options } = exchange;
  checkKey(exchange);
  const { method, path } = request;
  const models = options.models ?? MODELS;
  if (method === 'GET' && path === '/v1/models') {
    const isAnthropic = isAnthropicRequest(request);
    return sendJson(answer, isAnthropic ? anthropicModels(models) : openAiModels(models));
  }
  if (method !== 'POST') throw new Refused(404, `Invalid URL (${method} ${path})`);
  const media = MEDIA[path];
  if (media) {
    const { type = JSON_TYPE, body: made } = await media(request, behaviour);
    return answer.send(200, type, made instanceof Buffer ? made : JSON.stringify(made));
  }
  if (typeof request.json !== 'object' || request.json === null) {
    throw new Refused(400, 'We could not parse the JSON body of your request.');
  }
  const body = objectIn(request.json);
  if (path === '/v1/embeddings') return sendJson(answer, openAiEmbeddings(body, behaviour));
  if (path === '/v1/messages/count_tokens') return sendJson(answer, anthropicCount(body));
  const wire = WIRES[path];
  if (!wire) throw new Refused(404, `Invalid URL (${method} ${path})`);
  await generate(exchange, wire);
}

async function generate(exchange: Exchange, wire: Wire): Promise<void> {
  const { request, answer, behaviour, options } = exchange;
  const asked = wire.read(objectIn(request.json), request.headers);
  const reply = replyTo(asked, behaviour);
  // Without a stream there are no events: the failure is a status.
  if (!asked.isStream && behaviour.fault?.kind.endsWith('event')) throw new Refused(500, FAILURE);
  await (asked.isStream
    ? sendStream(answer, wire.stream(reply), reply, behaviour, request)
    : sendWhole(answer, wire, reply, behaviour));
  const { counts } = reply;
  if (counts && !behaviour.fault && !answer.isClosed) options.onTold?.(request, counts);
}

function checkKey({ request, options }: Exchange): void {
  if (options.key === undefined) return;
  const { headers } = request;
  const given = isAnthropicRequest(request) ? headers['x-api-key'] : bearerOf(headers);
  if (given !== options.key) throw new Refused(401, 'Incorrect API key provided.');
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
}

function isAnthropicRequest({ path, headers }: RecordedRequest): boolean {
  return path.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined;
}

function sendJson(answer: Answer, body: unknown): void {
  answer.send(200, JSON_TYPE, JSON.stringify(body));
}

/** Refuses in the error format of the requested API. */
function refuse({ request, answer, requestId }: Exchange, refusal: Refusal): void {
  const { status, retryAfter, isHtml = false, message = `Refused with ${status}.` } = refusal;
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  if (refusal.rawBody !== undefined) {
    answer.send(status, JSON_TYPE, refusal.rawBody, headers);
    return;
  }
  if (isHtml) {
    const page = `<html><head><title>${status}</title></head><body>${message}</body></html>`;
    answer.send(status, 'text/html', page, headers);
    return;
  }
  const body = isAnthropicRequest(request)
    ? anthropicError(status, message, requestId)
    : openAiError(status, message);
  answer.send(status, JSON_TYPE, JSON.stringify(body), headers);
}
