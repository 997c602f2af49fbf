/** Sends a request to a provider and parses its response as far as metering needs it. */
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import type { BlockPiece, ToolCallPiece } from '../core/tools.ts';
import { UNKNOWN_USAGE, type Usage } from '../core/usage.ts';
import type { Delta } from './catalogue.ts';
import { LimitPassed } from './limit-passed.ts';
import {
  EMPTY_CHUNK,
  type JsonObject,
  objectAt,
  type ParsedChunk,
  type ProviderApi,
} from './provider-apis/provider-api.ts';
import { setMembers } from './provider-apis/set-members.ts';
import { laterUsage, withLifetime } from './provider-apis/usage-dialects.ts';
import type { Attempts } from './provider-client/attempts.ts';
import type { ResponseBody } from './provider-client/exchange.ts';
import type { Provider, ProviderResponse } from './provider-client/provider.ts';
import { ProviderFailure } from './provider-client/provider-failure.ts';
import { refusalInPlaceOf, refusalWithin } from './provider-client/refusal.ts';
import type { RequestBody } from './request-body/request-body.ts';

/** The event that ends a stream of OpenAI's Chat Completions. */
const END: ParsedChunk = { ...EMPTY_CHUNK, isEnd: true };

const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/i;

/** A request in the format of a provider API. */
export interface ProviderApiRequest {
  readonly api: ProviderApi;
  readonly body: RequestBody;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one model is asked instead of what the client has asked for. */
interface ProviderOverrides {
  readonly model: string;
  readonly outputLimit: number;
  /** The limit of calls of tools that the provider runs, if the client has not set one. */
  readonly toolCalls?: number | undefined;
  /** Whether the request asks for writes to the cache that are kept for an hour. */
  readonly writesForHour?: boolean | undefined;
  readonly signal: AbortSignal;
  /** How often providers may still be asked in this turn. */
  readonly attempts?: Attempts | undefined;
}

/**
 * Asks a provider and yields its response: first the content type, then the bytes to relay, with
 * their text and usage. Events of a stream are relayed one by one with their data unchanged, except
 * for usage events that only exist because we asked for them. A stream that is aborted by
 * `LimitPassed` gets the end that its API has for that. Ends as soon as the signal aborts.
 * @throws ProviderFailure
 */
export function askProvider(
  provider: Provider,
  request: ProviderApiRequest,
  overrides: ProviderOverrides,
): AsyncIterableIterator<Delta> {
  return new Reply(provider, request, overrides);
}

/** The response to a request. Not a generator, which costs two promises more for each piece. */
class Reply implements AsyncIterableIterator<Delta> {
  readonly #beginning: AsyncGenerator<Delta>;
  #stream: StreamedReply | undefined;

  constructor(provider: Provider, request: ProviderApiRequest, overrides: ProviderOverrides) {
    this.#beginning = this.#begin(provider, request, overrides);
  }

  next(): Promise<IteratorResult<Delta>> {
    return this.#stream ? this.#stream.next() : this.#nextOfBeginning();
  }

  async return(): Promise<IteratorResult<Delta>> {
    this.#stream?.end();
    await this.#beginning.return(undefined);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #nextOfBeginning(): Promise<IteratorResult<Delta>> {
    const result = await this.#beginning.next();
    return result.done && this.#stream ? this.#stream.next() : result;
  }

  /** Yields the content type, and all of a response that comes whole. */
  async *#begin(
    provider: Provider,
    request: ProviderApiRequest,
    overrides: ProviderOverrides,
  ): AsyncGenerator<Delta> {
    const { api, body } = request;
    const likely = api.extent?.(body.value).likely;
    const { writesForHour = false } = overrides;
    const { contentType, chunks } = await post(provider, request, overrides);
    yield { contentType };
    // Where streams are not asked for, one is bytes like any others.
    if (!likely && contentType.startsWith('text/event-stream')) {
      this.#stream = new StreamedReply(provider, request, overrides, chunks);
      return;
    }
    const isJson = JSON_TYPE.test(contentType);
    try {
      if (likely && api.hasBytes === 'pieces' && !isJson) {
        for await (const bytes of chunks) {
          body.drop();
          yield { usage: likely, bytes, isPiece: true };
        }
        return;
      }
      const bytes = Buffer.concat(await Array.fromAsync(chunks));
      if (likely && api.hasBytes && !isJson) {
        body.drop();
        yield { usage: likely, bytes };
        return;
      }
      const json = parsed(bytes.toString('utf8'));
      const refusal = refusalInPlaceOf(json, provider.settings);
      if (refusal) throw refusal;
      const { text, nonReplyOutput, usage } = api.readResponse(json, likely ?? UNKNOWN_USAGE);
      // Not before: after a response that is unreadable a fallback is asked.
      body.drop();
      const told = usage && withLifetime(usage, writesForHour);
      yield { text, nonReplyOutput, ...(told ? { usage: told } : {}), bytes };
    } catch (cause) {
      throw provider.failureFrom(cause);
    }
  }
}

/** The deltas of a stream: one for each chunk, not event, since with many streams each counts. */
class StreamedReply {
  readonly #provider: Provider;
  readonly #body: RequestBody;
  readonly #signal: AbortSignal;
  readonly #chunks: ResponseBody;
  readonly #events: EventReader;
  readonly #onChange = () => this.#read();
  #waiting: PromiseWithResolvers<IteratorResult<Delta>> | undefined;
  #isOver = false;

  constructor(
    provider: Provider,
    { api, body }: ProviderApiRequest,
    { signal, writesForHour = false }: ProviderOverrides,
    chunks: ResponseBody,
  ) {
    const hidesUsage = objectAt(body.value, 'stream_options').include_usage !== true;
    const { answers } = api.wanted(body.value);
    this.#provider = provider;
    this.#body = body;
    this.#signal = signal;
    this.#chunks = chunks;
    this.#events = new EventReader(api, { hidesUsage, writesForHour, answers });
  }

  next(): Promise<IteratorResult<Delta>> {
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    const waiting = Promise.withResolvers<IteratorResult<Delta>>();
    this.#waiting = waiting;
    this.#read();
    return waiting.promise;
  }

  end(): void {
    this.#isOver = true;
    this.#chunks.return?.();
  }

  /** Settles what `next` waits for, once there is something to settle it with. */
  #read(): void {
    try {
      const result = this.#resultSoFar();
      if (result) this.#waiting?.resolve(result);
    } catch (cause) {
      this.end();
      const end = this.#events.endAtLimit(this.#signal.reason);
      if (end) this.#waiting?.resolve({ done: false, value: { end } });
      else this.#waiting?.reject(this.#provider.failureFrom(cause));
    }
  }

  /** @returns undefined if nothing has come that completes an event; `#onChange` is called then */
  #resultSoFar(): IteratorResult<Delta> | undefined {
    const events = this.#events;
    for (;;) {
      if (events.failure) throw events.failure;
      const chunk = this.#chunks.take(this.#onChange);
      if (!chunk && !this.#chunks.isRead) return undefined;
      const delta = chunk ? events.read(chunk) : events.end();
      // From its first event on, nobody else will be asked.
      if (delta?.bytes) this.#body.drop();
      if (delta) return { done: false, value: delta };
      if (chunk || events.failure) continue;
      this.#isOver = true;
      return { done: true, value: undefined };
    }
  }
}

/** A function of its own, since a generator would keep the whole body while it is suspended. */
function post(
  provider: Provider,
  { api, body, headers }: ProviderApiRequest,
  { model, outputLimit, toolCalls, signal, attempts }: ProviderOverrides,
): Promise<ProviderResponse> {
  const { kind, outputLimitName } = provider.settings;
  const to = { model, outputLimit, kind, outputLimitName, toolCalls };
  const members = api.overrides(body.value, to);
  const asked = {
    path: api.path,
    model,
    isStream: api.wanted(body.value).isStream,
    signal,
    attempts,
    ...(headers ? { headers } : {}),
  };
  const { form } = body;
  if (!form) return provider.post({ ...asked, body: setMembers(body.json, members) });
  return form
    .with(members)
    .then(({ parts, contentType }) => provider.post({ ...asked, body: parts, contentType }));
}

/** Parses a stream of server-sent events, chunk by chunk. */
class EventReader {
  readonly #api: ProviderApi;
  readonly #hidesUsage: boolean;
  readonly #writesForHour: boolean;
  readonly #decoder = new TextDecoder();
  readonly #events: (EventSourceMessage | { readonly comment: string })[] = [];
  readonly #parser: EventSourceParser;
  readonly #answers: number;
  #first: JsonObject | undefined;
  #last: JsonObject = {};
  #usage: Usage | undefined;
  /** Whether the event that ends the response has come. */
  #hasEnded = false;
  /** An error that the provider reported, or an event that could not be parsed. */
  failure: ProviderFailure | undefined;

  /** @param options `answers` is how many were requested */
  constructor(
    api: ProviderApi,
    options: {
      readonly hidesUsage: boolean;
      readonly writesForHour: boolean;
      readonly answers: number;
    },
  ) {
    this.#api = api;
    this.#answers = options.answers;
    this.#hidesUsage = options.hidesUsage;
    this.#writesForHour = options.writesForHour;
    this.#parser = createParser({
      onEvent: (event) => this.#events.push(event),
      onComment: (comment) => this.#events.push({ comment }),
    });
  }

  /** The events that are complete with this chunk; undefined if none are. */
  read(chunk: Uint8Array): Delta | undefined {
    return this.#read(this.#decoder.decode(chunk, { stream: true }));
  }

  /** An event that the end of the stream completes, since some providers end with no blank line. */
  end(): Delta | undefined {
    return this.#read(`${this.#decoder.decode()}\n\n`);
  }

  /** The end of a stream that was aborted since it passed its limit; undefined for others. */
  endAtLimit(reason: unknown): Buffer | undefined {
    const [first, last] = [this.#first, this.#last];
    if (!(reason instanceof LimitPassed) || !first || this.failure) return undefined;
    if (this.#hasEnded) return Buffer.from('');
    const { text, outputTokens } = reason;
    const answers = this.#answers;
    const events = this.#api.endAtLimit?.({ first, last, answers, text, outputTokens });
    return events && Buffer.from(events.map(cutEventText).join('') + this.#sentinel);
  }

  /** What follows the last event, in the APIs that have it. */
  get #sentinel(): string {
    return typeof this.#last.type === 'string' ? '' : 'data: [DONE]\n\n';
  }

  #read(received: string): Delta | undefined {
    this.#parser.feed(received);
    if (this.#events.length === 0) return undefined;
    let text = '';
    let nonReplyOutput = '';
    let toolCalls: ToolCallPiece[] | undefined;
    let blocks: BlockPiece[] | undefined;
    const relayed = { bytes: '', end: '' };
    const part = () => (this.#hasEnded ? 'end' : 'bytes');
    for (const event of this.#events) {
      if ('comment' in event) {
        relayed[part()] += `:${event.comment}\n\n`;
        continue;
      }
      const parsedEvent = this.#parse(event);
      // What a provider says of its operator's account is for nobody else.
      if (!parsedEvent || this.failure?.reason === 'operator') break;
      text += parsedEvent.text;
      nonReplyOutput += parsedEvent.nonReplyOutput;
      if (parsedEvent.toolCalls) toolCalls = [...(toolCalls ?? []), ...parsedEvent.toolCalls];
      if (parsedEvent.blocks) blocks = [...(blocks ?? []), ...parsedEvent.blocks];
      if (parsedEvent.usage) this.#usage = laterUsage(this.#usage, parsedEvent.usage);
      this.#hasEnded ||= parsedEvent.isEnd;
      if (!parsedEvent.isUsageOnly || !this.#hidesUsage) relayed[part()] += eventText(event);
      if (this.failure) break;
    }
    this.#events.length = 0;
    const usage = this.#usage && withLifetime(this.#usage, this.#writesForHour);
    return {
      text,
      nonReplyOutput,
      ...(toolCalls ? { toolCalls } : {}),
      ...(blocks ? { blocks } : {}),
      ...(usage ? { usage } : {}),
      ...(relayed.bytes === '' ? {} : { bytes: Buffer.from(relayed.bytes) }),
      ...(relayed.end === '' ? {} : { end: Buffer.from(relayed.end) }),
    };
  }

  /** Parses an event; undefined, with `failure` set, if that fails. Earlier events still count. */
  #parse({ data }: EventSourceMessage): ParsedChunk | undefined {
    if (data === '[DONE]') return END;
    try {
      const json = parsed(data);
      this.#first ??= json;
      if (json.type !== 'ping') this.#last = json;
      const event = this.#api.readEvent(json);
      if (event.failure !== undefined) this.failure = refusalWithin(json, event.failure);
      return event;
    } catch (failure) {
      this.failure = failure as ProviderFailure;
      return undefined;
    }
  }
}

/** Events with a type are named by it. */
function cutEventText(json: JsonObject): string {
  const event = typeof json.type === 'string' ? json.type : undefined;
  return eventText({ event, id: undefined, data: JSON.stringify(json) });
}

function eventText({ event, id, data }: EventSourceMessage): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${name}${idLine}${data.replaceAll(/^/gm, 'data: ')}\n\n`;
}

function parsed(json: string): JsonObject {
  try {
    return objectAt(JSON.parse(json));
  } catch (cause) {
    throw new ProviderFailure('unreadable', 'The response is not valid JSON.', { cause });
  }
}
